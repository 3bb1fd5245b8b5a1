/* SPDX-License-Identifier: MIT */
/*
 * Telling those who watch what happens to regions (WIRE_WATCH).
 *
 * What is told is not kept: an event that does not go into a watcher's socket
 * at once is counted as lost for it. So none can slow ashmemd, nor take its
 * memory.
 */
#ifndef ASHMEM_DAEMON_EVENT_H
#define ASHMEM_DAEMON_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "listing.h"

struct client;
struct region;
struct registry;

/* Who may know of a region: see wire.h. */
bool event_is_for(const struct registry *registry, const struct client *client,
		  const struct region *region);

/* From here on it is told. Returns 0, or a number of errno as WIRE_WATCH. */
int event_subscribe(struct client *client);
void event_unsubscribe(struct client *client);

/* Tells all who may know; @pages are those that were purged, or 0. The region
 * is one that somebody is attached to. */
void event_tell(struct registry *registry, const struct region *region,
		enum listing_kind kind, const struct client *whose,
		uint64_t pages);

/* There is room again in the socket of one that has lost some. */
void event_go_on(struct client *client);

#endif /* ASHMEM_DAEMON_EVENT_H */
