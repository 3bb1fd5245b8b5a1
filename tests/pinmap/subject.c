// SPDX-License-Identifier: MIT
/*
 * A pin map and the model of the same region take every operation together.
 * After each, the map must tell the same of every page.
 *
 * The model knows no cells, and so nothing of their ages: these are kept here,
 * as pinmap.h promises them. A cell's age is that of the last unpin that
 * changed one of its pages, except that an unpin of the whole region gives all
 * cells one age if some of them were in effect.
 */
#include "../range/subject.h"

#include <stdlib.h>

#include "../range/model.h"
#include "operation.h"
#include "pinmap.h"

#define PAGE_SIZE	4096

/**
 * struct cell - what is expected of a cell beyond its pages
 * @age:       of its last unpin
 * @in_effect: it speaks for its pages, not the whole
 */
struct cell {
	uint64_t age;
	bool in_effect;
};

/**
 * struct subject - what is tested, and what it is compared with
 * @map:   the map
 * @model: the model
 * @cells: as the map should see them
 * @parts: a part has been pinned or unpinned in this epoch
 * @epoch: that of the map
 * @now:   the clock; no two operations are at the same time
 */
struct subject {
	struct pinmap map;
	struct model model;
	struct cell *cells;
	bool parts;
	uint32_t epoch;
	uint64_t now;
};

static bool never_wait(void *context, _Atomic uint32_t *purging, uint32_t seen)
{
	(void)purging;
	(void)seen;
	*(bool *)context = true;
	return false;
}

static unsigned long start_of(size_t cell)
{
	return (unsigned long)cell * PINMAP_CELL_PAGES;
}

static unsigned long end_of(const struct subject *subject, size_t cell)
{
	unsigned long end = start_of(cell + 1);

	return end < subject->model.count ? end : subject->model.count;
}

static bool in_run(unsigned long page, unsigned long first, unsigned long end)
{
	return page >= first && page < end;
}

typedef bool page_fn(const struct model_page *page);

static bool is_unpinned(const struct model_page *page)
{
	return page->unpinned;
}

static bool is_purged(const struct model_page *page)
{
	return page->purged;
}

static bool is_purgeable(const struct model_page *page)
{
	return page->unpinned && !page->purged;
}

/* Those of a cell's pages in the run for which @is is true. */
static uint32_t mask_of(const struct subject *subject, size_t cell,
			unsigned long first, unsigned long end, page_fn *is)
{
	uint32_t mask = 0;

	for (unsigned long i = start_of(cell); i < end_of(subject, cell); i++)
		if (in_run(i, first, end) && is(&subject->model.pages[i]))
			mask |= UINT32_C(1) << (i - start_of(cell));
	return mask;
}

static void expect_in_cells(struct subject *subject, unsigned long first,
			    unsigned long end, bool unpin)
{
	subject->parts = true;
	for (size_t i = 0; i < subject->map.cell_count; i++) {
		bool touched = false, changed = false;

		for (unsigned long j = start_of(i); j < end_of(subject, i); j++)
			if (in_run(j, first, end)) {
				touched = true;
				changed |= !subject->model.pages[j].unpinned;
			}
		if (touched)
			subject->cells[i].in_effect = true;
		if (unpin && changed)
			subject->cells[i].age = subject->now;
	}
}

/* Before the model changes. */
static void expect(struct subject *subject, unsigned long first,
		   unsigned long end, bool unpin)
{
	bool whole = first == 0 && end == subject->model.count;

	if (!whole || (subject->parts && subject->epoch == UINT32_MAX)) {
		expect_in_cells(subject, first, end, unpin);
		return;
	}
	for (size_t i = 0; i < subject->map.cell_count; i++) {
		if (unpin && (subject->parts ||
			      !subject->model.pages[0].unpinned))
			subject->cells[i].age = subject->now;
		subject->cells[i].in_effect = false;
	}
	subject->epoch += subject->parts;
	subject->parts = false;
}

