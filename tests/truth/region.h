/* SPDX-License-Identifier: MIT */
/*
 * An area as one process has it open and mapped, and what it does with the
 * pages. Every function that takes a run wants its stripes to be held, and
 * ends the process when it finds a fault.
 */
#ifndef ASHMEM_TESTS_TRUTH_REGION_H
#define ASHMEM_TESTS_TRUTH_REGION_H

#include <stdint.h>

#include "ledger.h"

/**
 * struct region - an open and mapped area
 * @ledger:  the ledger
 * @area:    what it says of this area
 * @self:    the number of this process
 * @fd:      the descriptor
 * @shared:  the mapping that all see
 * @private: a private mapping of all of it, or NULL
 * @copied:  which pages this process has written through @private
 * @copies:  how many these are
 */
struct region {
	struct ledger *ledger;
	struct ledger_area *area;
	pid_t self;
	int fd;
	uint64_t *shared;
	uint64_t *private;
	bool copied[LEDGER_AREA_PAGES];
	unsigned int copies;
};

int region_open(struct ledger *ledger, struct ledger_area *area,
		unsigned long pages);
void region_map(struct region *region, struct ledger *ledger,
		struct ledger_area *area, int fd);
void region_map_private(struct region *region);
void region_await_purge(struct region *region);
void region_close(struct region *region, int elsewhere, uint64_t *random);
void region_recover(struct region *region, pid_t dead);

void region_check_status(struct region *region, struct run run);
void region_pin(struct region *region, struct run run, uint64_t *random);
void region_pin_again(struct region *region, struct run run);
void region_unpin(struct region *region, struct run run, uint64_t *random);

void region_fill(struct region *region, uint64_t *random);
void region_write(struct region *region, unsigned long page);
void region_write_unpinned(struct region *region, unsigned long page);
void region_write_private(struct region *region, unsigned long page);
void region_verify(struct region *region, struct run run, const char *when,
		   uint64_t *random);
void region_hold(struct region *region, struct run run,
		 void (*dally)(void *context), void *context,
		 uint64_t *random);
void region_verify_private(struct region *region, struct run run,
			   uint64_t *random);

#endif /* ASHMEM_TESTS_TRUTH_REGION_H */
