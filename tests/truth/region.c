// SPDX-License-Identifier: MIT
#include "region.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "content.h"
#include "engine.h"
#include "model.h"

/* One look in so many is at all of a page. */
#define WHOLE_PAGE_EVERY	64

/* How often a call may be put off, and for how long, in nanoseconds. */
#define MOST_TRIES		600
#define PAUSE			100000000

__attribute__((noreturn, format(printf, 4, 5)))
static void fault(struct region *region, enum claim claim, struct run run,
		  const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	ledger_fault(region->ledger, claim,
		     "area %u, pages %lu to %lu, process %d: %s",
		     region->area->id, run.start, run.end - 1, region->self,
		     text);
	_exit(1);
}

__attribute__((noreturn))
static void fault_page(struct region *region, enum claim claim,
		       unsigned long page, const struct content_look *look,
		       const char *when)
{
	const struct ledger_page *record = &region->area->pages[page];

	fault(region, claim, (struct run){ page, page + 1 },
	      "%s: word %u should be %#lx and is %#lx; generation %u, written "
	      "by process %d; pinned %u times, then found purged %u times; %s",
	      when, look->at, look->expected, look->seen, record->generation,
	      record->writer, record->pins, record->purges,
	      region->area->states[page].unpinned ? "unpinned" : "pinned");
}

static long must_succeed(struct region *region, struct run run,
			 const char *call, long result)
{
	if (result < 0)
		fault(region, CLAIM_CALLS, run, "%s: %s", call,
		      strerror(-result));
	return result;
}

/* The calls that take a run come in 32 and in 64 bits; both are used. */
static long call_once(const struct region *region, struct run run, bool wide,
		 long (*narrow_call)(int, uint32_t, uint32_t),
		 long (*wide_call)(int, uint64_t, uint64_t))
{
	uint64_t offset = run.start * content_page_size;
	uint64_t length = (run.end - run.start) * content_page_size;

	/* To the end of the area can be said in two ways as well. */
	if (wide && run.end == region->area->count)
		length = 0;
	return wide ? wide_call(region->fd, offset, length) :
		      narrow_call(region->fd, offset, length);
}

/*
 * After ashmemd was killed a call may have to wait until those are back that
 * know the area, and says so; never does it give an answer that is not so.
 */
static long call(const struct region *region, struct run run, bool wide,
		 long (*narrow_call)(int, uint32_t, uint32_t),
		 long (*wide_call)(int, uint64_t, uint64_t))
{
	struct timespec pause = { .tv_nsec = PAUSE };
	long result;

	for (unsigned int tries = 0; ; tries++) {
		result = call_once(region, run, wide, narrow_call, wide_call);
		if (engine != &library_portable_engine ||
		    tries == MOST_TRIES ||
		    (result != -EAGAIN && result != -EBUSY))
			return result;
		region->ledger->counts.put_off++;
		nanosleep(&pause, NULL);
	}
}

static volatile uint64_t *words_of(uint64_t *mapping, unsigned long page)
{
	return mapping + page * content_words();
}

static uint64_t seed_of(const struct region *region, unsigned long page)
{
	return content_seed(region->area->id, page,
			    region->area->pages[page].generation);
}

static struct content_look look_at(const struct region *region,
				   unsigned long page, bool whole,
				   uint64_t *random)
{
	return content_look(words_of(region->shared, page),
			    seed_of(region, page),
			    whole || !random_below(random, WHOLE_PAGE_EVERY),
			    random);
}

/**
 * region_open - open a new area
 * @ledger: the ledger
 * @area:   its place there, which nobody uses
 * @pages:  its size
 *
 * Return: the descriptor.
 */
int region_open(struct ledger *ledger, struct ledger_area *area,
		unsigned long pages)
{
	struct region region = { .ledger = ledger, .area = area,
				 .self = getpid() };
	struct run all = { 0, pages };

	ledger_begin_area(ledger, area, pages);
	region.fd = must_succeed(&region, all, "open", engine->open());
	must_succeed(&region, all, "naming",
		     engine->set_name(region.fd, "truth"));
	must_succeed(&region, all, "sizing",
		     engine->set_size(region.fd, pages * content_page_size));
	return region.fd;
}

