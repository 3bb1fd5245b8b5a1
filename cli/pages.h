/* SPDX-License-Identifier: MIT */
/*
 * The state of each page of a region, found without touching any: which have
 * memory by SEEK_DATA, or mincore(2) on the device, whose file offset others
 * share; which are unpinned by the pin map, or on the device by asking for the
 * pin status of ever smaller runs.
 *
 * The device does not say which page was purged, only how many were. There a
 * page that is unpinned and has no memory is taken for purged, as far as any
 * was.
 */
#ifndef ASHMEM_CLI_PAGES_H
#define ASHMEM_CLI_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "found.h"

enum page_state {
	PAGE_PINNED,		/* has memory, and keeps it */
	PAGE_UNPINNED,		/* has memory, and may be purged */
	PAGE_PURGED,		/* was purged since it was unpinned */
	PAGE_UNTOUCHED,		/* never had memory since it was last purged */
	PAGE_STATES,
};

extern const char *const page_state_names[PAGE_STATES];

/**
 * struct page_run - pages [first, end) that are alike
 */
struct page_run {
	uint64_t first;
	uint64_t end;
	enum page_state state;
};

/**
 * struct pages - all of a region, in order
 * @pages: how many there are
 */
struct pages {
	struct page_run *runs;
	size_t count;
	uint64_t pages;
};

/* Looks. Returns an enum status; complains. */
int pages_look(const struct found *found, struct pages *pages);
void pages_end(struct pages *pages);

/* How many are in each state. */
void pages_count(const struct pages *pages, uint64_t counts[PAGE_STATES]);

#endif /* ASHMEM_CLI_PAGES_H */
