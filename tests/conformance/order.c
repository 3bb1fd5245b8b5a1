// SPDX-License-Identifier: MIT
/*
 * CONTRACT.md, section 5: least recently unpinned first.
 *
 * Areas are cut into pieces, which are unpinned in a random order. Then a
 * process takes memory in small steps until about a third of the pages is
 * purged. Those must be the pages of the pieces that were unpinned first.
 */
#include <time.h>

#include "../range/random.h"
#include "area.h"
#include "cgroup.h"
#include "engine.h"
#include "need.h"
#include "pressure.h"
#include "test.h"
#include "worker.h"

#define AREAS		2
#define AREA_MIB	16
#define MAX_PIECES	1024
#define LIMIT		(64 * MIB)

/**
 * struct piece - pages unpinned by one call, as far as they still are
 * @area:  of them
 * @start: the first page
 * @end:   one past the last
 */
struct piece {
	const struct area *area;
	size_t start;
	size_t end;
};

/**
 * struct order - the pieces of all areas, the least recently unpinned first
 * @cgroup: pays for the pages
 * @holder: has touched them
 * @areas:  have them
 * @pieces: them
 * @count:  how many
 */
struct order {
	struct cgroup cgroup;
	struct worker holder;
	struct area areas[AREAS];
	struct piece pieces[MAX_PIECES];
	size_t count;
};

static struct order order;

static void shuffle(void)
{
	uint64_t state = seed;

	for (size_t i = order.count - 1; i > 0; i--) {
		size_t j = random_below(&state, i + 1);
		struct piece piece = order.pieces[i];

		order.pieces[i] = order.pieces[j];
		order.pieces[j] = piece;
	}
}

static void cut(size_t areas, size_t pages)
{
	for (size_t i = 0; i < areas; i++)
		for (size_t start = 0; start < order.areas[i].pages;
		     start += pages)
			order.pieces[order.count++] = (struct piece){
				&order.areas[i], start, start + pages,
			};
}

static long ask(const struct job *job)
{
	return engine->status(job->fd, 0, 0);
}

/* Makes @areas areas, filled, and cut into pieces of @pages pages. */
static void make(size_t areas, size_t pages)
{
	order.cgroup = cgroup_make("order", LIMIT);
	for (size_t i = 0; i < areas; i++)
		order.areas[i] = area_make(AREA_MIB * MIB / page);
	order.holder = worker_start_in(&order.cgroup);
	for (size_t i = 0; i < areas; i++) {
		worker_fill(&order.holder, &order.areas[i], 0,
			    order.areas[i].pages);
		/* ashmemd knows cgroups by those in them that use an area. */
		must_be(worker_do(&order.holder, &(struct job){
				  ask, order.areas[i].fd }), 1);
	}
	cut(areas, pages);
	shuffle();
}

/* Age is told by a clock, and libashmem takes the one that costs least. */
static void await_tick(void)
{
	struct timespec before, now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &before);
	do
		clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	while (now.tv_sec == before.tv_sec && now.tv_nsec == before.tv_nsec);
}

static long piece_unpin(const struct piece *piece)
{
	await_tick();
	return engine->unpin(piece->area->fd, piece->start * page,
			     (piece->end - piece->start) * page);
}

static long piece_pin(const struct piece *piece)
{
	return engine->pin(piece->area->fd, piece->start * page,
			   (piece->end - piece->start) * page);
}

static void unpin_in_order(void)
{
	for (size_t i = 0; i < order.count; i++)
		must_be(piece_unpin(&order.pieces[i]), 0);
}

/* Puts a piece behind all others, as if it had been unpinned last. */
static void make_youngest(size_t number)
{
	struct piece piece = order.pieces[number];

	for (size_t i = number; i + 1 < order.count; i++)
		order.pieces[i] = order.pieces[i + 1];
	order.pieces[order.count - 1] = piece;
}

static size_t bytes_present(void)
{
	size_t pages = 0;

	for (size_t i = 0; i < AREAS; i++)
		if (order.areas[i].at)
			pages += area_pages_present(order.areas[i].fd,
						    AREA_MIB * MIB);
	return pages * page;
}

/* Who is not waited for by the kernel needs a moment for each step. */
static void leave_time(void)
{
	const struct timespec moment = { .tv_nsec = 10000000 };

	if (engine->lacks[SYNCHRONOUS_RECLAIM])
		nanosleep(&moment, NULL);
}

/* Takes memory in small steps until at most that much of the areas is left. */
static void press_until(size_t left)
{
	struct worker eater = worker_start_in(&order.cgroup);

	worker_eat(&eater, LIMIT - bytes_present() - 8 * MIB);
	while (bytes_present() > left) {
		worker_eat(&eater, 128 << 10);
		leave_time();
	}
	must_be(cgroup_kills(&order.cgroup), 0);
}

/* Who is not waited for may purge more than was needed, up to all. */
static void must_have_left(size_t pages)
{
	if (!pages && engine->lacks[SYNCHRONOUS_RECLAIM])
		test_skip("all was purged, which says nothing of the order");
	must(pages);
}

