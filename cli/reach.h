/* SPDX-License-Identifier: MIT */
/* Getting at a region that was found, by way of those who have it. */
#ifndef ASHMEM_CLI_REACH_H
#define ASHMEM_CLI_REACH_H

#include "found.h"

/* A descriptor of a memfd, of an open file of its own, with the flags of
 * open(2). Returns -1 with errno set: EACCES or EPERM, ENOENT if nobody has one
 * any more. */
int reach_memfd(const struct found *found, int flags);

/**
 * reach_open - a descriptor of a region
 * @flags: O_RDONLY or O_RDWR. On the device it is the one of some process, with
 *         its file offset
 *
 * Returns a descriptor that is closed on exec; or -1 as reach_memfd(), having
 * complained.
 */
int reach_open(const struct found *found, int flags);

/* Likewise for the library. Returns an enum status, having complained. */
int reach_region(const struct found *found, int flags,
		 struct ashmem_region **region);

#endif /* ASHMEM_CLI_REACH_H */
