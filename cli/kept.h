/* SPDX-License-Identifier: MIT */
/* Making a region, and handing it to a program that this process becomes. */
#ifndef ASHMEM_CLI_KEPT_H
#define ASHMEM_CLI_KEPT_H

#include <ashmem.h>
#include <getopt.h>
#include <stdint.h>

/* The options of those who make regions, for kept_option(). Whatever follows
 * the first operand is a program's. */
#define KEPT_LETTERS	"+n:s:f:"
#define KEPT_OPTIONS \
	{ "name", required_argument, NULL, 'n' }, \
	{ "size", required_argument, NULL, 's' }, \
	{ "file", required_argument, NULL, 'f' }

/**
 * struct kept - what a region is to be like
 * @name: NULL for the default
 * @size: in bytes; 0 for that of the file
 * @file: whose content it gets; NULL for none
 */
struct kept {
	const char *name;
	uint64_t size;
	const char *file;
};

/* Takes up one of KEPT_OPTIONS. Returns STATUS_DONE, or STATUS_USAGE having
 * complained. */
int kept_option(struct kept *kept, int option, const char *value);

/* Makes it. Returns an enum status; complains. */
int kept_make(const struct kept *kept, struct ashmem_region **region);

/* Becomes a program that inherits the region's descriptor. Returns only if that
 * fails, STATUS_NOT_RUN or STATUS_NOT_FOUND; complains. */
int kept_become(struct ashmem_region *region, char **arguments);

#endif /* ASHMEM_CLI_KEPT_H */
