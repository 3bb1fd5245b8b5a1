/* SPDX-License-Identifier: MIT */
/*
 * What is true: which content every page must have, and which pages may have
 * been purged. All processes of the test share it.
 *
 * Pages belong together in stripes. Whoever holds a stripe, and nobody else,
 * pins, reads, writes and unpins its pages and changes what the ledger says of
 * them; so what it says is exact, whatever the others do to their stripes of
 * the same area. It is the area's pin state that is shared, and put to test.
 */
#ifndef ASHMEM_TESTS_TRUTH_LEDGER_H
#define ASHMEM_TESTS_TRUTH_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model.h"

#define LEDGER_SHARED_AREAS	4
#define LEDGER_AREA_PAGES	512
#define LEDGER_STRIPE_PAGES	8
#define LEDGER_STRIPES		(LEDGER_AREA_PAGES / LEDGER_STRIPE_PAGES)
#define LEDGER_PROCESSES_MAX	64
#define LEDGER_AREAS		(LEDGER_SHARED_AREAS + LEDGER_PROCESSES_MAX)

/* What must hold; each is one line of the report. */
enum claim {
	CLAIM_NOT_PURGED,
	CLAIM_PURGED,
	CLAIM_PINNED,
	CLAIM_HELD,
	CLAIM_STATUS,
	CLAIM_CLOSED,
	CLAIM_PRIVATE,
	CLAIM_CALLS,
	CLAIMS,
};

/**
 * struct ledger_page - one page
 * @generation: of its content; 0 if nobody knows what it holds
 * @loose:      it was written while unpinned. If it was purged before that, it
 *              still counts as purged, and if during, it is torn
 * @pins:       how often it was pinned
 * @purges:     how often it was then found purged
 * @writer:     who wrote the content
 */
struct ledger_page {
	uint32_t generation;
	bool loose;
	uint32_t pins;
	uint32_t purges;
	pid_t writer;
};

/**
 * struct ledger_area - one area
 * @id:      of the area that has this place now
 * @count:   its pages
 * @owners:  the process that holds a stripe, or 0
 * @states:  what may have been purged; see model.h
 * @pages:   the rest
 */
struct ledger_area {
	uint32_t id;
	unsigned long count;
	_Atomic pid_t owners[LEDGER_STRIPES];
	struct model_page states[LEDGER_AREA_PAGES];
	struct ledger_page pages[LEDGER_AREA_PAGES];
};

/* How often things happened that the test is about. */
struct ledger_counts {
	atomic_ulong checks;		/* pages whose content was verified */
	atomic_ulong pins_kept;		/* that said "not purged" of pages */
	atomic_ulong pins_purged;	/* that said "purged" */
	atomic_ulong pages_purged;	/* found purged after that */
	atomic_ulong purge_alls;
	atomic_ulong purged_by_all;	/* pages, as these calls returned */
	atomic_ulong allocations;
	atomic_ulong reopenings;
	atomic_ulong forks;
	atomic_ulong kills;
	atomic_ulong successors;	/* of processes that ended */
	atomic_ulong daemon_kills;	/* of ashmemd */
	atomic_ulong holds;
	atomic_ulong put_off;		/* calls that had to be made again */
};

/**
 * struct ledger - all that the processes share
 * @stop:        everybody is to end
 * @ready:       how many workers have filled their areas
 * @purging:     the purger may begin: pressure by itself has purged a page
 * @last_id:     of an area
 * @fault_taken: somebody has found a fault; nobody else reports one
 * @fault_told:  @fault and @claim are valid
 * @claim:       what does not hold
 * @fault:       in which way
 * @counts:      what has happened
 * @areas:       first those that all share, then one for each worker
 */
struct ledger {
	atomic_bool stop;
	atomic_uint ready;
	atomic_bool purging;
	atomic_uint last_id;
	atomic_bool fault_taken;
	atomic_bool fault_told;
	enum claim claim;
	char fault[512];
	struct ledger_counts counts;
	struct ledger_area areas[LEDGER_AREAS];
};

/* A run of pages, [start, end). */
struct run {
	unsigned long start;
	unsigned long end;
};

struct ledger *ledger_create(void);
void ledger_begin_area(struct ledger *ledger, struct ledger_area *area,
		       unsigned long pages);

bool ledger_take(struct ledger_area *area, struct run run, pid_t self);
void ledger_give(struct ledger_area *area, struct run run);
struct model ledger_model(struct ledger_area *area);

__attribute__((format(printf, 3, 4)))
void ledger_fault(struct ledger *ledger, enum claim claim,
		  const char *format, ...);

#endif /* ASHMEM_TESTS_TRUTH_LEDGER_H */
