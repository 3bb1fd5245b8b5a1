// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 4: pin state, the purged mark, and what is EINVAL. */
#include <sys/mman.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES	8

/* By page numbers. */
static long pin(const struct area *area, size_t start, size_t end)
{
	return engine->pin(area->fd, start * page, (end - start) * page);
}

static long unpin(const struct area *area, size_t start, size_t end)
{
	return engine->unpin(area->fd, start * page, (end - start) * page);
}

static long status(const struct area *area, size_t start, size_t end)
{
	return engine->status(area->fd, start * page, (end - start) * page);
}

static long purge(const struct area *area)
{
	return engine->purge_all(area->fd);
}

/* One letter a page: p is pinned, anything else is not. */
static void must_have_states(const struct area *area, const char *wanted)
{
	char seen[PAGES + 1] = "";

	for (size_t i = 0; i < PAGES; i++)
		seen[i] = status(area, i, i + 1) ? 'p' : 'u';
	for (size_t i = 0; i < PAGES; i++)
		if ((seen[i] == 'p') != (wanted[i] == 'p'))
			test_fail(__FILE__, __LINE__,
				  "pages are %s, and should be %s", seen,
				  wanted);
}

/* Pin state. */

static void begin_pinned(void)
{
	struct area area = area_make(PAGES);

	must_have_states(&area, "pppppppp");
	must_be(status(&area, 0, PAGES), 1);
	must_be(pin(&area, 0, PAGES), 0);
}

static void unpin_unpins(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 2, 5), 0);
	must_have_states(&area, "ppuuuppp");
}

static void pin_pins(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, PAGES), 0);
	must_be(pin(&area, 1, 3), 0);
	must_be(pin(&area, 6, 8), 0);
	must_have_states(&area, "uppuuupp");
}

static void pin_splits_and_unpin_fills(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 1, 7), 0);
	must_be(pin(&area, 3, 5), 0);
	must_have_states(&area, "puuppuup");
	must_be(unpin(&area, 0, 4), 0);
	must_have_states(&area, "uuuupuup");
	must_be(unpin(&area, 0, 8), 0);
	must_have_states(&area, "uuuuuuuu");
}

static void is_not_counted(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, 1), 0);
	must_be(unpin(&area, 0, 1), 0);
	must_be(pin(&area, 0, 1), 0);
	must_be(status(&area, 0, 1), 1);
	must_be(pin(&area, 0, 1), 0);
	must_be(unpin(&area, 0, 1), 0);
	must_be(status(&area, 0, 1), 0);
}

static long unpin_first_half(const struct job *job)
{
	return engine->unpin(job->fd, 0, PAGES / 2 * page);
}

static void belongs_to_the_area(void)
{
	struct area area = area_make(PAGES);
	struct worker other = worker_start();

	must_be(worker_do(&other, &(struct job){ unpin_first_half, area.fd }),
		0);
	must_have_states(&area, "uuuupppp");
	worker_end(&other);
	must_have_states(&area, "uuuupppp");
}

static long unpin_and_send(const struct job *job)
{
	struct area area = area_make(PAGES);

	(void)job;
	must_be(unpin(&area, 2, 5), 0);
	descriptor_send(worker_socket, area.fd);
	return 0;
}

static void outlives_its_processes(void)
{
	struct worker opener = worker_start();
	struct area area = { .pages = PAGES };

	worker_do(&opener, &(struct job){ unpin_and_send });
	area.fd = descriptor_receive(opener.socket);
	worker_end(&opener);
	must_have_states(&area, "ppuuuppp");
}

static long purge_and_send(const struct job *job)
{
	struct area area = area_make(PAGES);

	(void)job;
	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 2, 5), 0);
	must_be(purge(&area), 3);
	/* Reading a purged page may give it memory, but no content. */
	must(page_holds(area.at, 3, 0));
	descriptor_send(worker_socket, area.fd);
	return 0;
}

/* An area of which pages 2 to 4 were purged by who has ended since. */
static struct area receive_purged(void)
{
	struct worker opener = worker_start();
	struct area area = { .pages = PAGES };

	worker_do(&opener, &(struct job){ purge_and_send });
	area.fd = descriptor_receive(opener.socket);
	worker_end(&opener);
	return area;
}

/* Of all that could be forgotten, this must not be. */
static void mark_outlives_its_processes(void)
{
	struct area area = receive_purged();

	must_be(pin(&area, 0, PAGES), 1);
	must_be(pin(&area, 0, PAGES), 0);
}

static void each_mark_outlives_its_processes(void)
{
	struct area area = receive_purged();

	for (size_t i = 2; i < 5; i++)
		must_be(pin(&area, i, i + 1), 1);
}

