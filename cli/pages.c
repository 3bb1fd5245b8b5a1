// SPDX-License-Identifier: MIT
#include "pages.h"

#include <ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pinmap.h"
#include "pins.h"
#include "reach.h"
#include "verb.h"

/* For mincore(2), which tells of one page a byte. */
#define MINCORE_PAGES	65536

const char *const page_state_names[PAGE_STATES] = {
	[PAGE_PINNED]		= "pinned",
	[PAGE_UNPINNED]		= "unpinned",
	[PAGE_PURGED]		= "purged",
	[PAGE_UNTOUCHED]	= "untouched",
};

static uint64_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* Adds a run, to the one before if they are alike. */
static int add(struct pages *pages, uint64_t first, uint64_t end,
	       enum page_state state)
{
	struct page_run *runs = pages->runs;
	struct page_run *last = pages->count ? &runs[pages->count - 1] : NULL;

	if (last && last->state == state && last->end == first) {
		last->end = end;
		return 0;
	}
	if (!(pages->count & (pages->count - 1))) {
		runs = reallocarray(runs, pages->count ? pages->count * 2 : 1,
				    sizeof(*runs));
		if (!runs)
			return -1;
		pages->runs = runs;
	}
	runs[pages->count++] = (struct page_run){ first, end, state };
	return 0;
}

/*
 * What is pinned, unpinned and purged. For as long as it is not known what has
 * memory, all is taken to have some.
 */

static enum page_state state_of(uint32_t purgeable, uint32_t purged,
				unsigned int page)
{
	if (purged >> page & 1)
		return PAGE_PURGED;
	return purgeable >> page & 1 ? PAGE_UNPINNED : PAGE_PINNED;
}

static int add_pins(void *context, uint64_t first, uint64_t end,
		    uint32_t purgeable, uint32_t purged)
{
	struct pages *pages = context;

	if (end - first > PINMAP_CELL_PAGES || (!purgeable && !purged))
		return add(pages, first, end,
			   purgeable ? PAGE_UNPINNED : PAGE_PINNED);
	for (uint64_t i = first; i < end; i++)
		if (add(pages, i, i + 1,
			state_of(purgeable, purged, i - first)) < 0)
			return -1;
	return 0;
}

