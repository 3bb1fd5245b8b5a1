// SPDX-License-Identifier: MIT
/* How much room, and when to look: daemon/headroom.h, against growth made up. */
#include "headroom.h"

#include "tap.h"
#include "test.h"

#define STEP		(4 * MIB)

/* How fast memory is freed; several times as fast as it can be taken. */
#define PURGE_RATE	(4 * GIB)

/**
 * struct run - a limit, and somebody who grows towards it
 * @limit:    in bytes
 * @keep:     likewise
 * @rate:     in bytes per second
 * @late:     how much later each look comes than it was planned
 * @headroom: what is tested
 * @time:     now
 * @used:     now
 * @most:     that ever was used
 * @purges:   how often there was one
 * @looks:    how many
 */
struct run {
	uint64_t limit;
	uint64_t keep;
	uint64_t rate;
	uint64_t late;
	struct headroom headroom;
	uint64_t time;
	uint64_t used;
	uint64_t most;
	unsigned long purges;
	unsigned long looks;
};

static void pass(struct run *run, uint64_t time)
{
	run->time += time;
	run->used += (double)run->rate * time / SECOND;
	if (run->used > run->most)
		run->most = run->used;
}

/* Purges as the daemon does. */
static void purge(struct run *run, uint64_t need)
{
	run->purges++;
	while (need) {
		uint64_t bytes = need < STEP ? need : STEP;

		pass(run, (double)bytes / PURGE_RATE * SECOND);
		run->used -= bytes;
		headroom_restart(&run->headroom, run->time, run->used);
		need = headroom_plan(&run->headroom, run->limit,
				     run->keep).purge;
	}
}

/* Looks once. Returns in what time to look again. */
static uint64_t look(struct run *run)
{
	struct headroom_plan plan;

	headroom_sample(&run->headroom, run->time, run->used);
	plan = headroom_plan(&run->headroom, run->limit, run->keep);
	run->looks++;
	if (plan.purge)
		purge(run, plan.purge);
	return headroom_plan(&run->headroom, run->limit, run->keep).next;
}

static void run_for(struct run *run, uint64_t time)
{
	uint64_t end = run->time + time;

	while (run->time < end) {
		uint64_t next = look(run);

		pass(run, next + run->late);
		headroom_late(&run->headroom, run->time, run->late);
	}
}

/* What a grower of each rate does to a limit of each size. */
static void test_growers(void)
{
	static const uint64_t limits[] = { 64 * MIB, 512 * MIB, 16 * GIB };
	static const uint64_t rates[] = { MIB, 50 * MIB, 200 * MIB, GIB };
	bool held = true, purged = true;

	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 4; j++) {
			struct run run = {
				.limit = limits[i],
				.rate = rates[j],
			};

			/* From nothing to full in less than a quarter of a
			 * second is more than can be promised. */
			if (run.rate > run.limit * 4)
				continue;
			run_for(&run, 30 * SECOND);
			held = held && run.most < run.limit;
			if (run.rate * 30 > run.limit)
				purged = purged && run.purges;
			tap_note("limit %5ju MiB, %4ju MiB/s: at most %3.0f %% "
				 "taken, %lu purges, %lu looks in 30 s",
				 run.limit / MIB, run.rate / MIB,
				 100.0 * run.most / run.limit, run.purges,
				 run.looks);
		}
	}
	tap_ok(held, "a steady grower is answered before it gets there");
	tap_ok(purged, "and by purges");
}

static void test_late_looks(void)
{
	struct run run = {
		.limit = GIB, .rate = 500 * MIB, .late = 100000,
	};

	run_for(&run, 30 * SECOND);
	tap_ok(run.most < run.limit,
	       "looks that are 100 ms late, each: they are allowed for");
}

static void test_quiet(void)
{
	struct run run = { .limit = GIB, .used = GIB / 2, .keep = GIB / 10 };

	run_for(&run, 60 * SECOND);
	tap_ok(!run.purges, "no purge while there is room");
	tap_ok(run.looks <= 5 * 60, "and at most five looks a second");
	run.used = GIB - GIB / 10 - MIB;
	run.looks = 0;
	run_for(&run, 60 * SECOND);
	tap_ok(!run.purges && run.looks < 60 * 40,
	       "nor close to the room that is kept, and no busy loop there");
}