static const char *pin(struct subject *subject, unsigned long first,
		       unsigned long end)
{
	bool waited = false;
	int purged = pinmap_pin(&subject->map, first, end, never_wait, &waited);

	if (waited)
		return "pin waits, and nothing is being purged";
	expect(subject, first, end, false);
	if (purged != model_pin(&subject->model, first, end))
		return purged ? "pin says purged, and nothing was" :
				"pin says that nothing was purged";
	return NULL;
}

/* Claims what is not purged in a run, in each cell. */
static const char *claim(struct subject *subject, unsigned long first,
			 unsigned long end, uint32_t *claimed)
{
	for (size_t i = 0; i < subject->map.cell_count; i++) {
		uint32_t wanted = mask_of(subject, i, first, end, is_unpinned) &
			~mask_of(subject, i, first, end, is_purged);
		uint32_t mask = UINT32_MAX, left, committed;

		/* Pinned pages are claimed, too: they are refused. */
		mask &= ~mask_of(subject, i, 0, subject->model.count,
				 is_purgeable) | wanted;
		mask &= ~mask_of(subject, i, 0, subject->model.count,
				 is_purged);
		if (end_of(subject, i) - start_of(i) < PINMAP_CELL_PAGES)
			mask &= (UINT32_C(1) << (end_of(subject, i) -
						 start_of(i))) - 1;
		claimed[i] = pinmap_claim(&subject->map, i, mask);
		if (claimed[i] != wanted)
			return "other pages were claimed than are unpinned";
		left = pinmap_left_behind(&subject->map, i, &committed);
		if (left != wanted || committed)
			return "other pages are being purged than were claimed";
	}
	return NULL;
}

static bool any(const struct subject *subject, const uint32_t *masks)
{
	for (size_t i = 0; i < subject->map.cell_count; i++)
		if (masks[i])
			return true;
	return false;
}

static const char *purge(struct subject *subject, unsigned int how,
			 unsigned long first, unsigned long end)
{
	uint32_t claimed[subject->map.cell_count], committed;
	const char *fault = claim(subject, first, end, claimed);
	bool waited = false;

	if (fault)
		return fault;
	for (size_t i = 0; how != OPERATION_ABANDON &&
			   i < subject->map.cell_count; i++) {
		pinmap_commit(&subject->map, i, claimed[i]);
		if (pinmap_left_behind(&subject->map, i, &committed) !=
		    claimed[i] || committed != claimed[i])
			return "other pages are committed than were claimed";
	}
	if (any(subject, claimed) &&
	    pinmap_settle(&subject->map, first, end, never_wait,
			  &waited) != -1)
		return "a hold does not wait for a purge";
	if (how == OPERATION_GIVE_UP && any(subject, claimed)) {
		if (pinmap_pin(&subject->map, first, end, never_wait,
			       &waited) != -1)
			return "pin does not wait for a purge";
		expect(subject, first, end, false);
	}
	for (size_t i = 0; i < subject->map.cell_count; i++) {
		if (how == OPERATION_REFUSE)
			pinmap_uncommit(&subject->map, i, claimed[i]);
		pinmap_finish(&subject->map, i, claimed[i]);
	}
	if (how != OPERATION_ABANDON && how != OPERATION_REFUSE)
		model_purge(&subject->model, first, end);
	/* The pages were pinned, and nobody was told. */
	if (how == OPERATION_GIVE_UP && any(subject, claimed))
		return pin(subject, first, end);
	return NULL;
}

static const char *renew(struct subject *subject, unsigned long first,
			 unsigned long end)
{
	pinmap_renew(&subject->map, first, end, subject->now);
	for (size_t i = 0; i < subject->map.cell_count; i++)
		if (subject->cells[i].in_effect &&
		    mask_of(subject, i, first, end, is_purged))
			subject->cells[i].age = subject->now;
	for (unsigned long i = first; i < end; i++)
		subject->model.pages[i].purged = false;
	return NULL;
}

