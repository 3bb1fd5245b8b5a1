/* SPDX-License-Identifier: MIT */
/* The regions as top shows them: with how fast they are purged, those that pass
 * the filter, in order. */
#ifndef ASHMEM_CLI_RANKING_H
#define ASHMEM_CLI_RANKING_H

#include <stdbool.h>
#include <stddef.h>

#include "found.h"

/* By what they are sorted: the columns, from left to right. */
enum ranking_key {
	RANKING_ID,
	RANKING_NAME,
	RANKING_SIZE,
	RANKING_RESIDENT,
	RANKING_UNPINNED,
	RANKING_PURGED,
	RANKING_RATE,
	RANKING_HOLDERS,
	RANKING_KEYS,
};

extern const char *const ranking_names[RANKING_KEYS];

/**
 * struct ranked - one of them
 * @rate: bytes purged a second
 */
struct ranked {
	const struct found *found;
	uint64_t rate;
};

/**
 * struct ranking - all of them
 * @list:    of the last look
 * @items:   @count of them, in order
 * @shown:   how many of these pass the filter; they come first
 * @key:     by which they are sorted
 * @reverse: the other way round
 * @filter:  part of a name, an id, or the name of a process; empty for all
 * @looked:  when, in nanoseconds; 0 for never
 */
struct ranking {
	struct found_list list;
	struct ranked *items;
	size_t count;
	size_t shown;
	enum ranking_key key;
	bool reverse;
	char filter[64];
	uint64_t looked;
};

/* Looks for regions anew, and sorts. Returns 0, or -1 with errno set. */
int ranking_look(struct ranking *ranking);

/* Sorts what there is, after a change of key, direction or filter. */
void ranking_sort(struct ranking *ranking);

void ranking_end(struct ranking *ranking);

#endif /* ASHMEM_CLI_RANKING_H */