static void test_keep(void)
{
	struct run run = { .limit = GIB, .used = GIB - GIB / 20 };

	run.keep = GIB / 10;
	run_for(&run, SECOND);
	tap_ok(run.purges == 1 && run.used <= GIB - GIB / 10,
	       "the room to keep is restored, at once");
	run_for(&run, 60 * SECOND);
	tap_ok(run.purges == 1, "and left alone from then on");
	run.keep = GIB;
	run_for(&run, SECOND);
	tap_ok(run.used >= GIB / 4 && run.used <= GIB / 2, "to keep all of a limit means half of it");
	run = (struct run){ .limit = 16 * GIB, .keep = 15 * GIB };
	run.used = GIB + 10 * MIB;
	run_for(&run, SECOND);
	tap_ok(run.used <= GIB && run.used >= GIB - 20 * MIB,
	       "nearly all of it means that, and little beyond is purged");
}

/* Who takes and gives back the same memory does not get it all purged. */
static void test_oscillation(void)
{
	struct run run = { .limit = GIB, .used = GIB / 2, .keep = GIB / 20 };
	unsigned long purges;

	for (int i = 0; i < 50; i++) {
		run.rate = 200 * MIB;
		run_for(&run, SECOND / 2);
		run.rate = 0;
		run.used -= run.used > 100 * MIB ? 100 * MIB : run.used;
	}
	purges = run.purges;
	tap_ok(purges <= 2, "memory taken and given back again: %lu purges",
	       purges);
}

/* A purge leaves so much room that the next is not due with the next page. */
static void test_hysteresis(void)
{
	struct run run = { .limit = GIB, .rate = 10 * MIB, .keep = GIB / 10 };

	run_for(&run, 300 * SECOND);
	tap_ok(run.most < run.limit && run.purges < 300,
	       "a slow grower for five minutes: %lu purges", run.purges);
}

static void test_memory_fades(void)
{
	struct headroom headroom = { 0 };
	uint64_t middle;

	headroom_sample(&headroom, 0, 0);
	headroom_sample(&headroom, SECOND, 100 * MIB);
	tap_ok(headroom_growth(&headroom, SECOND) == 100 * MIB,
	       "growth is bytes by time");
	middle = headroom_growth(&headroom, SECOND + HEADROOM_MEMORY / 2);
	tap_ok(middle > 45 * MIB && middle < 55 * MIB &&
	       !headroom_growth(&headroom, SECOND + HEADROOM_MEMORY),
	       "it fades");
	headroom_sample(&headroom, 2 * SECOND, 0);
	headroom_sample(&headroom, 3 * SECOND, MIB);
	tap_ok(headroom_growth(&headroom, 3 * SECOND) > 50 * MIB,
	       "slower growth, and shrinking, do not hide faster");
}

/* A batch of charges within one millisecond is no flood. */
static void test_batches(void)
{
	struct headroom headroom = { 0 };

	for (uint64_t i = 0; i < 100; i++)
		headroom_sample(&headroom, i * 1000, i / 8 * MIB);
	tap_ok(headroom_growth(&headroom, 100000) <= 250 * MIB,
	       "charges come in batches");
}

static void test_above(void)
{
	struct headroom headroom = { 0 };
	struct headroom_plan plan;

	headroom_sample(&headroom, 0, 3 * GIB);
	plan = headroom_plan(&headroom, GIB, 0);
	tap_ok(plan.purge > 2 * GIB && plan.next < SECOND / 20,
	       "above a limit that was lowered: purge to below it");
	headroom = (struct headroom){ 0 };
	headroom_sample(&headroom, 0, 0);
	headroom_sample(&headroom, SECOND / 50, 3 * GIB);
	plan = headroom_plan(&headroom, 4 * GIB, 0);
	tap_ok(plan.wanted == 2 * GIB, "growth that nothing can answer: half");
	headroom = (struct headroom){ 0 };
	headroom_sample(&headroom, 0, 3 * GIB);
	plan = headroom_plan(&headroom, 0, 0);
	tap_ok(plan.purge == 3 * GIB, "a limit of 0");
}

void test_headroom(void)
{
	test_growers();
	test_late_looks();
	test_quiet();
	test_keep();
	test_oscillation();
	test_hysteresis();
	test_memory_fades();
	test_batches();
	test_above();
}
