/* SPDX-License-Identifier: MIT */
/* The groups of tests, each in a file of its own. */
#ifndef ASHMEM_TESTS_DAEMON_TESTS_H
#define ASHMEM_TESTS_DAEMON_TESTS_H

void test_serving(void);
void test_hostile(void);
void test_limits(void);
void test_looking(void);
void test_purging(void);
void test_order(void);
void test_restart(void);
void test_life(void);
void test_users(void);

#endif /* ASHMEM_TESTS_DAEMON_TESTS_H */
