/* SPDX-License-Identifier: MIT */
/*
 * Who has what to say about a region, as record locks on its memfd, far past
 * its end.
 *
 * A lock on the file is seen by every process that has the region, whatever
 * namespace or container it is in, and goes away with who took it, however that
 * one ends. So nothing that has to be true after a SIGKILL stands anywhere
 * else.
 *
 *   LOCK_CLAIM     locked for writing by the one ashmemd that serves the region
 *                  (for reading if all that it was sent are read-only
 *                  descriptors), and, while no ashmemd can be reached, for
 *                  reading by every process that pins on its own account.
 *   LOCK_MODE      locked for writing by who changes the file's mode. A lock for
 *                  reading says nothing: anybody with a read-only descriptor
 *                  can have one, so the mode is changed in spite of it.
 *   LOCK_ATTACHED  + an attachment's number: locked for reading by the process
 *                  that has mapped the region's pin map.
 *   LOCK_HOLDER    + the same number: locked for reading by that process too,
 *                  once it has taken a hold.
 *   LOCK_PINS      + the number of the pin map's file: locked for reading by
 *                  that process as well, so that no other pin map is believed.
 *
 * All are locks of an open file description (F_OFD_SETLK), on a description
 * that the locker has made for itself by opening /proc/self/fd/N again and
 * gives to nobody: the one that came with the descriptor is shared with whoever
 * sent it. A lock of the process (F_SETLK) would be dropped as soon as that
 * process closes any descriptor of the file. One exception: who pins without
 * ashmemd through a descriptor that its user may close at any time has the claim
 * on that one, and never drops it.
 *
 * A new ashmemd that is asked about a region with LOCK_ATTACHED locks and does
 * not know its pin map has to wait until one of these processes brings it:
 * anything else would be a second map. So would be one that the region had
 * before: a forked child may have it still, whose parent has let go of it. And
 * while there is a LOCK_HOLDER whose process has not come back it does not
 * purge.
 */
#ifndef ASHMEM_LIB_LOCKS_H
#define ASHMEM_LIB_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

#define LOCK_BASE		(INT64_C(1) << 62)
#define LOCK_CLAIM		LOCK_BASE
#define LOCK_MODE		(LOCK_BASE + 1)
#define LOCK_ATTACHED		(LOCK_BASE + (INT64_C(1) << 33))
#define LOCK_HOLDER		(LOCK_BASE + (INT64_C(1) << 34))
#define LOCK_PINS		(LOCK_BASE + (INT64_C(1) << 35))

/* Attachments are numbered from 1 on. */
#define LOCK_MAX_ATTACHMENT	UINT32_MAX

/* As many bytes are for pin maps. */
#define LOCK_PINS_END		(LOCK_PINS + (INT64_C(1) << 32))

/**
 * locks_open - opens a region's file anew, for locks
 * @fd:    any descriptor of it
 * @flags: O_RDWR or O_RDONLY
 *
 * Returns a descriptor with an open file description of its own, closed on
 * exec, or -1 with errno set: EACCES if the file's mode does not allow it,
 * ENOENT without /proc.
 */
int locks_open(int fd, int flags);

/* The byte from LOCK_PINS on for the pin map of this descriptor, or -1 with
 * errno set. */
int64_t locks_byte_of_pins(int pins);

/* Locks one byte, for writing (@exclusive, needs O_RDWR) or for reading.
 * Returns 0, or -1 with errno EAGAIN if somebody else has it. */
int locks_take(int fd, int64_t byte, bool exclusive);

int locks_drop(int fd, int64_t byte);

/* Has somebody else locked this byte for reading? */
bool locks_is_read(int fd, int64_t byte);

/* Anybody who has the region can lock as many bytes as they like. */
#define LOCKS_MAX_VISITS	4096

/* Told a byte that is locked. Returns false to hear of no more. */
typedef bool locks_visit_fn(void *context, int64_t byte);

/**
 * locks_each - visits every byte in [byte, end) that somebody else has locked,
 * for reading or for writing, in no order
 *
 * Returns 0, also if @visit had enough, or -1 with errno set: E2BIG if more than
 * LOCKS_MAX_VISITS are locked.
 */
int locks_each(int fd, int64_t byte, int64_t end, locks_visit_fn *visit,
	       void *context);

#endif /* ASHMEM_LIB_LOCKS_H */