static uint64_t *map(struct region *region, int flags)
{
	struct run all = { 0, region->area->count };
	void *mapping = engine->map(region->fd, all.end * content_page_size,
				    PROT_READ | PROT_WRITE, flags, 0);

	if (mapping == MAP_FAILED)
		fault(region, CLAIM_CALLS, all, "mmap: %m");
	return mapping;
}

/**
 * region_map - map an open area in this process
 * @region: filled in
 * @ledger: the ledger
 * @area:   its place there
 * @fd:     its descriptor
 */
void region_map(struct region *region, struct ledger *ledger,
		struct ledger_area *area, int fd)
{
	*region = (struct region){
		.ledger = ledger, .area = area, .self = getpid(), .fd = fd,
	};
	region->shared = map(region, MAP_SHARED);
}

/**
 * region_map_private - map it once more, privately
 * @region: the area
 */
void region_map_private(struct region *region)
{
	region->private = map(region, MAP_PRIVATE);
}

static void unmap(struct region *region)
{
	size_t length = region->area->count * content_page_size;

	munmap(region->shared, length);
	if (region->private)
		munmap(region->private, length);
}

/* A sum over all of a page that any change of it changes. */
static uint64_t digest(const volatile uint64_t *words)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < content_words(); i++)
		sum = (sum ^ words[i]) * 0x100000001b3u;
	return sum;
}

/* What the pages hold when the area is just closed. */
static void verify_closed(struct region *region, uint64_t *digests,
			  uint64_t *random)
{
	/* Backwards, as a purge goes on that should have ended: see its end. */
	for (unsigned long i = region->area->count; i-- > 0;) {
		struct content_look look = look_at(region, i, true, random);

		digests[i] = digest(words_of(region->shared, i));
		if (look.state == CONTENT_INTACT)
			continue;
		if (!region->area->states[i].unpinned)
			fault_page(region, CLAIM_PINNED, i, &look,
				   "a pinned page after the last close");
		if (look.state == CONTENT_TORN && !region->area->pages[i].loose)
			fault_page(region, CLAIM_CLOSED, i, &look,
				   "an unpinned page after the last close");
	}
}

static void purge_elsewhere(struct ledger *ledger, int elsewhere,
			    uint64_t *random)
{
	long purged = -1;

	if (ledger->purging && !random_below(random, 2))
		purged = engine->purge_all(elsewhere);
	if (purged < 0) {
		sched_yield();
	} else {
		ledger->counts.purge_alls++;
		ledger->counts.purged_by_all += purged;
	}
}

/**
 * region_await_purge - wait a little for a purge of the area to be under way
 * @region: the area
 *
 * The first page goes first, and the others while this returns.
 */
void region_await_purge(struct region *region)
{
	volatile uint64_t *first = words_of(region->shared, 0);

	for (unsigned int looks = 1 << 16; looks && *first; looks--)
		;
}

/**
 * region_close - close an area that no other process has, and unmap it
 * @region:    the area; its pages may be pinned or not
 * @elsewhere: a descriptor of another area, to purge all from
 * @random:    for choices
 *
 * Between the two, nothing may be purged any more.
 */
void region_close(struct region *region, int elsewhere, uint64_t *random)
{
	unsigned long count = region->area->count;
	uint64_t digests[LEDGER_AREA_PAGES];

	must_succeed(region, (struct run){ 0, count }, "close",
		     engine->close(region->fd));
	verify_closed(region, digests, random);
	purge_elsewhere(region->ledger, elsewhere, random);
	for (unsigned long i = 0; i < count; i++)
		if (digest(words_of(region->shared, i)) != digests[i])
			fault(region, CLAIM_CLOSED, (struct run){ i, i + 1 },
			      "the page has changed after the last close");
	region->ledger->counts.checks += 2 * count;
	region->ledger->counts.reopenings++;
	unmap(region);
}

/**
 * region_recover - give back what a dead process held
 * @region: the area
 * @dead:   the number of the process
 *
 * Whatever it was doing: the pages are pinned, and nobody knows their content.
 */
