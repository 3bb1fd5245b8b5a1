/* SPDX-License-Identifier: MIT */
/*
 * A region as ashmemd knows it, and who is attached to it.
 *
 * The region's own descriptor carries the claim (lib/locks.h); that of the pin
 * map is what clients get. Both are closed when the last attachment ends, so
 * ashmemd never keeps memory alive.
 */
#ifndef ASHMEM_DAEMON_REGION_H
#define ASHMEM_DAEMON_REGION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "pinmap.h"

struct client;

/**
 * struct attachment - one process at one region
 * @next:     of the same region
 * @hold_map: offset in the client's process map; 0 for none
 * @slot:     in the client's process map
 * @number:   of its locks
 * @watch:    a descriptor's number in the process, or -1
 * @writable: it can write the region, and has a pin map that it can write
 */
struct attachment {
	struct region *region;
	struct client *client;
	struct attachment *next;
	uint64_t hold_map;
	uint32_t slot;
	uint32_t number;
	int32_t watch;
	bool writable;
};

/**
 * struct region - see above
 * @chain:       the next in the registry's bucket
 * @used:        in the order in which pin maps were used; see pincache.h
 * @marked:      in the list of those that may have purged pages; see tidy.h
 * @attachments: a list, never empty for long
 * @memory:      the pin map, while it is mapped
 * @purged:      how many pages were purged since it was opened
 * @oldest:      nothing was unpinned before, in nanoseconds; 0 if nothing is,
 *               but what the attachments' slots say
 * @fd:          of the region's file, nobody else's description
 * @pins:        of the pin map's file
 * @last_number: given to an attachment
 * @pass:        of which purge it was seen last
 * @writable:    @fd can be written, and the claim is exclusive
 * @sealed:      the kernel refuses to punch holes
 * @awaited:     some who hold pages have not come back to this ashmemd
 * @is_marked:   it is on that list
 * @noted:       its file says that pages were purged; see lib/loss.h
 */
struct region {
	struct region *chain;
	TAILQ_ENTRY(region) used;
	TAILQ_ENTRY(region) marked;
	struct attachment *attachments;
	void *memory;
	dev_t dev;
	ino_t ino;
	uint64_t pages;
	uint64_t purged;
	uint64_t oldest;
	int fd;
	int pins;
	uint32_t last_number;
	uint32_t pass;
	bool writable : 1;
	bool sealed : 1;
	bool awaited : 1;
	bool is_marked : 1;
	bool noted : 1;
};

/**
 * struct region_file - what a descriptor that somebody sent turned out to be
 * @fd:       still its sender's, as it were
 * @writable: by means of this descriptor
 * @sealed:   against writing
 */
struct region_file {
	int fd;
	dev_t dev;
	ino_t ino;
	uint64_t pages;
	bool writable;
	bool sealed;
};

/* In bytes. */
uint32_t region_page_size(void);

/* Looks at a descriptor. Returns 0, or a number of errno: EINVAL for what is no
 * region, EFBIG. */
int region_examine(struct region_file *file, int fd);

/**
 * region_open - takes a region over
 * @region:  all zero; is given the region, without attachments
 * @brought: a pin map's descriptor, still the caller's; -1 for none
 *
 * Returns 0, or a number of errno, and then @region is as it was: EBUSY somebody
 * else has the claim, perhaps only for a moment, EAGAIN others know a pin map,
 * EACCES, ENFILE, ENOMEM.
 */
int region_open(struct region *region, const struct region_file *file,
		int brought);

/* Closes it, and so drops the claim. The pin map is unmapped before. */
void region_close(struct region *region);

/**
 * region_upgrade - makes a region that was seen read-only one to write
 *
 * Returns 0, or a number of errno: EBUSY, and all is as before; ESTALE the
 * claim was lost, and the region has to be given up.
 */
int region_upgrade(struct region *region, const struct region_file *file);

/* Is this descriptor the region's pin map? */
bool region_has_pins(const struct region *region, int fd);

/* A number that no attachment has, nor had and still has locks of; 0 if none
 * is found. */
uint32_t region_new_number(struct region *region);

/* The attachment of that number, or NULL. */
struct attachment *region_find(const struct region *region, uint32_t number);

/* May its pages be purged? Not while holders are awaited. */
bool region_may_purge(struct region *region);

#endif /* ASHMEM_DAEMON_REGION_H */
