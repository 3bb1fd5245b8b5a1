/* SPDX-License-Identifier: MIT */
#ifndef ASHMEM_TESTS_CONFORMANCE_RUNNER_H
#define ASHMEM_TESTS_CONFORMANCE_RUNNER_H

struct test;

void runner_init(void);
void runner_run(const struct test *test);

#endif /* ASHMEM_TESTS_CONFORMANCE_RUNNER_H */