static const char *ask(const struct subject *subject, unsigned long first,
		       unsigned long end)
{
	bool waited = false, purged = false;

	for (unsigned long i = first; i < end; i++)
		purged |= subject->model.pages[i].purged;
	if (pinmap_is_pinned(&subject->map, first, end) !=
	    model_is_pinned(&subject->model, first, end))
		return "the pin status is wrong";
	if (pinmap_settle(&subject->map, first, end, never_wait, &waited) !=
	    purged)
		return "who holds is told wrongly what was purged";
	return NULL;
}

static const char *tidy(const struct subject *subject)
{
	bool told = pinmap_is_told(&subject->map, 0, subject->map.cell_count);

	if (told != !model_purged(&subject->model))
		return "it is wrong on whether all have been told";
	if (told)
		pinmap_forget(&subject->map);
	return NULL;
}

static const char *apply(struct subject *subject,
			 const struct operation *operation)
{
	unsigned long first = operation->argument[0];
	unsigned long end = first + operation->argument[1];

	subject->now++;
	switch (operation->kind) {
	case OPERATION_PIN:
		return pin(subject, first, end);
	case OPERATION_UNPIN:
		pinmap_unpin(&subject->map, first, end, subject->now);
		expect(subject, first, end, true);
		model_unpin(&subject->model, first, end, subject->now);
		return NULL;
	case OPERATION_RENEW:
		return renew(subject, first, end);
	case OPERATION_ASK:
		return ask(subject, first, end);
	case OPERATION_TIDY:
		return tidy(subject);
	default:
		return purge(subject, operation->kind, first, end);
	}
}

static const char *check_cell(const struct subject *subject, size_t cell)
{
	unsigned long count = subject->model.count;
	uint32_t expected = mask_of(subject, cell, 0, count, is_purgeable);
	uint32_t committed;
	uint64_t age;

	if (pinmap_purgeable(&subject->map, cell, &age) != expected)
		return "other pages are purgeable than should be";
	if (mask_of(subject, cell, 0, count, is_unpinned) &&
	    age != subject->cells[cell].age)
		return "a cell has the wrong age";
	if (pinmap_left_behind(&subject->map, cell, &committed) || committed)
		return "a claim is left behind";
	return NULL;
}

static const char *check(const struct subject *subject)
{
	struct pinmap_count count = pinmap_count(&subject->map);
	unsigned long unpinned = model_unpinned(&subject->model);
	bool all;

	if (count.unpinned != unpinned)
		return "the count of unpinned pages is wrong";
	if (count.purged != model_purged(&subject->model))
		return "the count of purged pages is wrong";
	if (pinmap_is_uniform(&subject->map, &all) &&
	    (subject->parts || count.purged ||
	     unpinned != (all ? subject->model.count : 0)))
		return "it says that it is uniform, and is not";
	for (size_t i = 0; i < subject->map.cell_count; i++) {
		const char *fault = check_cell(subject, i);

		if (fault)
			return fault;
	}
	return NULL;
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		abort();
	return memory;
}

struct verdict subject_run(const struct sequence *sequence, bool thorough)
{
	void *memory = allocate(1, pinmap_bytes(sequence->pages));
	struct subject subject = {
		.map = pinmap_at(memory, sequence->pages),
		.model = {
			.pages = allocate(sequence->pages,
					  sizeof(struct model_page)),
			.count = sequence->pages,
		},
		.epoch = sequence->base,
	};
	struct verdict verdict = { 0 };

	(void)thorough;
	subject.cells = allocate(subject.map.cell_count, sizeof(struct cell));
	pinmap_init(&subject.map, PAGE_SIZE);
	if (!pinmap_valid(&subject.map, PAGE_SIZE) ||
	    pinmap_valid(&subject.map, PAGE_SIZE + 1))
		verdict.fault = "a new map is not valid";
	atomic_store(&subject.map.header->whole, (uint64_t)subject.epoch << 32);
	while (!verdict.fault && verdict.step < sequence->length) {
		verdict.fault = apply(&subject,
				      &sequence->operations[verdict.step++]);
		if (!verdict.fault)
			verdict.fault = check(&subject);
	}
	free(subject.cells);
	free(subject.model.pages);
	free(memory);
	return verdict;
}
