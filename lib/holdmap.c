// SPDX-License-Identifier: MIT
#include "holdmap.h"

#define COUNT_BITS	16
#define PURGER_PAGES	32

size_t holdmap_bytes(uint64_t pages)
{
	/* Whole runs of what the purger looks at. */
	return (pages + PURGER_PAGES - 1) / PURGER_PAGES * PURGER_PAGES *
	       sizeof(uint16_t);
}

static uint64_t word_of(uint64_t page)
{
	return page / HOLDMAP_WORD_PAGES;
}

/* One in each of the four counts, and the highest bit of each. */
#define ONES		UINT64_C(0x0001000100010001)
#define HIGHEST		(ONES << (COUNT_BITS - 1))

/* One in the count of each page of [first, end) that lies in a word. */
static uint64_t ones_in_word(uint64_t word, uint64_t first, uint64_t end)
{
	uint64_t start = word * HOLDMAP_WORD_PAGES;
	uint64_t ones = ONES;

	if (first > start)
		ones <<= (first - start) * COUNT_BITS;
	if (end < start + HOLDMAP_WORD_PAGES)
		ones &= ONES >> (start + HOLDMAP_WORD_PAGES - end) * COUNT_BITS;
	return ones;
}

/* Is a count that is named by @ones equal to @limit? All four at once: a count
 * is 0 if adding all bits but the highest carries into none. */
static bool any_at(uint64_t counts, uint64_t ones, uint16_t limit)
{
	uint64_t differ = counts ^ limit * ONES;
	uint64_t others = ((differ & ~HIGHEST) + ~HIGHEST) | differ;

	return ~others & ones << (COUNT_BITS - 1);
}

static bool take_word(holdmap_word *word, uint64_t ones)
{
	uint64_t counts = atomic_load(word);

	do {
		if (any_at(counts, ones, HOLDMAP_MAX_COUNT))
			return false;
	} while (!atomic_compare_exchange_weak(word, &counts, counts + ones));
	return true;
}

static bool give_word(holdmap_word *word, uint64_t ones)
{
	uint64_t counts = atomic_load(word);

	do {
		if (any_at(counts, ones, 0))
			return false;
	} while (!atomic_compare_exchange_weak(word, &counts, counts - ones));
	return true;
}

typedef bool change_fn(holdmap_word *word, uint64_t ones);

/* Changes all words of a run, or none: what was changed is undone. */
static bool change(holdmap_word *words, uint64_t first, uint64_t end,
		   change_fn *change, change_fn *undo)
{
	for (uint64_t i = word_of(first); i <= word_of(end - 1); i++) {
		if (change(&words[i], ones_in_word(i, first, end)))
			continue;
		while (i-- > word_of(first))
			undo(&words[i], ones_in_word(i, first, end));
		return false;
	}
	return true;
}

bool holdmap_take(holdmap_word *words, uint64_t first, uint64_t end)
{
	if (word_of(first) == word_of(end - 1))
		return take_word(&words[word_of(first)],
				 ones_in_word(word_of(first), first, end));
	return change(words, first, end, take_word, give_word);
}

bool holdmap_give(holdmap_word *words, uint64_t first, uint64_t end)
{
	if (word_of(first) == word_of(end - 1))
		return give_word(&words[word_of(first)],
				 ones_in_word(word_of(first), first, end));
	/* A hold that is given back and then taken again was not there for a
	 * moment, and its page could be purged. So look before. */
	if (!holdmap_has(words, first, end))
		return false;
	return change(words, first, end, give_word, take_word);
}

bool holdmap_has(const holdmap_word *words, uint64_t first, uint64_t end)
{
	for (uint64_t i = word_of(first); i <= word_of(end - 1); i++)
		if (any_at(atomic_load(&words[i]), ones_in_word(i, first, end),
			   0))
			return false;
	return true;
}

uint32_t holdmap_held(const holdmap_word *words, uint64_t first)
{
	uint32_t held = 0;

	for (unsigned int i = 0; i < PURGER_PAGES; i += HOLDMAP_WORD_PAGES) {
		uint64_t counts = atomic_load(&words[word_of(first + i)]);

		for (unsigned int j = 0; counts && j < HOLDMAP_WORD_PAGES; j++)
			if (counts >> j * COUNT_BITS & UINT16_MAX)
				held |= UINT32_C(1) << (i + j);
	}
	return held;
}
