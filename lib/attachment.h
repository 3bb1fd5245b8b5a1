/* SPDX-License-Identifier: MIT */
/*
 * A region of the portable engine, attached to its pin map.
 *
 * Made when the region is first pinned, unpinned, held or asked about. Usually
 * ashmemd has given the pin map. Where none can be reached, the process keeps
 * one of its own, in which nothing is ever purged, and sees to it that nobody
 * else serves the region (lib/locks.h).
 */
#ifndef ASHMEM_LIB_ATTACHMENT_H
#define ASHMEM_LIB_ATTACHMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "connection.h"
#include "holdmap.h"
#include "pinmap.h"

/**
 * struct attached - one pin map
 * @map:        as this process sees it
 * @slot:       in the process map, or of no use
 * @holds:      the hold map, NULL before the first hold
 * @generation: of the connection over which it was attached; 0 if it is not
 *
 * The others are looked at under the connection's lock only.
 *
 * @bytes:      of @map's memory
 * @map_fd:     the pin map, or -1 if it is the process's own
 * @lock_fd:    has the locks, or -1
 * @number:     of the attachment, at ashmemd
 * @locked:     the number whose locks this process has, 0 if it has none; one
 *              that an earlier ashmemd gave, until those of @number are taken
 * @inherited: it is a parent's, and no lock can have kept it the region's, so
 *             it is not brought to ashmemd
 * @slot_number: of @slot, or -1
 * @hold_map:   of @holds in the process map, 0 if none
 * @retired:    the one before, which somebody may still be looking at
 */
struct attached {
	struct pinmap map;
	_Atomic uint64_t *slot;
	holdmap_word *_Atomic holds;
	_Atomic uint32_t generation;

	size_t bytes;
	int map_fd;
	int lock_fd;
	uint32_t number;
	uint32_t locked;
	bool inherited;
	int64_t slot_number;
	uint64_t hold_map;
	struct attached *retired;
};

/**
 * struct attachment - of one region, zero but for what attachment_init() sets
 * @now:      NULL before it is attached
 * @pages:    of the region
 * @writable: can the region's descriptor write?
 * @borrowed: the descriptor's number, if it is the user's, who may close it at
 *            any time; -1 if it is the library's
 * @fd:       the region's, to attach it again; -1 if it is borrowed
 * @previous: in the list of all attachments, with @next
 */
struct attachment {
	_Atomic(struct attached *) now;
	uint64_t pages;
	bool writable;
	int borrowed;
	int fd;
	struct attachment *previous;
	struct attachment *next;
};

/* If so, all that was set when it was attached last can be seen. */
static inline bool attached_is_current(const struct attached *now)
{
	return connection_is_current(
		atomic_load_explicit(&now->generation, memory_order_acquire));
}

/* For one that is all zero; others may be looking at @now. @borrowed tells
 * whether @fd may be closed by others. */
void attachment_init(struct attachment *attachment, int fd, bool borrowed,
		     uint64_t pages, bool writable);

/* The region was sealed against writing, and cannot be purged any more. */
void attachment_seal(struct attachment *attachment);

/* Ends it. Nobody uses it any more. */
void attachment_end(struct attachment *attachment);

/**
 * attachment_renew - attaches, or attaches again
 * @fd: the region's
 *
 * Returns the pin map to use; or NULL with errno set when none can be used
 * truthfully, see ashmem_region_pin().
 */
struct attached *attachment_renew(struct attachment *attachment, int fd);

/* As connection_make(), with the connection's lock held. To an ashmemd that is
 * not the one before it brings what the process was attached to, as far as it
 * can. */
uint32_t attachment_connect(void);

/* The pin map to use. No system call if it is attached already. */
static inline struct attached *attachment_get(struct attachment *attachment,
					      int fd)
{
	struct attached *now = atomic_load_explicit(&attachment->now,
						    memory_order_acquire);

	if (__builtin_expect(now && attached_is_current(now), true))
		return now;
	return attachment_renew(attachment, fd);
}

/**
 * attachment_make_holds - the hold map, which is made if it is not there
 * @now: the pin map to use; set to another one if that is to be used now
 *
 * Returns NULL with errno ENOMEM; EBUSY if an ashmemd serves the region that
 * cannot be told of holds; or as attachment_renew().
 */
holdmap_word *attachment_make_holds(struct attachment *attachment,
				    struct attached **now, int fd);

/**
 * struct attachment_wait - the context of attachment_wait()
 * @attachment: of the region
 * @now:        the pin map that is waited on
 * @fd:         the region's
 * @tries:      0
 */
struct attachment_wait {
	struct attachment *attachment;
	struct attached *now;
	int fd;
	unsigned int tries;
};

/* A pinmap_wait_fn. If ashmemd died while it purged, then a new one ends the
 * purge, or, where there is none, this does. */
bool attachment_wait(void *context, _Atomic uint32_t *purging, uint32_t seen);

#endif /* ASHMEM_LIB_ATTACHMENT_H */
