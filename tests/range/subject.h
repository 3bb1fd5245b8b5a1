/* SPDX-License-Identifier: MIT */
/*
 * driver/range.c under test, beside the model that it is compared with.
 */
#ifndef ASHMEM_TESTS_RANGE_SUBJECT_H
#define ASHMEM_TESTS_RANGE_SUBJECT_H

#include "sequence.h"

/* How a run ended: what was wrong, or NULL, after how many operations. */
struct verdict {
	const char *fault;
	size_t step;
};

struct verdict subject_run(const struct sequence *sequence, bool thorough);

#endif /* ASHMEM_TESTS_RANGE_SUBJECT_H */
