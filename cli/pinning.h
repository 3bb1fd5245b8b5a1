/* SPDX-License-Identifier: MIT */
/*
 * What pin and unpin share. The pin state belongs to the region, so what they
 * change stays. On the portable engine that needs somebody else who is attached
 * to it: with the last one goes the pin map, and all is pinned again. Where
 * there is nobody, nothing is done, and it is said.
 */
#ifndef ASHMEM_CLI_PINNING_H
#define ASHMEM_CLI_PINNING_H

#include <stdbool.h>

#include "range.h"

/* Does it; returns an enum status. @force is an option of pin alone. */
typedef int pinning_fn(const struct found *found, struct ashmem_region *region,
		       const struct range *range, bool force);

/* Reads the command line, finds the region, and has it done. */
int pinning_run(int count, char **arguments, pinning_fn *change);

/* Complains by errno, as ashmem_region_pin() sets it. Returns an enum status.
 * */
int pinning_failed(const struct found *found);

#endif /* ASHMEM_CLI_PINNING_H */
