// SPDX-License-Identifier: MIT
#include "holds.h"

#include <stdlib.h>
#include <string.h>

#include "../range/random.h"
#include "../tap.h"
#include "holdmap.h"

#define PAGES_MAX	200
#define SEQUENCE_STEPS	300
/* What the purger looks at in one go. */
#define CELL_PAGES	32

/* A hold map, and how often each page is held. */
struct holds {
	holdmap_word *words;
	unsigned int counts[PAGES_MAX + CELL_PAGES];
	unsigned long pages;
};

/* One map in three starts with counts near the highest. */
static void start(struct holds *holds, uint64_t *random)
{
	bool high = random_below(random, 3) == 0;

	memset(holds, 0, sizeof(*holds));
	holds->pages = 1 + random_below(random, PAGES_MAX);
	holds->words = calloc(1, holdmap_bytes(holds->pages));
	if (!holds->words)
		abort();
	for (unsigned long i = 0; high && i < holds->pages; i++) {
		holds->counts[i] = HOLDMAP_MAX_COUNT - random_below(random, 4);
		atomic_fetch_add(&holds->words[i / HOLDMAP_WORD_PAGES],
				 (uint64_t)holds->counts[i]
				 << i % HOLDMAP_WORD_PAGES * 16);
	}
}

static bool none_is(const struct holds *holds, unsigned long first,
		    unsigned long end, unsigned int count)
{
	for (unsigned long i = first; i < end; i++)
		if (holds->counts[i] == count)
			return false;
	return true;
}

static void add(struct holds *holds, unsigned long first, unsigned long end,
		int number)
{
	for (unsigned long i = first; i < end; i++)
		holds->counts[i] += number;
}

static const char *step(struct holds *holds, uint64_t *random)
{
	unsigned long first = random_below(random, holds->pages);
	unsigned long most = holds->pages - first, end;
	bool can;

	if (most > 8 && random_below(random, 4))
		most = 8;
	end = first + 1 + random_below(random, most);
	if (random_below(random, 2)) {
		can = none_is(holds, first, end, HOLDMAP_MAX_COUNT);
		if (holdmap_take(holds->words, first, end) != can)
			return "take is wrong on whether it can";
		add(holds, first, end, can);
	} else {
		can = none_is(holds, first, end, 0);
		if (holdmap_has(holds->words, first, end) != can)
			return "has is wrong";
		if (holdmap_give(holds->words, first, end) != can)
			return "give is wrong on whether it can";
		add(holds, first, end, -can);
	}
	return NULL;
}

static const char *check(const struct holds *holds)
{
	for (unsigned long i = 0; i < holds->pages; i += CELL_PAGES) {
		uint32_t held = 0;

		for (unsigned int j = 0; j < CELL_PAGES; j++)
			if (holds->counts[i + j])
				held |= UINT32_C(1) << j;
		if (holdmap_held(holds->words, i) != held)
			return "other pages are held than should be";
	}
	return NULL;
}

void test_holds(uint64_t seed, unsigned long steps)
{
	uint64_t random = random_mix(seed);
	const char *fault = NULL;
	unsigned long done = 0;

	while (!fault && done < steps) {
		struct holds holds;

		start(&holds, &random);
		for (int i = 0; !fault && i < SEQUENCE_STEPS; i++, done++) {
			fault = step(&holds, &random);
			if (!fault)
				fault = check(&holds);
		}
		free(holds.words);
	}
	tap_note("%lu steps, seed %lu", done, (unsigned long)seed);
	if (fault)
		tap_note("%s", fault);
	tap_ok(!fault, "a hold map counts the holds of each page");
}
