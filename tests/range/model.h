/* SPDX-License-Identifier: MIT */
/*
 * What pinning means (CONTRACT.md, section 4), as an array of pages.
 *
 * The executable oracle of pin state: each operation is a loop over the pages
 * that it names, so that it can be seen to be right. Whatever else keeps pin
 * state, in ranges or in bits, is checked against it with random operations.
 * It counts pages from 0, allocates nothing and knows no engine.
 */
#ifndef ASHMEM_TESTS_RANGE_MODEL_H
#define ASHMEM_TESTS_RANGE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct model_page - the pin state of one page; all zero is pinned
 * @stamp:    when it was unpinned; has no meaning while it is pinned
 * @unpinned: it may be purged
 * @purged:   it was, since it was unpinned
 * @touched:  after that it may have been given memory again
 */
struct model_page {
	uint64_t stamp;
	bool unpinned;
	bool purged;
	bool touched;
};

/**
 * struct model - the pages of one area
 * @pages: who makes the model brings them
 * @count: how many
 *
 * Runs are given as page numbers [start, end), end <= @count.
 */
struct model {
	struct model_page *pages;
	unsigned long count;
};

/* Returns true if any page of the run was purged since it was unpinned. */
static inline bool model_pin(struct model *model,
			     unsigned long start, unsigned long end)
{
	bool purged = false;

	for (unsigned long i = start; i < end; i++) {
		purged |= model->pages[i].purged;
		model->pages[i] = (struct model_page){ 0 };
	}
	return purged;
}

static inline void model_unpin(struct model *model, unsigned long start,
			       unsigned long end, uint64_t stamp)
{
	for (unsigned long i = start; i < end; i++)
		if (!model->pages[i].unpinned)
			model->pages[i] = (struct model_page){
				.stamp = stamp,
				.unpinned = true,
			};
}

/* Returns true if no page of the run is unpinned. */
static inline bool model_is_pinned(const struct model *model,
				   unsigned long start, unsigned long end)
{
	for (unsigned long i = start; i < end; i++)
		if (model->pages[i].unpinned)
			return false;
	return true;
}

/* Pinned pages of the run are left alone. Returns how many lost memory. */
static inline unsigned long model_purge(struct model *model,
					unsigned long start, unsigned long end)
{
	unsigned long lost = 0;

	for (unsigned long i = start; i < end; i++) {
		struct model_page *page = &model->pages[i];

		if (!page->unpinned)
			continue;
		lost += !page->purged || page->touched;
		page->purged = true;
		page->touched = false;
	}
	return lost;
}

/* Returns true if the page was purged, and has memory to purge again now. */
static inline bool model_touch(struct model *model, unsigned long page)
{
	model->pages[page].touched = model->pages[page].purged;
	return model->pages[page].touched;
}

static inline unsigned long model_unpinned(const struct model *model)
{
	unsigned long count = 0;

	for (unsigned long i = 0; i < model->count; i++)
		count += model->pages[i].unpinned;
	return count;
}

static inline unsigned long model_purged(const struct model *model)
{
	unsigned long count = 0;

	for (unsigned long i = 0; i < model->count; i++)
		count += model->pages[i].purged;
	return count;
}

/* How many runs of pinned pages there are in the run. */
static inline unsigned long model_gaps(const struct model *model,
				       unsigned long start, unsigned long end)
{
	unsigned long gaps = 0;

	for (unsigned long i = start; i < end; i++)
		gaps += !model->pages[i].unpinned &&
			(i == start || model->pages[i - 1].unpinned);
	return gaps;
}

#endif /* ASHMEM_TESTS_RANGE_MODEL_H */
