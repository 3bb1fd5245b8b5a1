// SPDX-License-Identifier: MIT
#include "headroom.h"

#define SECOND		UINT64_C(1000000)
#define MIB		(UINT64_C(1) << 20)

/*
 * Growth is worked out over no less than this: the kernel charges cgroups in
 * batches, which would be a flood if it had all come within one millisecond.
 */
#define SHORTEST_WATCH	UINT64_C(10000)

/* By the next look, no more than this part of the room may be gone. */
#define PART		4

/* Growth that may begin at any moment, in bytes per second; and how soon it is
 * looked for at most. */
#define SUDDEN		(512 * MIB)
#define QUIET		UINT64_C(30000)

/* A purge for the room to keep goes on for no more than this beyond it: a
 * quarter of a large machine's share would be cleared out for no reason. */
#define SLACK		(16 * MIB)

static uint64_t at_least(uint64_t value, uint64_t least)
{
	return value < least ? least : value;
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
	return value > most ? most : value;
}

/* What is left at time @now of what was @value at time @then. */
static uint64_t faded(uint64_t value, uint64_t then, uint64_t now)
{
	uint64_t age = now - then;

	if (age >= HEADROOM_MEMORY)
		return 0;
	return value - (uint64_t)((double)value * age / HEADROOM_MEMORY);
}

/* What grows by @rate bytes per second in @time. */
static uint64_t grows(uint64_t rate, uint64_t time)
{
	return (double)rate * time / SECOND;
}

uint64_t headroom_growth(const struct headroom *headroom, uint64_t now)
{
	return faded(headroom->fastest, headroom->fastest_at, now);
}

static void see_growth(struct headroom *headroom, uint64_t now)
{
	uint64_t growth = 0;

	if (headroom->grown > 0)
		growth = (double)headroom->grown * SECOND / headroom->watched;
	headroom->grown = 0;
	headroom->watched = 0;
	if (growth < headroom_growth(headroom, now))
		return;
	headroom->fastest = growth;
	headroom->fastest_at = now;
}

void headroom_sample(struct headroom *headroom, uint64_t now, uint64_t used)
{
	if (headroom->begun) {
		headroom->grown += (int64_t)(used - headroom->used);
		headroom->watched += now - headroom->time;
	}
	headroom_restart(headroom, now, used);
	if (headroom->watched >= SHORTEST_WATCH)
		see_growth(headroom, now);
}

void headroom_restart(struct headroom *headroom, uint64_t now, uint64_t used)
{
	headroom->begun = true;
	headroom->time = now;
	headroom->used = used;
}

void headroom_late(struct headroom *headroom, uint64_t now, uint64_t late)
{
	if (late < faded(headroom->latest, headroom->latest_at, now))
		return;
	headroom->latest = at_most(late, HEADROOM_LATEST);
	headroom->latest_at = now;
}

/* In what time somebody who takes @rate bytes per second takes that part. */
static uint64_t time_left(uint64_t room, uint64_t rate, uint64_t soonest)
{
	double time = (double)room / rate * SECOND / PART;

	/* A rate of 0 makes this infinite. */
	if (!(time < HEADROOM_LATEST))
		return HEADROOM_LATEST;
	return at_least(time, soonest);
}

/*
 * In what time to look again. Somebody may begin to grow at any moment, and as
 * fast as a processor can fill memory; but while nobody does, looks near to a
 * limit would cost more than they are worth.
 */
static uint64_t pace(uint64_t growth, uint64_t room)
{
	uint64_t quiet = time_left(room, SUDDEN, QUIET);

	return at_most(time_left(room, growth, HEADROOM_SOONEST), quiet);
}

/* Never less than this: others than clients take memory as well. */
static uint64_t small_room(uint64_t limit)
{
	return at_most(limit / 32, 4 * MIB);
}

/* What is kept in any case. As much as there can be at all cannot be meant: it
 * was said of the machine, and this is a smaller limit. */
static uint64_t kept(uint64_t limit, uint64_t keep)
{
	return keep < limit ? keep : limit / 2;
}

struct headroom_plan headroom_plan(struct headroom *headroom, uint64_t limit,
				   uint64_t keep)
{
	uint64_t now = headroom->time, used = headroom->used;
	uint64_t room = limit > used ? limit - used : 0;
	uint64_t growth = headroom_growth(headroom, now);
	uint64_t late = faded(headroom->latest, headroom->latest_at, now);
	struct headroom_plan plan = { 0 };
	uint64_t target;

	plan.next = pace(growth, room);
	plan.wanted = grows(growth, plan.next + HEADROOM_REACTION + late);
	plan.wanted = at_least(plan.wanted, small_room(limit));
	plan.wanted = at_most(plan.wanted, limit / 2);
	target = plan.wanted + plan.wanted / 4;
	keep = kept(limit, keep);
	plan.wanted = at_least(plan.wanted, keep);
	target = at_least(target, keep + at_most(keep / 4, SLACK));
	if (room >= target && used <= limit)
		headroom->short_of = false;
	else if (room < plan.wanted || used > limit)
		headroom->short_of = true;
	/* Above the limit, as a lowered one may leave it, that goes as well. */
	if (headroom->short_of)
		plan.purge = target + used - at_most(used, limit) - room;
	return plan;
}
