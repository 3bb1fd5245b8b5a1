// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 4: the 64-bit pin calls, and areas that need them. */
#include <sys/mman.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"

#define PAGES	8
#define GIB	((uint64_t)1 << 30)

static void calls_share_their_state(void)
{
	struct area area = area_make(PAGES);

	must_be(engine->unpin64(area.fd, page, 2 * page), 0);
	must_be(engine->status(area.fd, page, page), 0);
	must_be(engine->status(area.fd, 2 * page, page), 0);
	must_be(engine->status(area.fd, 3 * page, 0), 1);
	must_be(engine->unpin(area.fd, 4 * page, page), 0);
	must_be(engine->status64(area.fd, 4 * page, page), 0);
	must_be(engine->pin64(area.fd, 0, 0), 0);
	must_be(engine->status(area.fd, 0, 0), 1);
}

static void calls64_tell_of_a_purge(void)
{
	struct area area = area_make(PAGES);

	must_be(engine->unpin64(area.fd, page, page), 0);
	must_be(engine->purge_all(area.fd), 1);
	must_be(engine->pin64(area.fd, 0, 0), 1);
	must_be(engine->pin64(area.fd, 0, 0), 0);
}

/* An area of 5 GiB, of which only the named pages get memory. */
static int make_5_gib(void)
{
	int fd = area_open_sized((size_t)(5 * GIB));

	area_map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED);
	return fd;
}

static void past_4_gib(void)
{
	int fd = make_5_gib();

	must_be(engine->unpin64(fd, 4 * GIB + page, 2 * page), 0);
	must_be(engine->status64(fd, 4 * GIB + page, page), 0);
	must_be(engine->status64(fd, 4 * GIB, page), 1);
	must_be(engine->status64(fd, 4 * GIB + 3 * page, 0), 1);
	must_be(engine->status64(fd, page, page), 1);
	must_be(engine->pin64(fd, 4 * GIB + page, page), 0);
	must_be(engine->status64(fd, 4 * GIB + page, page), 1);
	must_be(engine->status64(fd, 4 * GIB + 2 * page, page), 0);
}

static void purged_past_4_gib(void)
{
	int fd = make_5_gib();
	char *at = engine->map(fd, 4 * page, PROT_READ | PROT_WRITE,
			       MAP_SHARED, 4 * GIB);
	char *low = area_map(fd, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED);

	must(at != MAP_FAILED);
	pages_fill(at, 0, 4, 'h');
	pages_fill(low, 0, 4, 'l');
	must_be(engine->unpin64(fd, 4 * GIB + page, page), 0);
	must_be(engine->purge_all(fd), 1);
	must(pages_hold(low, 0, 4, 'l'));
	must(page_holds(at, 0, 'h'));
	must(page_holds(at, 1, 0));
	must(pages_hold(at, 2, 4, 'h'));
	must_be(engine->pin64(fd, page, page), 0);
	must_be(engine->pin64(fd, 4 * GIB + page, page), 1);
}

/* A purge that goes by page would not come to the end of it. */
static void purge_all_of_64_tib(void)
{
	int fd = area_open_sized((size_t)(65536 * GIB));
	char *at = area_map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED);

	pages_fill(at, 0, 1, 's');
	must_be(engine->unpin64(fd, 0, 0), 0);
	must(engine->purge_all(fd) > 0);
	must(page_holds(at, 0, 0));
	must_be(engine->pin64(fd, 0, 0), 1);
}

#define LARGEST_PIN_MAP	((uint64_t)1 << 31)	/* pages */

/* As purge_all_of_64_tib(), of what a pin map can be of. What never had memory
 * is passed over. */
