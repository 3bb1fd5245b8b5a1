// SPDX-License-Identifier: MIT
/*
 * The publisher owns the cache: it makes the area, fills it, hands it out, lets
 * go of it, and mends it afterwards. All that a program needs to do to use
 * ashmem is in this file.
 *
 * Its cues: publish, unpin, wait for a purge (also again), pin, mend.
 */
#include "roles.h"

#include "actor.h"

#include <ashmem.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* How long a purge is waited for, and when it is taken to be over: at the
 * latest, ashmemd looks for more to do after a second. */
#define PATIENCE_MS	3000
#define QUIET_MS	1200
#define LOOK_MS		2

/**
 * struct cache - the area, as its owner sees it
 * @stage:  where to report
 * @source: what it is made from
 * @region: the area
 * @bytes:  the mapped content
 * @size:   of the content
 * @page:   the size of a page
 * @pages:  of the area
 * @gone:   for each page, whether it was purged
 */
struct cache {
	int stage;
	const struct source *source;
	struct ashmem_region *region;
	char *bytes;
	size_t size;
	size_t page;
	size_t pages;
	bool *gone;
};

__attribute__((noreturn))
static void fail(const struct cache *cache, const char *what)
{
	actor_fail(cache->stage, "%s: %s", what, strerror(errno));
}

static void make_area(struct cache *cache)
{
	if (ashmem_region_create(&cache->region, "demo", cache->size))
		fail(cache, "create");
	cache->bytes = ashmem_region_map(cache->region, 0,
					 PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	if (cache->bytes == MAP_FAILED)
		fail(cache, "map");
}

/*
 * The reader may only read. On the device that takes writing from the area, for
 * all who map it from now on: all who have it share one open file.
 */
static void hand_over(const struct cache *cache, int socket)
{
	if (ashmem_region_engine(cache->region) == ASHMEM_ENGINE_DEVICE &&
	    ashmem_region_set_protection(cache->region, PROT_READ))
		fail(cache, "set_protection");
	if (ashmem_region_send(cache->region, socket, ASHMEM_ACCESS_READ_ONLY))
		fail(cache, "send");
}

/* Fills in the state of the area's pages. */
static void look(const struct cache *cache, struct area_pages *area)
{
	struct ashmem_information now;

	if (ashmem_region_information(cache->region, &now, sizeof(now)))
		fail(cache, "information");
	*area = (struct area_pages){
		.resident = now.resident,
		.pinned = now.pages - now.unpinned,
		.unpinned = now.unpinned - now.purged,
		.purged = now.purged,
	};
}

static void publish(struct cache *cache, int socket, struct report *report)
{
	make_area(cache);
	if (source_read(cache->source, cache->bytes, cache->size, 0))
		fail(cache, "cannot read the file");
	actor_show_maps(cache->stage, cache->bytes, report);
	hand_over(cache, socket);
}

static void unpin(const struct cache *cache)
{
	if (ashmem_region_unpin(cache->region, 0, 0))
		fail(cache, "unpin");
}

/*
 * Waits until a purge has begun, and ended, or for so long that none will come.
 * @report->at is when the last page was seen to go.
 */
static void await_purge(const struct cache *cache, struct report *report)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	double start = milliseconds(), now = start;
	struct area_pages area;

	do {
		look(cache, &area);
		now = milliseconds();
		if (area.purged != report->pages) {
			report->pages = area.purged;
			report->at = now;
		}
		nanosleep(&pause, NULL);
	} while (report->pages ? now - report->at < QUIET_MS :
				 now - start < PATIENCE_MS);
}

/* Pinning page by page tells which pages are gone, not only that some are. */
static void pin(struct cache *cache, struct report *report)
{
	for (size_t page = 0; page < cache->pages; page++) {
		int purged = ashmem_region_pin(cache->region,
					       page * cache->page, cache->page);

		if (purged < 0)
			fail(cache, "pin");
		cache->gone[page] = purged == ASHMEM_WAS_PURGED;
		report->pages += cache->gone[page];
	}
}

static void mend(struct cache *cache, struct report *report)
{
	for (size_t page = 0; page < cache->pages; page++) {
		size_t at = page * cache->page;
		size_t part = cache->size - at;

		if (!cache->gone[page])
			continue;
		if (part > cache->page)
			part = cache->page;
		if (source_read(cache->source, cache->bytes + at, part, at))
			fail(cache, "cannot read the file again");
		report->pages++;
	}
}

/* Ends a step: adds the time since @start and the state of the area. */
static enum cue tell(const struct cache *cache, struct report *report,
		     double start)
{
	report->ms = milliseconds() - start;
	look(cache, &report->area);
	actor_tell(cache->stage, report);
	*report = (struct report){ 0 };
	return actor_wait(cache->stage);
}

/* Ends the first step. Nobody has looked for a purger yet, and to ask for more
 * than this would do so. */
static void tell_published(const struct cache *cache, struct report *report,
			   double start)
{
	report->ms = milliseconds() - start;
	report->area.resident = report->area.pinned = cache->pages;
	actor_tell(cache->stage, report);
	*report = (struct report){ 0 };
	actor_wait(cache->stage);
}

void play_publisher(int stage, const void *with)
{
	const struct props *props = with;
	struct report report = { 0 };
	struct cache cache = {
		.stage = stage,
		.source = &props->source,
		.size = source_total(&props->source),
		.page = (size_t)sysconf(_SC_PAGESIZE),
	};
	double start;

	cache.pages = (cache.size + cache.page - 1) / cache.page;
	cache.gone = calloc(cache.pages, sizeof(*cache.gone));
	if (!cache.gone)
		fail(&cache, "calloc");
	actor_wait(stage);

	start = milliseconds();
	publish(&cache, props->to_reader, &report);
	tell_published(&cache, &report, start);

	start = milliseconds();
	unpin(&cache);
	tell(&cache, &report, start);

	do {
		start = milliseconds();
		await_purge(&cache, &report);
	} while (tell(&cache, &report, start) == CUE_AGAIN);

	start = milliseconds();
	pin(&cache, &report);
	tell(&cache, &report, start);

	start = milliseconds();
	mend(&cache, &report);
	tell(&cache, &report, start);
}
