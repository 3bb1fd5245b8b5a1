/* SPDX-License-Identifier: MIT */
/* Purging what was unpinned longest ago, whichever region it is in. */
#ifndef ASHMEM_DAEMON_PURGE_H
#define ASHMEM_DAEMON_PURGE_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct registry;

/* Is this one of the clients whose regions are meant? */
typedef bool purge_scope_fn(void *context, const struct client *client);

/**
 * purge - frees about so many bytes
 * @in_scope: NULL for all clients
 * @bytes:    to be freed
 *
 * Least recently unpinned first, across all regions that have an attachment in
 * scope. Takes some 10 ms at most, twice that if it finds nothing, and may so
 * stop early: there may be more, whatever it returns.
 *
 * Returns the bytes of memory that were really given back: pages that had none
 * are purged as well, and do not count.
 */
uint64_t purge(struct registry *registry, purge_scope_fn *in_scope,
	       void *context, uint64_t bytes);

#endif /* ASHMEM_DAEMON_PURGE_H */
