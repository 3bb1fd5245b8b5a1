/* SPDX-License-Identifier: MIT */
/* What /proc/self/maps says of a mapping. */
#ifndef ASHMEM_TESTS_CONFORMANCE_MAPS_H
#define ASHMEM_TESTS_CONFORMANCE_MAPS_H

/**
 * struct maps_line - a line of /proc/PID/maps
 * @start, @end: addresses
 * @prot:        "rwxs", with '-' for what is missing, 'p' if it is private
 * @inode:       of the mapped file
 * @path:        its name, as it is printed
 */
struct maps_line {
	unsigned long start;
	unsigned long end;
	char prot[5];
	unsigned long long inode;
	char path[1200];
};

struct maps_line maps_find(const void *at);

#endif /* ASHMEM_TESTS_CONFORMANCE_MAPS_H */
