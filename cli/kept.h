/* SPDX-License-Identifier: MIT */
/* Making a region, and handing it to a program that this process becomes. */
#ifndef ASHMEM_CLI_KEPT_H
#define ASHMEM_CLI_KEPT_H

#include <ashmem.h>
#include <stdint.h>

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

/* Takes up an option of those who make regions: n, s or f. Returns STATUS_DONE,
 * or STATUS_USAGE having complained. */
int kept_option(struct kept *kept, int option, const char *value);

/* Makes it. Returns an enum status; complains. */
int kept_make(const struct kept *kept, struct ashmem_region **region);

/* Becomes a program that inherits the region's descriptor. Returns only if that
 * fails, STATUS_NOT_RUN or STATUS_NOT_FOUND; complains. */
int kept_become(struct ashmem_region *region, char **arguments);

#endif /* ASHMEM_CLI_KEPT_H */