/*
 * Of the pieces in their order, the first are purged, then at most one is
 * purged in part, and the rest are not. If everything had been purged, that
 * would prove nothing.
 *
 * The youngest is looked at first: ashmemd may still be purging, and what is
 * older than a page that was purged was purged before.
 */
static void must_be_purged_in_order(void)
{
	size_t purged[MAX_PIECES], left = 0, older = 0;

	must_have_left(bytes_present());
	for (size_t i = order.count; i-- > 0; )
		purged[i] = pages_purged(order.pieces[i].area,
					 order.pieces[i].start,
					 order.pieces[i].end);
	for (size_t i = 0; i < order.count; i++) {
		size_t pages = order.pieces[i].end - order.pieces[i].start;

		if (left && purged[i])
			test_fail(__FILE__, __LINE__,
				  "of piece %zu of %zu, %zu of %zu pages are purged, though of the older piece %zu %zu are left",
				  i, order.count, purged[i], pages, older,
				  left);
		if (!left && purged[i] < pages) {
			left = pages - purged[i];
			older = i;
		}
	}
	must_have_left(left);
}

static void one_area(void)
{
	make(1, MIB / page);
	unpin_in_order();
	press_until(10 * MIB);
	must_be_purged_in_order();
}

static void two_areas(void)
{
	make(2, MIB / page);
	unpin_in_order();
	press_until(20 * MIB);
	must_be_purged_in_order();
}

static void many_small_ranges(void)
{
	make(2, 8);
	unpin_in_order();
	press_until(20 * MIB);
	must_be_purged_in_order();
}

static void unpinned_again(void)
{
	make(2, MIB / page);
	unpin_in_order();
	must_be(piece_unpin(&order.pieces[0]), 0);
	must_be(piece_unpin(&order.pieces[1]), 0);
	press_until(20 * MIB);
	must_be_purged_in_order();
}

static void unpinned_again_with_more(void)
{
	struct piece *oldest = &order.pieces[0];

	make(2, MIB / page);
	unpin_in_order();
	must_be(piece_pin(oldest), 0);
	await_tick();
	must_be(engine->unpin(oldest->area->fd, 0, 0), 0);
	make_youngest(0);
	press_until(20 * MIB);
	must_be_purged_in_order();
}

static void pinned_and_unpinned(void)
{
	make(2, MIB / page);
	unpin_in_order();
	for (size_t i = 0; i < 3; i++) {
		must_be(piece_pin(&order.pieces[0]), 0);
		must_be(piece_unpin(&order.pieces[0]), 0);
		make_youngest(0);
	}
	press_until(20 * MIB);
	must_be_purged_in_order();
}

static void touched(void)
{
	make(2, MIB / page);
	unpin_in_order();
	for (size_t i = 0; i < 4; i++)
		worker_fill(&order.holder, order.pieces[i].area,
			    order.pieces[i].start, order.pieces[i].end);
	press_until(20 * MIB);
	must_be_purged_in_order();
}

/* Pins the middle of a piece and returns what is behind it as a new one. */
static struct piece split(struct piece *piece)
{
	size_t third = (piece->end - piece->start) / 3;
	struct piece middle = {
		piece->area, piece->start + third, piece->end - third,
	};
	struct piece rest = { piece->area, middle.end, piece->end };

	must_be(piece_pin(&middle), 0);
	piece->end = middle.start;
	return rest;
}

/* Splits the piece at @number; both halves keep its place. */
static void split_at(size_t number)
{
	struct piece rest = split(&order.pieces[number]);

	for (size_t i = order.count++; i > number + 1; i--)
		order.pieces[i] = order.pieces[i - 1];
	order.pieces[number + 1] = rest;
}

/*
 * The oldest piece, which is long gone when purging ends, and the youngest,
 * which it never comes to: of the halves of one age either may be first.
 */
static void split_by_a_pin(void)
{
	make(2, MIB / page);
	unpin_in_order();
	split_at(31);
	split_at(0);
	press_until(20 * MIB);
	must_be_purged_in_order();
}

static const struct test tests[] = {
	{ "5 order: least recently unpinned first", one_area,
	  { need_cgroups } },
	{ "5 order: across two areas", two_areas,
	  { need_cgroups } },
	{ "5 order: of many small ranges", many_small_ranges,
	  { need_age_of_each_page, need_cgroups } },
	{ "5 order: unpinning again renews no age", unpinned_again,
	  { need_cgroups } },
	{ "5 order: unpinning again with more renews no age",
	  unpinned_again_with_more,
	  { need_age_of_each_page, need_cgroups } },
	{ "5 order: pin and unpin renew the age", pinned_and_unpinned,
	  { need_cgroups } },
	{ "5 order: touching renews no age", touched,
	  { need_cgroups } },
	{ "5 order: both halves of a range split by a pin keep its age",
	  split_by_a_pin, { need_cgroups } },
};

const struct test_group order_tests = TEST_GROUP(tests);