static void no_mark_comes_to_outlive_its_processes(void)
{
	struct area area = receive_purged();

	must_be(pin(&area, 0, 2), 0);
	must_be(pin(&area, 5, PAGES), 0);
}

static void survives_unmapping(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, 2), 0);
	must(!munmap(area.at, PAGES * page));
	must_have_states(&area, "uupppppp");
	must_be(pin(&area, 0, 2), 0);
	area.at = area_map(area.fd, PAGES * page, PROT_READ, MAP_SHARED);
	must(pages_hold(area.at, 0, PAGES, 'a'));
}

static void unpinned_pages_keep_their_content(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, PAGES), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
	page_fill(area.at, 0, 'b');
	must_be(pin(&area, 0, PAGES), 0);
	must(page_holds(area.at, 0, 'b'));
}

static void status_of_several_pages(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 3, 4), 0);
	must_be(status(&area, 0, PAGES), 0);
	must_be(status(&area, 0, 4), 0);
	must_be(status(&area, 3, 8), 0);
	must_be(status(&area, 0, 3), 1);
	must_be(status(&area, 4, 8), 1);
}

/* The purged mark. */

static void pin_tells_of_a_purge(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 2, 4), 0);
	must_be(purge(&area), 2);
	must_be(pin(&area, 2, 4), 1);
}

static void pin_clears_the_mark(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 2, 4), 0);
	must_be(purge(&area), 2);
	must_be(pin(&area, 2, 4), 1);
	must_be(pin(&area, 2, 4), 0);
	must_be(unpin(&area, 2, 4), 0);
	must_be(pin(&area, 2, 4), 0);
}

static void pin_clears_no_other_mark(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, PAGES), 0);
	must_be(purge(&area), PAGES);
	must_be(pin(&area, 3, 5), 1);
	must_be(pin(&area, 3, 5), 0);
	for (size_t i = 0; i < PAGES; i++)
		must_be(pin(&area, i, i + 1), i < 3 || i >= 5);
}

static void one_page_of_many(void)
{
	for (size_t i = 0; i < PAGES; i++) {
		struct area area = area_make(PAGES);

		must_be(unpin(&area, i, i + 1), 0);
		must_be(purge(&area), 1);
		must_be(unpin(&area, 0, PAGES), 0);
		must_be(pin(&area, 0, PAGES), 1);
		area_close(area.fd);
	}
}

static void pin_of_partly_pinned_pages(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 5, 6), 0);
	must_be(purge(&area), 1);
	must_be(pin(&area, 0, PAGES), 1);
	must_be(pin(&area, 0, PAGES), 0);
	must_have_states(&area, "pppppppp");
}

/* The old driver merged neighbours, and then told of all what held of one. */
static void neighbour_unpinned_later(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, 1), 0);
	must_be(purge(&area), 1);
	must_be(unpin(&area, 0, 2), 0);
	must_be(pin(&area, 1, 2), 0);
	must(page_holds(area.at, 1, 'a'));
	must_be(pin(&area, 0, 1), 1);
}

static void neighbour_is_still_purged(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, 1), 0);
	must_be(purge(&area), 1);
	must_be(unpin(&area, 0, 2), 0);
	must_be(purge(&area), 1);
	must(page_holds(area.at, 1, 0));
	must_be(pin(&area, 1, 2), 1);
}

static void every_second_page(void)
{
	struct area area = area_make(PAGES);

	for (size_t i = 0; i < PAGES; i += 2)
		must_be(unpin(&area, i, i + 1), 0);
	must_be(purge(&area), PAGES / 2);
	must_be(unpin(&area, 0, PAGES), 0);
	for (size_t i = 0; i < PAGES; i++)
		must_be(pin(&area, i, i + 1), i % 2 == 0);
}

static void unpin_again_keeps_the_mark(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), 4);
	must_be(unpin(&area, 0, 4), 0);
	must_be(unpin(&area, 2, 6), 0);
	must_be(pin(&area, 0, 4), 1);
	must_be(pin(&area, 4, 6), 0);
}

static void unpin_again_purges_nothing_anew(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), 4);
	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), 0);
}

static void status_keeps_the_mark(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), 4);
	must_be(status(&area, 0, 4), 0);
	must_be(pin(&area, 0, 4), 1);
}

/* Length 0. */

static void pin_to_the_end(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, PAGES), 0);
	must_be(engine->pin(area.fd, 3 * page, 0), 0);
	must_have_states(&area, "uuuppppp");
	must_be(engine->pin(area.fd, 0, 0), 0);
	must_have_states(&area, "pppppppp");
}

