// SPDX-License-Identifier: MIT
/*
 * The pin map and hold maps with real threads, for ThreadSanitizer: users who
 * pin pages, write them and unpin them, one who holds, and the purger, who
 * writes zeros where the hole would be punched.
 *
 * The pages are ordinary memory, and no lock stands between users and purger:
 * if the pin map lets two of them at a page, or does not order what they do,
 * the sanitizer sees a race on it. Among themselves the users take turns, by a
 * lock for every few pages, as pin state is the region's. Under these locks
 * they know what a page must contain, and see whether they are lied to.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "../range/random.h"
#include "../tap.h"
#include "holdmap.h"
#include "pinmap.h"

#define PAGES		44
#define PAGE_WORDS	4
#define GROUP_PAGES	4
#define GROUPS		(PAGES / GROUP_PAGES)
#define CELLS		2
#define USERS		3
#define USER_STEPS	200000
#define HOLDER_STEPS	200000
#define GIVER_STEPS	500000

static uint64_t content[PAGES][PAGE_WORDS];
/* What was last written, if it was not purged; under the group's lock. */
static uint64_t written[PAGES];
static pthread_mutex_t groups[GROUPS];
static holdmap_word holds[CELLS * PINMAP_CELL_PAGES / HOLDMAP_WORD_PAGES];
static struct pinmap map;

static atomic_bool ended;
static _Atomic(const char *) lie;
static atomic_ulong purged_count, waited_count, told_count, held_count;

/* A report of a race is a failure at once. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "halt_on_error=1";
}

static bool wait_for_purge(void *context, _Atomic uint32_t *purging,
			   uint32_t seen)
{
	(void)context;
	(void)purging;
	(void)seen;
	waited_count++;
	sched_yield();
	return true;
}

struct run {
	unsigned long first, end;
};

static void lock_run(struct run run)
{
	for (unsigned long i = run.first / GROUP_PAGES;
	     i <= (run.end - 1) / GROUP_PAGES; i++)
		pthread_mutex_lock(&groups[i]);
}

static void unlock_run(struct run run)
{
	for (unsigned long i = run.first / GROUP_PAGES;
	     i <= (run.end - 1) / GROUP_PAGES; i++)
		pthread_mutex_unlock(&groups[i]);
}

static struct run draw_run(uint64_t *random)
{
	struct run run = { 0, PAGES };

	if (random_below(random, 8) == 0)
		return run;
	run.first = random_below(random, PAGES);
	run.end = run.first + 1 + random_below(random, 6);
	if (run.end > PAGES)
		run.end = PAGES;
	return run;
}

static bool contains(unsigned long page, uint64_t value)
{
	for (unsigned int i = 0; i < PAGE_WORDS; i++)
		if (content[page][i] != value)
			return false;
	return true;
}

static void fill(unsigned long page, uint64_t value)
{
	for (unsigned int i = 0; i < PAGE_WORDS; i++)
		content[page][i] = value;
}

/* Is it so that a page of the run is lost if, and only if, we are told? */
static void compare(struct run run, bool told)
{
	bool lost = false;

	for (unsigned long i = run.first; i < run.end; i++) {
		if (contains(i, written[i]))
			continue;
		lost = true;
		if (!contains(i, 0))
			lie = "a page has something else than written or zeros";
	}
	if (lost && !told)
		lie = "pages were purged, and nobody was told";
	if (told && !lost)
		lie = "told of a purge that was none";
	told_count += told;
}

static void *use(void *context)
{
	uint64_t random = random_mix((uintptr_t)context);

	for (int i = 0; i < USER_STEPS && !lie; i++) {
		struct run run = draw_run(&random);

		lock_run(run);
		compare(run, pinmap_pin(&map, run.first, run.end,
					wait_for_purge, NULL) == 1);
		for (unsigned long j = run.first; j < run.end; j++) {
			written[j] = random_next(&random) | 1;
			fill(j, written[j]);
		}
		if (random_below(&random, 4) == 0)
			sched_yield();
		compare(run, false);
		pinmap_unpin(&map, run.first, run.end, i + 1);
		unlock_run(run);
	}
	return NULL;
}

/* Others may pin, write and unpin what is held; it is not purged. */
static void keep_for_long(struct run run)
{
	unlock_run(run);
	sched_yield();
	lock_run(run);
	compare(run, false);
}

