/* SPDX-License-Identifier: MIT */
/* Numbers that look random and come again with the same seed. */
#ifndef ASHMEM_TESTS_RANGE_RANDOM_H
#define ASHMEM_TESTS_RANGE_RANDOM_H

#include <stdint.h>

/* Spreads every bit of @value over the result (SplitMix64's finalizer). */
static inline uint64_t random_mix(uint64_t value)
{
	value ^= value >> 30;
	value *= 0xbf58476d1ce4e5b9u;
	value ^= value >> 27;
	value *= 0x94d049bb133111ebu;
	return value ^ value >> 31;
}

/* The next number of the sequence that @state, any value, stands in. */
static inline uint64_t random_next(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15u;
	return random_mix(*state);
}

/* 0 to @limit - 1. */
static inline unsigned long random_below(uint64_t *state, unsigned long limit)
{
	return random_next(state) % limit;
}

#endif /* ASHMEM_TESTS_RANGE_RANDOM_H */