static void unpin_to_the_end(void)
{
	struct area area = area_make(PAGES);

	must_be(engine->unpin(area.fd, 6 * page, 0), 0);
	must_have_states(&area, "ppppppuu");
	must_be(engine->unpin(area.fd, 0, 0), 0);
	must_have_states(&area, "uuuuuuuu");
}

static void status_to_the_end(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 4, 5), 0);
	must_be(engine->status(area.fd, 0, 0), 0);
	must_be(engine->status(area.fd, 4 * page, 0), 0);
	must_be(engine->status(area.fd, 5 * page, 0), 1);
}

static void end_is_rounded_up(void)
{
	int fd = area_open_sized(page + 1);

	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(engine->unpin(fd, 0, 2 * page), 0);
	must_be(engine->pin(fd, page, page), 0);
	must_be(engine->pin(fd, 0, 0), 0);
	must_be(engine->unpin(fd, page, 0), 0);
	must_be(engine->status(fd, page, page), 0);
	must_be(engine->status(fd, 0, page), 1);
}

/* What is EINVAL. */

struct bad_run {
	uint64_t offset;
	uint64_t length;
};

/* The last page that 32 bits, and 64 bits, can name. */
#define BELOW_4G	((uint32_t)-page)
#define LAST		(-(uint64_t)page)

/* Of area 0..7, pages 2 and 3 are purged, and 4 and 5 unpinned. */
static struct area make_mixed(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 2, 4), 0);
	if (!need_purge_all())
		must_be(purge(&area), 2);
	must_be(unpin(&area, 4, 6), 0);
	return area;
}

static void must_be_mixed(const struct area *area)
{
	must_have_states(area, "ppuuuupp");
	must_be(pin(area, 2, 4), !need_purge_all());
	must_be(pin(area, 4, 6), 0);
	must_be(pin(area, 0, PAGES), 0);
}

static void must_refuse(const struct bad_run *run, size_t count)
{
	struct area area = make_mixed();

	for (; count; run++, count--) {
		must_be(engine->pin(area.fd, run->offset, run->length),
			-EINVAL);
		must_be(engine->unpin(area.fd, run->offset, run->length),
			-EINVAL);
		must_be(engine->status(area.fd, run->offset, run->length),
			-EINVAL);
	}
	must_be_mixed(&area);
}

static void must_refuse64(const struct bad_run *run, size_t count)
{
	struct area area = make_mixed();

	for (; count; run++, count--) {
		must_be(engine->pin64(area.fd, run->offset, run->length),
			-EINVAL);
		must_be(engine->unpin64(area.fd, run->offset, run->length),
			-EINVAL);
		must_be(engine->status64(area.fd, run->offset, run->length),
			-EINVAL);
	}
	must_be_mixed(&area);
}

#define ALL_OF(array)	array, sizeof(array) / sizeof((array)[0])

static void misaligned_is_refused(void)
{
	const struct bad_run misaligned[] = {
		{ 1, page }, { page - 1, page }, { page + 1, page }, { 0, 1 },
		{ 0, page - 1 }, { 0, page + 1 }, { page, page - 1 },
		{ 1, page - 1 }, { 1, 0 }, { page - 1, 1 },
		{ page / 2, page / 2 }, { page / 2, page }, { 0, page / 2 },
		{ 0, 0xffffffff }, { 0xffffffff, 1 }, { 0xffffffff, 0 },
		{ PAGES * page - 1, 0 }, { PAGES * page - 1, 1 },
	};

	must_refuse(ALL_OF(misaligned));
	must_refuse64(ALL_OF(misaligned));
}

static void past_the_end_is_refused(void)
{
	const size_t end = PAGES * page;
	const struct bad_run past_the_end[] = {
		{ 0, end + page }, { page, end }, { end - page, 2 * page },
		{ end, page }, { end, 0 }, { end + page, 0 },
		{ end + page, page }, { 0, BELOW_4G }, { 0x80000000, page },
		{ 0, 0x80000000 }, { BELOW_4G, 0 },
	};

	must_refuse(ALL_OF(past_the_end));
	must_refuse64(ALL_OF(past_the_end));
}

static void overflowing_is_refused(void)
{
	const struct bad_run overflowing[] = {
		{ BELOW_4G, page }, { BELOW_4G, 2 * page }, { page, BELOW_4G },
		{ 2 * page, BELOW_4G }, { 0x80000000, 0x80000000 },
		{ 0x80000000 + page, 0x80000000 }, { BELOW_4G, BELOW_4G },
	};

	must_refuse(ALL_OF(overflowing));
	must_refuse64(ALL_OF(overflowing));
}

