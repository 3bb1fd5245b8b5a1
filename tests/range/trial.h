/* SPDX-License-Identifier: MIT */
/*
 * Running sequences where a crash or an endless loop harms nobody.
 */
#ifndef ASHMEM_TESTS_RANGE_TRIAL_H
#define ASHMEM_TESTS_RANGE_TRIAL_H

#include "sequence.h"

/**
 * struct trial - how sequences that ran in a process of their own ended
 * @failed:    one of them failed; it is the last one that ran
 * @sequences: how many ran
 * @steps:     how many operations they did
 * @length:    how many of these the last one did
 * @fault:     what was wrong
 */
struct trial {
	bool failed;
	unsigned long sequences;
	unsigned long steps;
	size_t length;
	char fault[120];
};

struct trial trial_run(const struct sequence *sequence, bool quiet);
struct trial trial_search(uint64_t seed, unsigned long steps);
void trial_shrink(struct sequence *sequence, struct trial *trial);

#endif /* ASHMEM_TESTS_RANGE_TRIAL_H */
