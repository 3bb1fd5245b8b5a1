// SPDX-License-Identifier: MIT
/*
 * The ranges of an area and the model of the same area take every operation
 * together. After each, the ranges are walked and must tell the same of every
 * page, be in order by page and by age, and have used exactly the memory that
 * they said they would; each piece of memory must still be somewhere.
 */
#include "subject.h"

#include <stdlib.h>
#include <string.h>

#include <linux/minmax.h>

#include "model.h"
#include "operation.h"
#include "range.h"

/* One more than promised is brought, so that taking too many is seen. */
#define EXTRA_SPARES	1

/* Few, so that most areas take several calls. */
#define CLEARED_AT_ONCE	3

/**
 * struct subject - what is tested, and what it is compared with
 * @ranges: the ranges
 * @model:  the model; page i is page @base + i of the ranges
 * @base:   the number of the first page
 * @cursor: a place in the order of age, as reclaim keeps one
 * @memory: how many ranges, the cursor apart, were allocated and not freed
 * @now:    the clock; no two operations are at the same time
 */
struct subject {
	struct ashmem_ranges ranges;
	struct model model;
	unsigned long base;
	struct ashmem_range cursor;
	unsigned long memory;
	u64 now;
};

static void bring_spares(struct subject *subject, struct list_head *spares,
			 unsigned long count)
{
	while (count--) {
		struct ashmem_range *range = malloc(sizeof(*range));

		if (!range)
			abort();
		/* What it holds is nobody's business but must not be used. */
		memset(range, 0xa5, sizeof(*range));
		list_add(&range->age, spares);
		subject->memory++;
	}
}

static unsigned long free_ranges(struct subject *subject,
				 struct list_head *list)
{
	struct ashmem_range *range, *following;
	unsigned long count = 0;

	list_for_each_entry_safe(range, following, list, age) {
		list_del(&range->age);
		free(range);
		subject->memory--;
		count++;
	}
	return count;
}

/* The range that has the page, found without ashmem_ranges_find(). */
static struct ashmem_range *range_with(const struct subject *subject,
				       pgoff_t page)
{
	struct rb_node *node;

	for (node = rb_first(&subject->ranges.tree); node;
	     node = rb_next(node)) {
		struct ashmem_range *range;

		range = rb_entry(node, struct ashmem_range, node);
		if (range->start <= page && page < range->end)
			return range;
	}
	return NULL;
}

static const struct model_page *page_of(const struct subject *subject,
					pgoff_t page)
{
	return &subject->model.pages[page - subject->base];
}

static bool is_spent(const struct ashmem_range *range)
{
	return range->purged_to == range->end && !range->touched;
}

static const char *do_pin(struct subject *subject, unsigned long first,
			  unsigned long pages)
{
	pgoff_t start = subject->base + first, end = start + pages;
	unsigned long promised = ashmem_ranges_pin_splits(&subject->ranges,
							  start, end);
	bool pinned = model_is_pinned(&subject->model, first, first + pages);
	LIST_HEAD(spares);
	LIST_HEAD(freed);
	bool purged;

	if (ashmem_ranges_overlap(&subject->ranges, start, end) == pinned)
		return "overlap() is wrong";
	bring_spares(subject, &spares, promised + EXTRA_SPARES);
	purged = ashmem_ranges_pin(&subject->ranges, start, end, &spares,
				   &freed);
	free_ranges(subject, &freed);
	if (free_ranges(subject, &spares) != EXTRA_SPARES)
		return "pin() did not use what pin_splits() said";
	if (purged != model_pin(&subject->model, first, first + pages))
		return "pin() is wrong about a purge";
	if (ashmem_ranges_overlap(&subject->ranges, start, end))
		return "overlap() of what was just pinned";
	return NULL;
}