static void purge_all_of_largest(void)
{
	const uint64_t size = LARGEST_PIN_MAP * page;
	int fd = area_open_sized((size_t)size);
	char *at = area_map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED);
	long purged;

	page_fill(at, 0, 's');
	must_be(engine->unpin64(fd, 0, 0), 0);
	purged = engine->purge_all(fd);
	must(purged > 0 && purged < 1000);
	must(page_holds(at, 0, 0));
	must_be(engine->pin64(fd, size - page, 0), 0);
	must_be(engine->pin64(fd, 0, page), 1);
	must_be(engine->pin64(fd, 0, page), 0);
}

static void past_the_largest_pin_map(void)
{
	int fd = area_open_sized((size_t)(LARGEST_PIN_MAP * page + 1));
	char *at = area_map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED);

	page_fill(at, 0, 's');
	must_be(engine->unpin64(fd, 0, page), -EFBIG);
	must_be(engine->pin64(fd, 0, page), -EFBIG);
	must_be(engine->status64(fd, 0, page), -EFBIG);
	must_be(engine->purge_all(fd), 0);
	must(page_holds(at, 0, 's'));
}

static void past_5_gib_is_refused(void)
{
	int fd = make_5_gib();

	must_be(engine->unpin64(fd, 5 * GIB, 0), -EINVAL);
	must_be(engine->unpin64(fd, 5 * GIB - page, 2 * page), -EINVAL);
	must_be(engine->unpin64(fd, page, 5 * GIB), -EINVAL);
	must_be(engine->status64(fd, 0, 0), 1);
	must_be(engine->unpin64(fd, 5 * GIB - page, page), 0);
	must_be(engine->unpin64(fd, 0, 5 * GIB), 0);
}

static void length_0_reaches_past_4_gib(void)
{
	int fd = make_5_gib();

	must_be(engine->unpin(fd, page, 0), 0);
	must_be(engine->status64(fd, 5 * GIB - page, page), 0);
	must_be(engine->status64(fd, 4 * GIB, page), 0);
	must_be(engine->status64(fd, 0, page), 1);
	must_be(engine->pin(fd, (uint32_t)(4 * GIB - page), 0), 0);
	must_be(engine->status64(fd, 5 * GIB - page, page), 1);
	must_be(engine->status64(fd, 4 * GIB - 2 * page, page), 0);
}

static void sum_reaches_past_4_gib(void)
{
	int fd = make_5_gib();

	must_be(engine->unpin(fd, (uint32_t)(4 * GIB - page), 2 * page), 0);
	must_be(engine->status64(fd, 4 * GIB - page, page), 0);
	must_be(engine->status64(fd, 4 * GIB, page), 0);
	must_be(engine->status64(fd, 4 * GIB + page, 0), 1);
	must_be(engine->status64(fd, 0, 4 * GIB - page), 1);
}

static const struct test tests[] = {
	{ "4 64-bit: both forms share one state", calls_share_their_state },
	{ "4 64-bit: pin tells of a purge", calls64_tell_of_a_purge,
	  { need_purge_all } },
	{ "4 64-bit: offsets past 4 GiB", past_4_gib, { need_64_bit } },
	{ "4 64-bit: a page purged past 4 GiB", purged_past_4_gib,
	  { need_64_bit, need_purge_all } },
	{ "4 64-bit: all of 64 TiB is purged in good time",
	  purge_all_of_64_tib, { need_pins_of_any_size, need_purge_all } },
	{ "8 large: all of 2^31 pages is purged in good time",
	  purge_all_of_largest, { need_largest_pin_map } },
	{ "8 large: unpinning a page of more than 2^31 is EFBIG",
	  past_the_largest_pin_map, { need_largest_pin_map } },
	{ "4 64-bit: past the end of 5 GiB is EINVAL", past_5_gib_is_refused,
	  { need_64_bit } },
	{ "4 32-bit: len 0 reaches past 4 GiB", length_0_reaches_past_4_gib,
	  { need_64_bit } },
	{ "4 32-bit: offset and length may add up to more than 4 GiB",
	  sum_reaches_past_4_gib, { need_64_bit } },
};

const struct test_group pin64_tests = TEST_GROUP(tests);
