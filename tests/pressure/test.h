/* SPDX-License-Identifier: MIT */
/* The groups of tests, and what they share. */
#ifndef ASHMEM_TESTS_PRESSURE_TEST_H
#define ASHMEM_TESTS_PRESSURE_TEST_H

#include <stdint.h>

#define MIB	(UINT64_C(1) << 20)
#define GIB	(UINT64_C(1) << 30)
#define SECOND	UINT64_C(1000000)

void test_cgroup(void);
void test_memory(void);
void test_headroom(void);
void test_effect(void);
void test_purging(void);
void test_clients(void);
void test_stalls(void);

#endif /* ASHMEM_TESTS_PRESSURE_TEST_H */