static const char *do_unpin(struct subject *subject, unsigned long first,
			    unsigned long pages)
{
	pgoff_t start = subject->base + first, end = start + pages;
	unsigned long promised = ashmem_ranges_gaps(&subject->ranges,
						    start, end);
	LIST_HEAD(spares);

	if (promised != model_gaps(&subject->model, first, first + pages))
		return "gaps() is wrong";
	bring_spares(subject, &spares, promised + EXTRA_SPARES);
	ashmem_ranges_unpin(&subject->ranges, start, end, subject->now,
			    &spares);
	if (free_ranges(subject, &spares) != EXTRA_SPARES)
		return "unpin() did not use what gaps() said";
	model_unpin(&subject->model, first, first + pages, subject->now);
	if (!ashmem_ranges_overlap(&subject->ranges, start, end))
		return "no overlap() with what was just unpinned";
	return NULL;
}

/* Purges [@start, @end), which lies in @range. */
static const char *purge_in(struct subject *subject, pgoff_t start,
			    pgoff_t end, const struct ashmem_range *range)
{
	unsigned long needed = range->purged_to < start;
	LIST_HEAD(spares);
	LIST_HEAD(freed);

	bring_spares(subject, &spares, needed + EXTRA_SPARES);
	ashmem_ranges_purge(&subject->ranges, start, end, &spares, &freed);
	free_ranges(subject, &freed);
	if (free_ranges(subject, &spares) != EXTRA_SPARES)
		return "purge() did not use what its description says";
	model_purge(&subject->model, start - subject->base,
		    end - subject->base);
	return NULL;
}

static const char *do_purge(struct subject *subject, unsigned long first,
			    unsigned long pages)
{
	pgoff_t start = subject->base + first;
	const struct ashmem_range *range = range_with(subject, start);

	if (!range)
		return NULL;
	return purge_in(subject, start, min(start + pages, range->end), range);
}

static void untouch(struct subject *subject, struct ashmem_range *range)
{
	model_purge(&subject->model, range->start - subject->base,
		    range->purged_to - subject->base);
	ashmem_ranges_untouch(&subject->ranges, range);
}

static const char *do_untouch(struct subject *subject, unsigned long page)
{
	struct ashmem_range *range = range_with(subject, subject->base + page);

	if (range && range->touched)
		untouch(subject, range);
	return NULL;
}

/* The first in the order of age, behind the cursor or of all. */
static struct ashmem_range *oldest(const struct subject *subject, bool behind)
{
	const struct list_head *age = behind ? &subject->cursor.age :
					       &subject->ranges.ages;

	for (age = age->next; age != &subject->ranges.ages; age = age->next)
		if (age != &subject->cursor.age)
			return list_entry(age, struct ashmem_range, age);
	return NULL;
}

static const char *do_reclaim(struct subject *subject, bool behind,
			      unsigned long pages)
{
	struct ashmem_range *range = ashmem_ranges_oldest(&subject->ranges,
		behind ? &subject->cursor : NULL);

	if (range != oldest(subject, behind))
		return "oldest() is wrong";
	if (!range)
		return NULL;
	if (range->touched) {
		untouch(subject, range);
		return NULL;
	}
	return purge_in(subject, range->purged_to,
			min(range->purged_to + pages, range->end), range);
}

/* Has the page a range that a touch of it gives something to purge? */
static bool is_revived_by(const struct subject *subject, pgoff_t page)
{
	const struct ashmem_range *range = range_with(subject, page);

	return range && is_spent(range);
}

static const char *do_touch(struct subject *subject, unsigned long first,
			    unsigned long pages)
{
	pgoff_t start = subject->base + first, end = start + pages, page;
	bool revives = false;

	for (page = start; page < end; page++)
		revives |= is_revived_by(subject, page);
	if (ashmem_ranges_touch(&subject->ranges, start, end,
				subject->now) != revives)
		return "touch() is wrong about what is left to purge";
	for (page = start; page < end; page++) {
		const struct ashmem_range *range = range_with(subject, page);

		if (model_touch(&subject->model, page - subject->base) &&
		    !range->touched)
			return "touch() did not mark a range";
	}
	return NULL;
}

static const char *do_cursor(struct subject *subject, bool on)
{
	struct ashmem_range *next = NULL;

	if (on)
		next = ashmem_ranges_oldest(&subject->ranges, &subject->cursor);
	list_move(&subject->cursor.age,
		  next ? &next->age : &subject->ranges.ages);
	return NULL;
}

