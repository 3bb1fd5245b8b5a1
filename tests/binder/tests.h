/* SPDX-License-Identifier: MIT */
#ifndef ASHMEM_TESTS_BINDER_TESTS_H
#define ASHMEM_TESTS_BINDER_TESTS_H

/* No part takes longer, in seconds, or something hangs that must not. */
#define LIMIT		120

/* Each tests a part of what ashmem_binder.h says. */
void test_without_binder(void);
void test_opening(void);
void test_naming(void);
void test_sharing(void);
void test_serving(void);
void test_errors(void);
void test_death(void);
void test_hostile(void);

#endif /* ASHMEM_TESTS_BINDER_TESTS_H */