/* Sums that wrap in 64 bits, signed or not, or as a number of pages. */
static void overflowing64_is_refused(void)
{
	const uint64_t half = 1ull << 63, pages32 = (1ull << 32) * page;
	const struct bad_run overflowing64[] = {
		{ LAST, page }, { LAST, 2 * page }, { page, LAST },
		{ 2 * page, LAST }, { half, half }, { half + page, half },
		{ LAST, LAST }, { half - page, page }, { half, 0 },
		{ LAST, 0 }, { 1ull << 32, page }, { (1ull << 32) + page, 0 },
		{ 0, 1ull << 32 }, { 0, (1ull << 32) + page },
		{ pages32, page }, { 0, pages32 },
	};

	must_refuse64(ALL_OF(overflowing64));
}

static void must_refuse_all(int fd)
{
	for (size_t length = 0; length <= page; length += page) {
		must_be(engine->pin(fd, 0, length), -EINVAL);
		must_be(engine->unpin(fd, 0, length), -EINVAL);
		must_be(engine->status(fd, 0, length), -EINVAL);
		must_be(engine->pin64(fd, 0, length), -EINVAL);
		must_be(engine->unpin64(fd, 0, length), -EINVAL);
		must_be(engine->status64(fd, 0, length), -EINVAL);
	}
}

static void no_backing_file(void)
{
	int fd = area_open();

	must_refuse_all(fd);
	must_be(engine->set_size(fd, page), 0);
	must_refuse_all(fd);
	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(engine->status(fd, 0, 0), 1);
}

static const struct test tests[] = {
	{ "4 state: all pages begin pinned", begin_pinned },
	{ "4 unpin: unpins these pages and no others", unpin_unpins },
	{ "4 pin: pins these pages and no others", pin_pins },
	{ "4 state: ranges split and grow together",
	  pin_splits_and_unpin_fills },
	{ "4 state: is not counted", is_not_counted },
	{ "4 state: belongs to the area, not to a process",
	  belongs_to_the_area },
	{ "4 state: outlives all processes that used the area",
	  outlives_its_processes, { need_lasting_state } },
	{ "4 pin: 1 though all processes that knew of the purge have ended",
	  mark_outlives_its_processes, { need_purge_all } },
	{ "4 pin: of each page, though all that knew of the purge have ended",
	  each_mark_outlives_its_processes, { need_purge_all } },
	{ "4 exactness: of no other page, when all that knew have ended",
	  no_mark_comes_to_outlive_its_processes, { need_purge_all } },
	{ "4 state: outlives the mapping", survives_unmapping },
	{ "4 unpin: pages keep their content until they are purged",
	  unpinned_pages_keep_their_content },
	{ "4 status: 0 if any page of the range is unpinned",
	  status_of_several_pages },
	{ "4 pin: 1 if the pages were purged", pin_tells_of_a_purge,
	  { need_purge_all } },
	{ "4 pin: clears the purged mark", pin_clears_the_mark,
	  { need_purge_all } },
	{ "4 pin: clears the mark of these pages only",
	  pin_clears_no_other_mark, { need_purge_all } },
	{ "4 pin: 1 if any one page was purged", one_page_of_many,
	  { need_purge_all } },
	{ "4 pin: 1 if some pages are pinned and one was purged",
	  pin_of_partly_pinned_pages, { need_purge_all } },
	{ "4 exactness: a neighbour unpinned after a purge was not purged",
	  neighbour_unpinned_later, { need_purge_all } },
	{ "4 exactness: a neighbour unpinned after a purge can be purged",
	  neighbour_is_still_purged, { need_purge_all } },
	{ "4 exactness: every second page", every_second_page, { need_purge_all } },
	{ "4 unpin: idempotent, the purged mark stays",
	  unpin_again_keeps_the_mark, { need_purge_all } },
	{ "4 unpin: idempotent, a purged page is not purged anew",
	  unpin_again_purges_nothing_anew, { need_purge_all } },
	{ "4 status: leaves the purged mark", status_keeps_the_mark,
	  { need_purge_all } },
	{ "4 pin: len 0 reaches to the end of the area", pin_to_the_end },
	{ "4 unpin: len 0 reaches to the end of the area", unpin_to_the_end },
	{ "4 status: len 0 reaches to the end of the area",
	  status_to_the_end },
	{ "4 end: the size rounded up to a page", end_is_rounded_up },
	{ "4 EINVAL: offset or length not a multiple of the page",
	  misaligned_is_refused },
	{ "4 EINVAL: past the end", past_the_end_is_refused },
	{ "4 EINVAL: a sum that overflows 32 bits", overflowing_is_refused },
	{ "4 EINVAL: a sum that overflows 64 bits",
	  overflowing64_is_refused },
	{ "4 EINVAL: no backing file yet", no_backing_file },
};

const struct test_group pinning_tests = TEST_GROUP(tests);