static const char *do_clear(struct subject *subject)
{
	LIST_HEAD(freed);
	bool any;

	do {
		bool none = !rb_first(&subject->ranges.tree);

		any = ashmem_ranges_clear(&subject->ranges, CLEARED_AT_ONCE,
					  &freed);
		if (any == none)
			return "clear() is wrong about what there was";
		if (free_ranges(subject, &freed) > CLEARED_AT_ONCE)
			return "clear() took more than it was to";
	} while (any);
	model_pin(&subject->model, 0, subject->model.count);
	return NULL;
}

static const char *apply(struct subject *subject,
			 const struct operation *operation)
{
	const unsigned long *argument = operation->argument;

	switch (operation->kind) {
	case OPERATION_PIN:
		return do_pin(subject, argument[0], argument[1]);
	case OPERATION_UNPIN:
		return do_unpin(subject, argument[0], argument[1]);
	case OPERATION_PURGE:
		return do_purge(subject, argument[0], argument[1]);
	case OPERATION_RECLAIM:
		return do_reclaim(subject, argument[0], argument[1]);
	case OPERATION_TOUCH:
		return do_touch(subject, argument[0], argument[1]);
	case OPERATION_UNTOUCH:
		return do_untouch(subject, argument[0]);
	case OPERATION_CURSOR:
		return do_cursor(subject, argument[0]);
	default:
		return do_clear(subject);
	}
}

static const char *check_shape(const struct subject *subject,
			       const struct ashmem_range *range, pgoff_t from)
{
	if (range->start >= range->end)
		return "an empty range is in the tree";
	if (range->start < from)
		return "ranges overlap, or are out of order";
	if (range->end > subject->base + subject->model.count)
		return "a range passes the end of the area";
	if (range->purged_to < range->start || range->purged_to > range->end)
		return "purged_to is outside its range";
	if (range->touched && range->purged_to == range->start)
		return "a range is touched that has no purged page";
	if (is_spent(range) != list_empty(&range->age))
		return "ages is not those that have something left to purge";
	return NULL;
}

static const char *check_page(const struct ashmem_range *range,
			      const struct model_page *page, pgoff_t at)
{
	if (!page->unpinned)
		return "a pinned page is in a range";
	if (page->purged != (at < range->purged_to))
		return "a page's purged mark is wrong";
	if (!page->purged && page->stamp != range->stamp)
		return "a page has not the age that it was unpinned with";
	if (page->touched && !range->touched)
		return "a touched page is in a range that is not";
	return NULL;
}

/* Walks the tree; @tally receives what its ranges sum up to, and @count. */
static const char *check_tree(const struct subject *subject,
			      struct ashmem_ranges *tally,
			      unsigned long *count)
{
	pgoff_t from = subject->base;
	const char *fault = NULL;
	struct rb_node *node;

	for (node = rb_first(&subject->ranges.tree); node && !fault;
	     node = rb_next(node)) {
		const struct ashmem_range *range;

		range = rb_entry(node, struct ashmem_range, node);
		fault = check_shape(subject, range, from);
		for (; !fault && from < range->start; from++)
			if (page_of(subject, from)->unpinned)
				fault = "an unpinned page is in no range";
		for (; !fault && from < range->end; from++)
			fault = check_page(range, page_of(subject, from), from);
		tally->unpinned += range->end - range->start;
		tally->purged += range->purged_to - range->start;
		tally->purgeable += range->end - (range->touched ?
						  range->start :
						  range->purged_to);
		++*count;
	}
	if (!fault && !model_is_pinned(&subject->model, from - subject->base,
				       subject->model.count))
		fault = "an unpinned page is in no range";
	return fault;
}

/* Those in ages that are in no tree are seen by their number. */
static const char *check_ages(const struct subject *subject)
{
	const struct ashmem_range *range;
	unsigned long in_ages = 0, cursors = 0, left_to_purge = 0;
	struct rb_node *node;
	u64 stamp = 0;

	list_for_each_entry(range, &subject->ranges.ages, age) {
		if (range == &subject->cursor) {
			cursors++;
			continue;
		}
		if (range->stamp < stamp)
			return "ages is not in the order of age";
		stamp = range->stamp;
		in_ages++;
	}
	for (node = rb_first(&subject->ranges.tree); node; node = rb_next(node))
		left_to_purge += !is_spent(rb_entry(node, struct ashmem_range,
						    node));
	if (cursors != 1 || subject->cursor.start != subject->cursor.end)
		return "a cursor did not survive";
	if (in_ages != left_to_purge)
		return "ages is not those that have something left to purge";
	return NULL;
}

