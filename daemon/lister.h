/* SPDX-License-Identifier: MIT */
/*
 * Telling those who only look which regions there are (WIRE_LIST, WIRE_LOOK).
 *
 * Nothing is kept between two requests: the cursor says where the listing goes
 * on, also if the table of regions has grown meanwhile. A reply looks at a
 * limited part of the table, so none takes long. The states of pages are for
 * whoever looks to count: it is given the pin map, to be read only.
 */
#ifndef ASHMEM_DAEMON_LISTER_H
#define ASHMEM_DAEMON_LISTER_H

#include <stdint.h>

#include "listing.h"

struct client;
struct region;

/* Fills in what follows @cursor of what the client may know; all of @listing
 * but its type and error. */
void lister_fill(const struct client *client, uint64_t cursor,
		 struct listing *listing);

/* A descriptor of a region's pin map that can only be read, the caller's to
 * close; or a negative number of errno. */
int lister_pins(const struct client *client, uint64_t device, uint64_t inode);

#endif /* ASHMEM_DAEMON_LISTER_H */