void region_recover(struct region *region, pid_t dead)
{
	struct ledger_area *area = region->area;
	struct model model = ledger_model(area);

	for (unsigned long i = 0; i < LEDGER_STRIPES; i++) {
		struct run stripe = { i * LEDGER_STRIPE_PAGES,
				      (i + 1) * LEDGER_STRIPE_PAGES };

		if (area->owners[i] != dead)
			continue;
		must_succeed(region, stripe, "pin",
			     call(region, stripe, true, engine->pin,
				  engine->pin64));
		model_pin(&model, stripe.start, stripe.end);
		for (unsigned long j = stripe.start; j < stripe.end; j++) {
			area->pages[j].generation = 0;
			area->pages[j].loose = false;
		}
		ledger_give(area, stripe);
	}
}

/**
 * region_check_status - is what GET_PIN_STATUS says true?
 * @region: the area
 * @run:    the pages
 */
void region_check_status(struct region *region, struct run run)
{
	struct model model = ledger_model(region->area);
	bool pinned = model_is_pinned(&model, run.start, run.end);
	long status = must_succeed(region, run, "status",
				   call(region, run, pinned, engine->status,
					engine->status64));

	if (status != pinned)
		fault(region, CLAIM_STATUS, run,
		      "the status is %ld; the pages are %s", status,
		      pinned ? "all pinned" : "not all pinned");
}

/*
 * Finds out whether a page that was just pinned had been purged, and writes it
 * anew if so. @answer is what the pin said. Returns true if it had been.
 */
static bool settle_page(struct region *region, unsigned long page, long answer,
			uint64_t *random)
{
	struct ledger_page *record = &region->area->pages[page];
	struct content_look look;

	record->pins++;
	if (!record->generation) {
		region_write(region, page);
		return false;
	}
	look = look_at(region, page, record->loose, random);
	if (look.state == CONTENT_INTACT)
		return false;
	if (!region->area->states[page].unpinned)
		fault_page(region, CLAIM_PINNED, page, &look,
			   "a page that was never unpinned");
	if (!answer)
		fault_page(region, CLAIM_NOT_PURGED, page, &look,
			   "the pin said \"not purged\"");
	if (look.state == CONTENT_TORN && !record->loose)
		fault_page(region, CLAIM_PURGED, page, &look,
			   "the pin said \"purged\", but these are not zeros");
	record->purges++;
	region_write(region, page);
	return true;
}

static void count_pin(struct ledger *ledger, struct run run, long answer,
		      unsigned long purged, bool was_pinned)
{
	struct ledger_counts *counts = &ledger->counts;

	counts->checks += run.end - run.start;
	if (answer) {
		counts->pins_purged++;
		counts->pages_purged += purged;
		ledger->purging = true;
	} else if (!was_pinned) {
		counts->pins_kept++;
	}
}

/**
 * region_pin - pin pages, and find out whether the answer is true
 * @region: the area
 * @run:    the pages; afterwards their content is what the ledger says
 * @random: for choices
 */
void region_pin(struct region *region, struct run run, uint64_t *random)
{
	struct model model = ledger_model(region->area);
	bool was_pinned = model_is_pinned(&model, run.start, run.end);
	unsigned long purged = 0;
	bool loose = false;
	long answer;

	answer = must_succeed(region, run, "pin",
			      call(region, run, random_below(random, 2),
				   engine->pin, engine->pin64));
	for (unsigned long i = run.start; i < run.end; i++) {
		loose |= region->area->pages[i].loose;
		if (settle_page(region, i, answer, random)) {
			model_purge(&model, i, i + 1);
			purged++;
		}
		region->area->pages[i].loose = false;
	}
	if (model_pin(&model, run.start, run.end) != answer && !loose)
		fault(region, CLAIM_PURGED, run,
		      "the pin said %ld, but every page has its content",
		      answer);
	count_pin(region->ledger, run, answer, purged, was_pinned);
}

/**
 * region_pin_again - pin pages that are pinned
 * @region: the area
 * @run:    the pages
 */
void region_pin_again(struct region *region, struct run run)
{
	long answer = must_succeed(region, run, "pin",
				   call(region, run, true, engine->pin,
					engine->pin64));

	if (answer)
		fault(region, CLAIM_PINNED, run,
		      "all were pinned, but a pin said \"purged\"");
}