static const char *check(const struct subject *subject)
{
	const struct ashmem_ranges *ranges = &subject->ranges;
	struct ashmem_ranges tally = { .unpinned = 0 };
	unsigned long count = 0;
	const char *fault = check_tree(subject, &tally, &count);

	if (!fault)
		fault = check_ages(subject);
	if (fault)
		return fault;
	if (count != subject->memory)
		return "memory was lost, or is in two places";
	if (ranges->unpinned != model_unpinned(&subject->model) ||
	    ranges->unpinned != tally.unpinned)
		return "the number of unpinned pages is wrong";
	if (ranges->purged != model_purged(&subject->model) ||
	    ranges->purged != tally.purged)
		return "the number of purged pages is wrong";
	if (ranges->purgeable != tally.purgeable)
		return "the number of purgeable pages is wrong";
	return NULL;
}

/* find() must give the first range that ends after a page, for every page. */
static const char *check_find(const struct subject *subject)
{
	pgoff_t end = subject->base + subject->model.count;
	struct rb_node *node = rb_first(&subject->ranges.tree);

	for (pgoff_t page = subject->base; page < end; page++) {
		struct ashmem_range *expected = NULL;

		while (node && rb_entry(node, struct ashmem_range,
					node)->end <= page)
			node = rb_next(node);
		if (node)
			expected = rb_entry(node, struct ashmem_range, node);
		if (ashmem_ranges_find(&subject->ranges, page) != expected)
			return "find() is wrong";
	}
	return NULL;
}

/* Where the part of [@start, @end) that has @max ranges must end. */
static pgoff_t end_of_slice(const struct subject *subject, pgoff_t start,
			    pgoff_t end, unsigned long max)
{
	struct rb_node *node;

	for (node = rb_first(&subject->ranges.tree); node;
	     node = rb_next(node)) {
		const struct ashmem_range *range;

		range = rb_entry(node, struct ashmem_range, node);
		if (range->end > start && range->start < end && !max--)
			return range->start;
	}
	return end;
}

static const char *check_slice(const struct subject *subject)
{
	pgoff_t end = subject->base + subject->model.count;
	pgoff_t start = subject->base;

	for (; start < end; start++, end--)
		for (unsigned long max = 1; max <= 3; max++)
			if (end_of_slice(subject, start, end, max) !=
			    ashmem_ranges_slice(&subject->ranges, start, end,
						max))
				return "slice() is wrong";
	return NULL;
}

/* These change nothing, and are asked about every page; that takes long. */
static const char *check_queries(const struct subject *subject)
{
	const char *fault = check_find(subject);

	return fault ? fault : check_slice(subject);
}

/**
 * subject_run - do a sequence, and check after every operation
 * @sequence: what to do
 * @thorough: check all after every operation, not most of it
 *
 * Return: what was found wrong, and at which operation.
 */
struct verdict subject_run(const struct sequence *sequence, bool thorough)
{
	struct model_page pages[sequence->pages];
	struct subject subject = {
		.model = { .pages = pages, .count = sequence->pages },
		.base = sequence->base,
	};
	struct verdict verdict = { 0 };

	memset(pages, 0, sizeof(pages));
	ashmem_ranges_init(&subject.ranges);
	list_add(&subject.cursor.age, &subject.ranges.ages);

	for (; !verdict.fault && verdict.step < sequence->length;
	     verdict.step++) {
		subject.now++;
		verdict.fault = apply(&subject,
				      &sequence->operations[verdict.step]);
		if (!verdict.fault)
			verdict.fault = check(&subject);
		if (!verdict.fault && (thorough || !(verdict.step % 16)))
			verdict.fault = check_queries(&subject);
	}
	if (!verdict.fault) {
		do_clear(&subject);
		verdict.fault = check(&subject);
	}
	return verdict;
}
