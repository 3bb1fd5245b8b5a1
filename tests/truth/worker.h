/* SPDX-License-Identifier: MIT */
/* A process that uses areas, and verifies all that it is told of them. */
#ifndef ASHMEM_TESTS_TRUTH_WORKER_H
#define ASHMEM_TESTS_TRUTH_WORKER_H

#include <stdint.h>

#include "ledger.h"

/* Pages of an area that only one worker has. */
#define WORKER_PAGES	256

/**
 * struct signals - pipes on which workers tell that they make progress
 * @purge:     as often as all should be purged
 * @allocate:  as often as there should be pressure
 * @supervise: as often as a worker might be killed
 * @kill:      as often as ashmemd should be killed
 * @begin:     at its end workers may begin; nothing is written to it
 *
 * Each is {to read, to write}. What nobody has read yet counts once.
 */
struct signals {
	int purge[2];
	int allocate[2];
	int supervise[2];
	int kill[2];
	int begin[2];
};

/**
 * struct job - what a worker is started with
 * @ledger:     the ledger
 * @fds:        the descriptors of the shared areas
 * @place:      of its own area in the ledger
 * @signals:    where it tells of its progress
 * @most_checks: when that many pages were verified by all, it is done
 * @seed:       of its random choices
 */
struct job {
	struct ledger *ledger;
	int fds[LEDGER_SHARED_AREAS];
	struct ledger_area *place;
	struct signals signals;
	unsigned long most_checks;
	uint64_t seed;
};

__attribute__((noreturn))
void worker_run(const struct job *job);

#endif /* ASHMEM_TESTS_TRUTH_WORKER_H */
