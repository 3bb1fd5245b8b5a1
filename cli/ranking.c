// SPDX-License-Identifier: MIT
#include "ranking.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND	UINT64_C(1000000000)

const char *const ranking_names[RANKING_KEYS] = {
	[RANKING_ID]		= "id",
	[RANKING_NAME]		= "name",
	[RANKING_SIZE]		= "size",
	[RANKING_RESIDENT]	= "resident",
	[RANKING_UNPINNED]	= "unpinned",
	[RANKING_PURGED]	= "purged",
	[RANKING_RATE]		= "rate",
	[RANKING_HOLDERS]	= "holders",
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/* Pages that were purged so far. The device only tells how many are; that grows
 * with each purge, and shrinks when they are pinned. */
static uint64_t purged_so_far(const struct found *found)
{
	return found->service ? found->purged_ever : found->purged;
}

/* Numbers are sorted from the largest on, texts from A on. */
static int compare_numbers(uint64_t one, uint64_t other)
{
	return one > other ? -1 : one < other;
}

static int compare_by(enum ranking_key key, const struct ranked *a,
		      const struct ranked *b)
{
	switch (key) {
	case RANKING_NAME:
		return strcmp(a->found->name, b->found->name);
	case RANKING_SIZE:
		return compare_numbers(a->found->size, b->found->size);
	case RANKING_RESIDENT:
		return compare_numbers(a->found->resident, b->found->resident);
	case RANKING_UNPINNED:
		return compare_numbers(a->found->unpinned, b->found->unpinned);
	case RANKING_PURGED:
		return compare_numbers(a->found->purged, b->found->purged);
	case RANKING_RATE:
		return compare_numbers(a->rate, b->rate);
	case RANKING_HOLDERS:
		return compare_numbers(a->found->holder_count,
				       b->found->holder_count);
	default:
		return 0;
	}
}

/* Of equals, the older number comes first, so that rows stay where they are. */
static int compare(const void *one, const void *other, void *context)
{
	const struct ranked *a = one, *b = other;
	const struct ranking *ranking = context;
	int order = compare_by(ranking->key, a, b);

	if (!order)
		order = compare_numbers(b->found->inode, a->found->inode);
	if (!order)
		order = strcmp(a->found->id, b->found->id);
	return ranking->reverse ? -order : order;
}

static bool passes(const struct ranking *ranking, const struct found *found)
{
	if (strstr(found->name, ranking->filter) ||
	    strstr(found->id, ranking->filter))
		return true;
	for (size_t i = 0; i < found->holder_count; i++)
		if (strstr(found->holders[i].command, ranking->filter))
			return true;
	return false;
}

void ranking_sort(struct ranking *ranking)
{
	struct ranked *items = ranking->items, item;

	ranking->shown = 0;
	for (size_t i = 0; i < ranking->count; i++) {
		if (!passes(ranking, items[i].found))
			continue;
		item = items[i];
		items[i] = items[ranking->shown];
		items[ranking->shown++] = item;
	}
	if (ranking->shown)
		qsort_r(items, ranking->shown, sizeof(*items), compare,
			ranking);
}

static uint64_t rate_of(const struct found *found, const struct found *before,
			uint64_t nanoseconds)
{
	uint64_t page = sysconf(_SC_PAGESIZE), purged = purged_so_far(found);

	if (!before || purged <= purged_so_far(before) || !nanoseconds)
		return 0;
	purged -= purged_so_far(before);
	return (double)purged * page * SECOND / nanoseconds;
}

int ranking_look(struct ranking *ranking)
{
	struct found_list last = ranking->list;
	struct ranked *fresh;
	uint64_t time;

	/* The connections go on; what they have told stays for a comparison. */
	ranking->list = (struct found_list){ .services = last.services };
	last.services = (struct services){ 0 };
	fresh = found_look(&ranking->list) < 0 ? NULL :
		calloc(ranking->list.count + 1, sizeof(*fresh));
	if (!fresh) {
		found_end(&last);
		return -1;
	}
	time = now();
	for (size_t i = 0; i < ranking->list.count; i++) {
		const struct found *found = &ranking->list.items[i];

		fresh[i] = (struct ranked){
			.found = found,
			.rate = rate_of(found, found_before(&last, found),
					time - ranking->looked),
		};
	}
	free(ranking->items);
	found_end(&last);
	ranking->items = fresh;
	ranking->count = ranking->list.count;
	ranking->looked = time;
	ranking_sort(ranking);
	return 0;
}

void ranking_end(struct ranking *ranking)
{
	free(ranking->items);
	found_end(&ranking->list);
}