/**
 * region_unpin - unpin pages
 * @region: the area
 * @run:    the pages; some may be unpinned already
 * @random: for choices
 */
void region_unpin(struct region *region, struct run run, uint64_t *random)
{
	struct model model = ledger_model(region->area);

	must_succeed(region, run, "unpin",
		     call(region, run, random_below(random, 2),
			  engine->unpin, engine->unpin64));
	model_unpin(&model, run.start, run.end, 0);
}

/**
 * region_write - write new content
 * @region: the area
 * @page:   which
 */
void region_write(struct region *region, unsigned long page)
{
	struct ledger_page *record = &region->area->pages[page];

	record->generation++;
	record->writer = region->self;
	content_write(words_of(region->shared, page), seed_of(region, page));
}

/**
 * region_fill - write content to all pages of a new area, and unpin them
 * @region: the area
 * @random: for choices
 */
void region_fill(struct region *region, uint64_t *random)
{
	struct run all = { 0, region->area->count };

	for (unsigned long i = all.start; i < all.end; i++)
		region_write(region, i);
	region_unpin(region, all, random);
}

/**
 * region_write_unpinned - write new content, though it may be purged
 * @region: the area
 * @page:   which
 */
void region_write_unpinned(struct region *region, unsigned long page)
{
	region->area->pages[page].loose = true;
	region_write(region, page);
}

/**
 * region_write_private - write content that nobody else sees
 * @region: an area that is mapped privately
 * @page:   which
 */
void region_write_private(struct region *region, unsigned long page)
{
	region->copies += !region->copied[page];
	region->copied[page] = true;
	content_write(words_of(region->private, page),
		      content_seed(region->area->id, page, CONTENT_PRIVATE));
}

/**
 * region_verify - verify content that must be there
 * @region: the area
 * @run:    pages that were pinned by region_pin()
 * @when:   what has happened since then
 * @random: for choices
 */
void region_verify(struct region *region, struct run run, const char *when,
		   uint64_t *random)
{
	for (unsigned long i = run.start; i < run.end; i++) {
		struct content_look look = look_at(region, i, false, random);

		if (look.state != CONTENT_INTACT)
			fault_page(region, CLAIM_PINNED, i, &look, when);
	}
	region->ledger->counts.checks += run.end - run.start;
}

/**
 * region_hold - hold pages, look at them, and release them
 * @region: an area; its pages may be pinned or not
 * @run:    some of them
 * @dally:  called meanwhile, with @context
 * @random: for choices
 *
 * Somebody else may be about to purge them.
 */
void region_hold(struct region *region, struct run run,
		 void (*dally)(void *context), void *context, uint64_t *random)
{
	long purged;

	if (!engine->hold)
		return;
	purged = must_succeed(region, run, "hold",
			      call(region, run, true, NULL, engine->hold));
	for (int looks = 0; purged == 0 && looks < 2; looks++) {
		for (unsigned long i = run.start; i < run.end; i++) {
			struct content_look look = look_at(region, i, false,
							   random);

			if (region->area->pages[i].generation &&
			    look.state != CONTENT_INTACT)
				fault_page(region, CLAIM_HELD, i, &look,
					   "held, and said not to be purged");
		}
		region->ledger->counts.checks += run.end - run.start;
		dally(context);
	}
	region->ledger->counts.holds++;
	must_succeed(region, run, "release",
		     call(region, run, true, NULL, engine->release));
}

/**
 * region_verify_private - verify what a private mapping shows
 * @region: an area that is mapped privately
 * @run:    pages that were pinned by region_pin()
 * @random: for choices
 */
void region_verify_private(struct region *region, struct run run,
			   uint64_t *random)
{
	for (unsigned long i = run.start; i < run.end; i++) {
		bool copied = region->copied[i];
		uint64_t seed = copied ? content_seed(region->area->id, i,
						      CONTENT_PRIVATE) :
					 seed_of(region, i);
		struct content_look look;

		look = content_look(words_of(region->private, i), seed, copied,
				    random);
		if (look.state != CONTENT_INTACT)
			fault_page(region, CLAIM_PRIVATE, i, &look,
				   copied ? "a private copy" :
					    "seen through a private mapping");
	}
	region->ledger->counts.checks += run.end - run.start;
}
