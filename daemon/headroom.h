/* SPDX-License-Identifier: MIT */
/*
 * How much room to keep below a limit, and when to look again.
 *
 * Nothing warns before a limit is reached: whoever asks for memory there is
 * killed. So there must always be as much room as the fastest growth seen
 * lately can eat until this daemon has looked once more and answered. The less
 * room, the sooner the next look; so the room that is needed shrinks as well,
 * and a purge begins only when it is really close.
 *
 * Nothing here reads anything, the clock included.
 */
#ifndef ASHMEM_DAEMON_HEADROOM_H
#define ASHMEM_DAEMON_HEADROOM_H

#include <stdbool.h>
#include <stdint.h>

/* All times are in microseconds. */
#define HEADROOM_SOONEST	UINT64_C(2000)
#define HEADROOM_LATEST		UINT64_C(1000000)
/* From the time when a look is due until the first pages are free. */
#define HEADROOM_REACTION	UINT64_C(20000)
/* How long it takes until the fastest growth, and the latest look, that were
 * seen count nothing any more; half as long until they count half. */
#define HEADROOM_MEMORY		UINT64_C(20000000)

/**
 * struct headroom - what was seen of one limit; all 0 at the beginning
 * @begun:    there was a sample
 * @short_of: room got short, and has not been restored
 * @time:     of the last sample
 * @used:     at that time, in bytes
 * @grown:    bytes since the growth was last worked out; less than 0 if it
 *            shrank
 * @watched:  time that @grown took
 * @fastest:  growth in bytes per second, as of @fastest_at
 * @fastest_at: when it was seen
 * @latest:   by how much the look was late that was latest, as of @latest_at
 * @latest_at: when that was
 */
struct headroom {
	bool begun;
	bool short_of;
	uint64_t time;
	uint64_t used;
	int64_t grown;
	uint64_t watched;
	uint64_t fastest;
	uint64_t fastest_at;
	uint64_t latest;
	uint64_t latest_at;
};

/**
 * struct headroom_plan - what to do
 * @wanted: the room that there should be, in bytes
 * @purge:  how many bytes to purge now; 0 if there is room
 * @next:   in what time to look again
 */
struct headroom_plan {
	uint64_t wanted;
	uint64_t purge;
	uint64_t next;
};

/* Takes a sample: @used bytes at time @now. */
void headroom_sample(struct headroom *headroom, uint64_t now, uint64_t used);

/* The same after a purge, which must not be taken for growth, nor hide it: what
 * changed since the last sample does not count. */
void headroom_restart(struct headroom *headroom, uint64_t now, uint64_t used);

/* A look came later than it was meant to, by @late. */
void headroom_late(struct headroom *headroom, uint64_t now, uint64_t late);

/* The fastest growth seen lately, in bytes per second. */
uint64_t headroom_growth(const struct headroom *headroom, uint64_t now);

/**
 * headroom_plan - what follows from the last sample
 * @limit: in bytes
 * @keep:  room to keep in any case; half of the limit if it is not below it
 *
 * A purge begins when there is less room than wanted, and goes on until there
 * is a quarter more, of what is kept in any case at most 16 MiB more: else the
 * next page that is taken would begin another.
 */
struct headroom_plan headroom_plan(struct headroom *headroom, uint64_t limit,
				   uint64_t keep);

#endif /* ASHMEM_DAEMON_HEADROOM_H */