static void *hold(void *context)
{
	uint64_t random = random_mix((uintptr_t)context);

	for (int i = 0; i < HOLDER_STEPS && !lie; i++) {
		struct run run = draw_run(&random);
		bool told;

		lock_run(run);
		holdmap_take(holds, run.first, run.end);
		told = pinmap_settle(&map, run.first, run.end, wait_for_purge,
				     NULL) == 1;
		compare(run, told);
		held_count++;
		if (told && random_below(&random, 2)) {
			for (unsigned long j = run.first; j < run.end; j++)
				if (contains(j, 0))
					fill(j, written[j]);
			pinmap_renew(&map, run.first, run.end, i + 1);
			told = false;
		}
		if (!told && random_below(&random, 2))
			keep_for_long(run);
		holdmap_give(holds, run.first, run.end);
		unlock_run(run);
	}
	return NULL;
}

static void punch(size_t cell, uint32_t mask)
{
	for (unsigned int i = 0; i < PINMAP_CELL_PAGES; i++)
		if (mask >> i & 1)
			fill(cell * PINMAP_CELL_PAGES + i, 0);
}

/* What a new purger does, when one has died. */
static void recover(void)
{
	for (size_t i = 0; i < map.cell_count; i++) {
		uint32_t committed, left;

		left = pinmap_left_behind(&map, i, &committed);
		punch(i, committed);
		pinmap_finish(&map, i, left);
	}
}

static void purge_cell(size_t cell, uint64_t *random)
{
	uint64_t age;
	uint32_t mask = pinmap_purgeable(&map, cell, &age), held;

	if (random_below(random, 2))
		mask &= random_next(random);
	mask = pinmap_claim(&map, cell, mask);
	held = mask & holdmap_held(holds, cell * PINMAP_CELL_PAGES);
	pinmap_finish(&map, cell, held);
	mask &= ~held;
	if (random_below(random, 16) == 0) {
		recover();
		return;
	}
	/* Where processors are few, nobody meets a purge that is never left. */
	if (random_below(random, 32) == 0)
		sched_yield();
	pinmap_commit(&map, cell, mask);
	purged_count += __builtin_popcount(mask);
	if (random_below(random, 32) == 0)
		sched_yield();
	if (random_below(random, 16) == 0) {
		recover();
		return;
	}
	punch(cell, mask);
	if (random_below(random, 16) == 0) {
		recover();
		return;
	}
	pinmap_finish(&map, cell, mask);
}

static void *purge(void *context)
{
	uint64_t random = random_mix((uintptr_t)context);

	while (!ended) {
		purge_cell(random_below(&random, CELLS), &random);
		if (random_below(&random, 4) == 0)
			if (pinmap_is_told(&map, 0, map.cell_count))
				pinmap_forget(&map);
		if (random_below(&random, 4) == 0)
			sched_yield();
	}
	return NULL;
}

static void test_truth(void)
{
	pthread_t users[USERS + 1], purger;

	map = pinmap_at(calloc(1, pinmap_bytes(PAGES)), PAGES);
	if (!map.header)
		abort();
	pinmap_init(&map, 4096);
	for (int i = 0; i < GROUPS; i++)
		pthread_mutex_init(&groups[i], NULL);
	for (uintptr_t i = 0; i <= USERS; i++)
		pthread_create(&users[i], NULL, i < USERS ? use : hold,
			       (void *)(i + 1));
	pthread_create(&purger, NULL, purge, (void *)(uintptr_t)(USERS + 2));
	for (int i = 0; i <= USERS; i++)
		pthread_join(users[i], NULL);
	ended = true;
	pthread_join(purger, NULL);
	free(map.header);

	tap_note("%lu pages purged, %lu times told of it, %lu holds, "
		 "%lu waits", purged_count, told_count, held_count,
		 waited_count);
	if (lie)
		tap_note("%s", lie);
	tap_ok(!lie, "nobody is lied to, and no page is used by two");
	tap_ok(lie || (purged_count && told_count && held_count &&
		       waited_count),
	       "there was purging, telling, holding and waiting");
}

/* A give that cannot be, as nobody holds page 5. */
static void *give_too_much(void *words)
{
	for (int i = 0; i < GIVER_STEPS; i++)
		holdmap_give(words, 0, 8);
	ended = true;
	return NULL;
}

static void test_failed_give(void)
{
	static holdmap_word words[PINMAP_CELL_PAGES / HOLDMAP_WORD_PAGES];
	bool missing = false;
	pthread_t giver;

	ended = false;
	holdmap_take(words, 0, 5);
	pthread_create(&giver, NULL, give_too_much, words);
	while (!ended)
		missing |= holdmap_held(words, 0) != 0x1f;
	pthread_join(giver, NULL);
	tap_ok(!missing, "a give that fails is never seen");
}

int main(void)
{
	test_truth();
	test_failed_give();
	return tap_done();
}
