/* SPDX-License-Identifier: MIT */
/* The name of a memfd, which stands in what /proc says of its descriptors. */
#ifndef ASHMEM_LIB_MEMFDNAME_H
#define ASHMEM_LIB_MEMFDNAME_H

#include <stdbool.h>

/* All that the kernel takes, and a terminating NUL, in a round number. */
#define MEMFD_NAME_MAX		249
#define MEMFD_NAME_LEN		256

/* The longest that a link of /proc can be, with its NUL. */
#define MEMFD_LINK_LEN		(MEMFD_NAME_LEN + 32)

/* Takes the name out of what a link of /proc/PID/fd, or a line of
 * /proc/PID/maps, calls the file. Returns false if that is no memfd. */
bool memfd_name_in(const char *link, char name[MEMFD_NAME_LEN]);

/* Gives the name of a descriptor of this process. Returns 0, or -1 with errno
 * EINVAL if it is no memfd, or as readlink(2). */
int memfd_name_of(int fd, char name[MEMFD_NAME_LEN]);

#endif /* ASHMEM_LIB_MEMFDNAME_H */