static int read_pin_map(const struct found *found, struct pages *pages)
{
	int fd = service_look(found->service, found->device, found->inode);
	int result, error;

	if (fd < 0)
		return -1;
	result = pins_walk(fd, found->pages, add_pins, pages);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

/* A run in which all is unpinned cannot be told from one in which some is, but
 * by looking at its halves. */
static int ask_for_pins(struct ashmem_region *region, struct pages *pages,
			uint64_t first, uint64_t end)
{
	uint64_t middle = first + (end - first) / 2;
	int pinned = ashmem_region_pin_status(region, first * page_size(),
					      (end - first) * page_size());

	if (pinned < 0)
		return -1;
	if (pinned == ASHMEM_IS_PINNED)
		return add(pages, first, end, PAGE_PINNED);
	if (end - first == 1)
		return add(pages, first, end, PAGE_UNPINNED);
	if (ask_for_pins(region, pages, first, middle) < 0)
		return -1;
	return ask_for_pins(region, pages, middle, end);
}

static int ask_device_for_pins(const struct found *found, int fd,
			       struct pages *pages)
{
	struct ashmem_region *region;
	int result;

	if (!found->unpinned)
		return add(pages, 0, found->pages, PAGE_PINNED);
	if (ashmem_region_import(&region, fd) < 0)
		return -1;
	result = ask_for_pins(region, pages, 0, found->pages);
	ashmem_region_close(region);
	return result;
}

/*
 * What has memory.
 */

/* Adds what the run becomes in which the pages [first, end) have memory or not.
 * */
static int add_known(struct pages *pages, const struct found *found,
		     uint64_t first, uint64_t end, enum page_state state,
		     bool memory)
{
	bool device = found->engine == ASHMEM_ENGINE_DEVICE;

	if (!memory && state == PAGE_UNPINNED && device && found->purged)
		state = PAGE_PURGED;
	else if (!memory && state != PAGE_PURGED)
		state = PAGE_UNTOUCHED;
	return add(pages, first, end, state);
}

/* Told that the pages [first, end) have memory, or have none; in order. */
typedef int memory_fn(void *context, uint64_t first, uint64_t end, bool memory);

/**
 * struct overlay - goes along the pins as what has memory becomes known
 * @pins: runs as if all had memory
 * @next: of these
 */
struct overlay {
	const struct found *found;
	const struct pages *pins;
	struct pages *pages;
	size_t next;
};

static int overlay(void *context, uint64_t first, uint64_t end, bool memory)
{
	struct overlay *overlay = context;

	while (first < end && overlay->next < overlay->pins->count) {
		const struct page_run *run =
			&overlay->pins->runs[overlay->next];
		uint64_t until = run->end < end ? run->end : end;

		if (add_known(overlay->pages, overlay->found, first, until,
			      run->state, memory) < 0)
			return -1;
		first = until;
		overlay->next += run->end == until;
	}
	return 0;
}

/* By the holes in the file, whose offset is nobody else's. */
static int walk_file(int fd, uint64_t pages, memory_fn *tell, void *context)
{
	uint64_t page = page_size(), at = 0, data, hole;

	while (at < pages) {
		off_t found = lseek(fd, at * page, SEEK_DATA);

		if (found < 0 && errno != ENXIO)
			return -1;
		data = found < 0 ? pages : found / page;
		if (data > at && tell(context, at, data, false) < 0)
			return -1;
		at = data;
		if (at == pages)
			break;
		found = lseek(fd, at * page, SEEK_HOLE);
		if (found < 0)
			return -1;
		hole = (found + page - 1) / page;
		if (tell(context, at, hole, true) < 0)
			return -1;
		at = hole;
	}
	return 0;
}

static int walk_mapping(char *memory, uint64_t pages, memory_fn *tell,
			void *context)
{
	uint64_t page = page_size();
	static unsigned char there[MINCORE_PAGES];

	for (uint64_t at = 0; at < pages; at += MINCORE_PAGES) {
		uint64_t count = pages - at < MINCORE_PAGES ? pages - at :
							      MINCORE_PAGES;

		if (mincore(memory + at * page, count * page, there) < 0)
			return -1;
		for (uint64_t i = 0; i < count; i++)
			if (tell(context, at + i, at + i + 1,
				 there[i] & 1) < 0)
				return -1;
	}
	return 0;
}

/* An area without memory is not mapped: that would make it some. */
static int walk_area(int fd, const struct found *found, memory_fn *tell,
		     void *context)
{
	size_t bytes = found->pages * page_size();
	char *memory;
	int result;

	if (!found->inode || !found->resident)
		return tell(context, 0, found->pages, false);
	memory = mmap(NULL, bytes, PROT_NONE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -1;
	result = walk_mapping(memory, found->pages, tell, context);
	munmap(memory, bytes);
	return result;
}

static int look(const struct found *found, int fd, struct pages *pages)
{
	bool device = found->engine == ASHMEM_ENGINE_DEVICE;
	struct pages pins = { 0 };
	struct overlay context = { found, &pins, pages, 0 };
	int result;

	if (device)
		result = ask_device_for_pins(found, fd, &pins);
	else if (found->service)
		result = read_pin_map(found, &pins);
	else
		result = add(&pins, 0, found->pages, PAGE_PINNED);
	if (result == 0 && device)
		result = walk_area(fd, found, overlay, &context);
	else if (result == 0)
		result = walk_file(fd, found->pages, overlay, &context);
	free(pins.runs);
	return result;
}

int pages_look(const struct found *found, struct pages *pages)
{
	int fd, status = STATUS_DONE;

	*pages = (struct pages){ .pages = found->pages };
	if (!found->knows_pins) {
		complain("%s: which pages are pinned is not known here: no "
			 "ashmemd that serves it can be reached", found->id);
		return STATUS_FAILED;
	}
	if (!found->pages) {
		complain("%s has no size yet", found->id);
		return STATUS_FAILED;
	}
	fd = reach_open(found, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return status_of(errno);
	if (look(found, fd, pages) < 0) {
		complain("%s: its pages cannot be looked at: %s", found->id,
			 strerror(errno));
		status = status_of(errno);
		pages_end(pages);
	}
	close(fd);
	return status;
}

void pages_end(struct pages *pages)
{
	free(pages->runs);
	*pages = (struct pages){ 0 };
}

void pages_count(const struct pages *pages, uint64_t counts[PAGE_STATES])
{
	memset(counts, 0, PAGE_STATES * sizeof(counts[0]));
	for (size_t i = 0; i < pages->count; i++)
		counts[pages->runs[i].state] += pages->runs[i].end -
						pages->runs[i].first;
}
