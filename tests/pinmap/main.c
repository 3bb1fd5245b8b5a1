// SPDX-License-Identifier: MIT
/*
 * Holds lib/pinmap.c against the model of pin state (CONTRACT.md, section 4)
 * and lib/holdmap.c against an array of counts, with random operations of one
 * thread. A failing sequence is shortened and printed.
 */
#include <stdlib.h>
#include <unistd.h>

#include "../range/trial.h"
#include "../tap.h"
#include "holds.h"
#include "pinmap.h"

#define STEPS		3000000
#define HOLD_STEPS	2000000
#define SEED		1
#define NONSENSE_SECONDS 10

static void search(unsigned long seed, unsigned long steps)
{
	struct trial trial = trial_search(seed, steps);
	struct sequence sequence;

	tap_note("%lu steps in %lu sequences, seed %lu", trial.steps,
		 trial.sequences, seed);
	tap_ok(!trial.failed, "a pin map is exact for each page");
	if (!trial.failed)
		return;

	sequence_generate(&sequence, seed + trial.sequences - 1);
	trial = trial_run(&sequence, true);
	if (!trial.failed) {
		tap_note("no sequence by itself fails: it leaks memory");
	} else {
		trial_shrink(&sequence, &trial);
		tap_note("%s, at the last of these %zu operations:",
			 trial.fault, sequence.length);
		sequence_print(&sequence, "# ", stdout);
	}
	sequence_free(&sequence);
}

/* Anybody who can write the region can write its map. */
static void test_nonsense(void)
{
	struct pinmap map = pinmap_at(calloc(1, pinmap_bytes(2)), 2);

	if (!map.header)
		abort();
	pinmap_init(&map, 4096);
	/* Of an epoch that is still to come. */
	atomic_store(&map.cells[0].pins, UINT64_MAX);
	alarm(NONSENSE_SECONDS);
	pinmap_unpin(&map, 0, 1, 1);
	pinmap_pin(&map, 1, 2, NULL, NULL);
	alarm(0);
	tap_ok(!pinmap_is_pinned(&map, 0, 1) && pinmap_is_pinned(&map, 1, 2),
	       "nonsense in a cell keeps nobody for ever");
	free(map.header);
}

/* pinmap [SEED [STEPS]] */
int main(int argc, char **argv)
{
	unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 0) : SEED;

	search(seed, argc > 2 ? strtoul(argv[2], NULL, 0) : STEPS);
	test_holds(seed, HOLD_STEPS);
	test_nonsense();
	return tap_done();
}
