/* SPDX-License-Identifier: MIT */
/*
 * What the pages hold: a pattern that says which area, page and generation it
 * is. No word of it is zero, so that a purged page is told from any pattern.
 */
#ifndef ASHMEM_TESTS_TRUTH_CONTENT_H
#define ASHMEM_TESTS_TRUTH_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "random.h"

/* The machine's. */
extern size_t content_page_size;

static inline unsigned int content_words(void)
{
	return content_page_size / sizeof(uint64_t);
}

/* A generation that no shared page has: private copies hold it. */
#define CONTENT_PRIVATE		UINT32_MAX

enum content_state {
	CONTENT_INTACT,
	CONTENT_WIPED,		/* zeros */
	CONTENT_TORN,		/* neither one nor the other */
};

/**
 * struct content_look - what was seen in a page
 * @state:    what it holds
 * @at:       the first word that is not as expected, if any is not
 * @expected: what it should have been
 * @seen:     what it was
 */
struct content_look {
	enum content_state state;
	unsigned int at;
	uint64_t expected;
	uint64_t seen;
};

/* The first word; the others follow from it, see content_word(). */
static inline uint64_t content_seed(uint32_t area, unsigned long page,
				    uint32_t generation)
{
	return random_mix(random_mix((uint64_t)area << 32 | generation) + page);
}

static inline uint64_t content_word(uint64_t seed, unsigned int at)
{
	return (seed + at * 0x9e3779b97f4a7c15u) | 1;
}

static inline void content_write(volatile uint64_t *words, uint64_t seed)
{
	for (unsigned int i = 0; i < content_words(); i++)
		words[i] = content_word(seed, i);
}

/* Takes one more word into account; @first says that there was none before. */
static inline void content_judge(struct content_look *look, uint64_t seed,
				 const volatile uint64_t *words,
				 unsigned int at, bool first)
{
	uint64_t seen = words[at], expected = content_word(seed, at);
	enum content_state state = seen == expected ? CONTENT_INTACT :
				   seen ? CONTENT_TORN : CONTENT_WIPED;

	if (look->state == CONTENT_INTACT && state != CONTENT_INTACT) {
		look->at = at;
		look->expected = expected;
		look->seen = seen;
	}
	if (first)
		look->state = state;
	else if (look->state != state)
		look->state = CONTENT_TORN;
}

/* Looks at the first word, the last one and one between, or at all of them. */
static inline struct content_look
content_look(const volatile uint64_t *words, uint64_t seed, bool whole,
	     uint64_t *random)
{
	struct content_look look = { CONTENT_INTACT, 0, 0, 0 };
	unsigned int step = whole ? 1 : content_words() - 1;

	for (unsigned int i = 0; i < content_words(); i += step)
		content_judge(&look, seed, words, i, i == 0);
	if (!whole)
		content_judge(&look, seed, words,
			      random_below(random, content_words()), false);
	return look;
}

#endif /* ASHMEM_TESTS_TRUTH_CONTENT_H */
