// SPDX-License-Identifier: MIT
#include "ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/**
 * ledger_create - make the ledger
 *
 * Return: shared memory that all processes forked from now on have.
 */
struct ledger *ledger_create(void)
{
	struct ledger *ledger = mmap(NULL, sizeof(*ledger),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (ledger == MAP_FAILED) {
		perror("truth: mmap");
		exit(2);
	}
	return ledger;
}

/**
 * ledger_begin_area - give a place in the ledger to a new area
 * @ledger: the ledger
 * @area:   one of its areas that nobody uses
 * @pages:  all of them pinned, with unknown content
 */
void ledger_begin_area(struct ledger *ledger, struct ledger_area *area,
		       unsigned long pages)
{
	memset(area, 0, sizeof(*area));
	area->id = ++ledger->last_id;
	area->count = pages;
}

static void give_stripes(struct ledger_area *area, unsigned long first,
			 unsigned long end)
{
	while (first < end)
		atomic_store(&area->owners[first++], 0);
}

/**
 * ledger_take - get all stripes that a run touches
 * @area: the area
 * @run:  the run
 * @self: the caller's process number
 *
 * Return: true if the caller has them, false if somebody else has one.
 */
bool ledger_take(struct ledger_area *area, struct run run, pid_t self)
{
	unsigned long first = run.start / LEDGER_STRIPE_PAGES;
	unsigned long end = (run.end - 1) / LEDGER_STRIPE_PAGES + 1;

	for (unsigned long i = first; i < end; i++) {
		pid_t nobody = 0;

		if (!atomic_compare_exchange_strong(&area->owners[i], &nobody,
						    self)) {
			give_stripes(area, first, i);
			return false;
		}
	}
	return true;
}

/**
 * ledger_give - give back what ledger_take() got
 * @area: the area
 * @run:  the run
 */
void ledger_give(struct ledger_area *area, struct run run)
{
	give_stripes(area, run.start / LEDGER_STRIPE_PAGES,
		     (run.end - 1) / LEDGER_STRIPE_PAGES + 1);
}

/**
 * ledger_model - the pin states of an area as a model
 * @area: the area
 */
struct model ledger_model(struct ledger_area *area)
{
	return (struct model){ .pages = area->states, .count = area->count };
}

/**
 * ledger_fault - say what does not hold, once, and end the test
 * @ledger: the ledger
 * @claim:  what does not hold
 * @format: and the rest: in which way
 */
void ledger_fault(struct ledger *ledger, enum claim claim,
		  const char *format, ...)
{
	va_list arguments;

	if (!atomic_exchange(&ledger->fault_taken, true)) {
		ledger->claim = claim;
		va_start(arguments, format);
		vsnprintf(ledger->fault, sizeof(ledger->fault), format,
			  arguments);
		va_end(arguments);
		ledger->fault_told = true;
	}
	ledger->stop = true;
}
