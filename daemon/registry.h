/* SPDX-License-Identifier: MIT */
/*
 * All that ashmemd serves: the regions, by the numbers of their files, and the
 * clients.
 */
#ifndef ASHMEM_DAEMON_REGISTRY_H
#define ASHMEM_DAEMON_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client.h"
#include "pincache.h"
#include "region.h"
#include "settings.h"

/**
 * struct purge_counts - what has been purged for one reason
 * @purges:      how often
 * @pages:       how many
 * @nanoseconds: that it took
 */
struct purge_counts {
	uint64_t purges;
	uint64_t pages;
	uint64_t nanoseconds;
};

/**
 * struct registry - see above
 * @settings:     the limits are in force for what comes
 * @buckets:      of regions, a power of two of them
 * @bucket_count: how many
 * @region_count: how many regions there are
 * @region_limit: what the descriptors of this process allow
 * @clients:      a list
 * @client_count: how many have said hello: who only looks is none of those that
 *                it is here for
 * @watchers:     of these, those who are told of events
 * @marked:       regions that may have purged pages; see tidy.h
 * @pass:         of the last purge
 * @watched:      attachments that end with a descriptor
 * @cache:        of mapped pin maps
 * @for_pressure: what was purged because memory was tight
 * @for_request:  what was purged because somebody asked for it
 * @machine:      it serves all users
 */
struct registry {
	const struct settings *settings;
	struct region **buckets;
	size_t bucket_count;
	size_t region_count;
	size_t region_limit;
	TAILQ_HEAD(, client) clients;
	TAILQ_HEAD(, client) watchers;
	size_t client_count;
	TAILQ_HEAD(, region) marked;
	uint32_t pass;
	size_t watched;
	struct pincache cache;
	struct purge_counts for_pressure;
	struct purge_counts for_request;
	bool machine;
};

/* Returns false with errno ENOMEM. */
bool registry_start(struct registry *registry, const struct settings *settings,
		    bool machine);

/* Once there are no clients. */
void registry_end(struct registry *registry);

struct region *registry_find(const struct registry *registry, dev_t dev,
			     ino_t ino);

/**
 * registry_attach - attaches a client to a region
 * @attachment: filled in but for its region and number; what it says of the
 *              client was checked. Zeroed but for these. It belongs to the
 *              registry if this succeeds
 * @brought:    a pin map's descriptor, still the caller's; -1 for none
 *
 * Returns 0 or a number of errno, as WIRE_ATTACH has them.
 */
int registry_attach(struct registry *registry, struct attachment *attachment,
		    const struct region_file *file, int brought);

/* For one that is attached already: its process can write from now on. */
int registry_upgrade(struct registry *registry, struct region *region,
		     const struct region_file *file);

/* Some pages of a region were purged, or none: notes it where it matters. */
void registry_purged(struct registry *registry, struct region *region,
		     uint64_t pages);

/* Takes an attachment from its region, which is closed with its last. */
void registry_detach(struct registry *registry, struct attachment *attachment);

#endif /* ASHMEM_DAEMON_REGISTRY_H */
