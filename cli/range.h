/* SPDX-License-Identifier: MIT */
/* A run of bytes of a region, as the verbs are told it: --offset, --length. */
#ifndef ASHMEM_CLI_RANGE_H
#define ASHMEM_CLI_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "found.h"

#define RANGE_LETTERS	"l:o:"
#define RANGE_OPTIONS \
	{ "length", required_argument, NULL, 'l' }, \
	{ "offset", required_argument, NULL, 'o' }

#define RANGE_HELP \
"  -l, --length LENGTH  how many bytes; all up to the end if it is not said\n" \
"  -o, --offset OFFSET  from which byte on; from the start if it is not said\n"

/**
 * struct range - see above
 * @offset: in bytes
 * @length: in bytes; 0 for all up to the end, until range_check() sets it
 */
struct range {
	uint64_t offset;
	uint64_t length;
};

/* Takes up an option, o or l. Returns STATUS_DONE, or STATUS_USAGE having
 * complained. */
int range_option(struct range *range, int option, const char *value);

/* Does it lie in the region, and consist of pages if it has to? Returns
 * STATUS_DONE with a length, or STATUS_USAGE having complained. */
int range_check(struct range *range, const struct found *found, bool of_pages);

#endif /* ASHMEM_CLI_RANGE_H */
