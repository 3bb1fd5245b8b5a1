/* SPDX-License-Identifier: MIT */
/* What main() runs. */
#ifndef ASHMEM_TESTS_WINDOW_SUITES_H
#define ASHMEM_TESTS_WINDOW_SUITES_H

#include <stdbool.h>

/* Compares with the frames in a directory, or writes them there. */
void test_golden(const char *directory, bool write);
/* Whether two pictures look the same. */
bool golden_same(const char *one, const char *other);
void test_tearing(void);
void test_failing(void);
void test_caches(void);
void test_viewing(void);
void test_pictures(void);

#endif /* ASHMEM_TESTS_WINDOW_SUITES_H */
