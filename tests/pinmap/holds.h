/* SPDX-License-Identifier: MIT */
#ifndef ASHMEM_TESTS_PINMAP_HOLDS_H
#define ASHMEM_TESTS_PINMAP_HOLDS_H

#include <stdint.h>

/* Holds lib/holdmap.c against an array of counts; reports it as one test. */
void test_holds(uint64_t seed, unsigned long steps);

#endif /* ASHMEM_TESTS_PINMAP_HOLDS_H */
