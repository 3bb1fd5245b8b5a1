/* SPDX-License-Identifier: MIT */
/* What the demo says on the terminal, in 80 columns. */
#ifndef DEMO_WINDOW_SUMMARY_H
#define DEMO_WINDOW_SUMMARY_H

#include "push.h"
#include "refresh.h"

#include <stddef.h>

/* Memory of all regions, in bytes. */
struct memory_use {
	double pinned;
	double unpinned;
	double purged;
};

/* Looks at the regions that the compositor has, and at what clients say of
 * their caches. What fails ends the demo. */
struct memory_use memory_use_now(struct refresh *refresh,
				 struct ashmem_region *picture);

/**
 * struct summary
 * @uses:     memory at three moments: before, under pressure, and after
 * @seconds:  how long frames were composed
 * @push:     the comparison
 */
struct summary {
	struct memory_use uses[3];
	double seconds;
	struct push push;
};

/* One second of the demo, as a line of a chart. */
void show_axis(void);
void show_second(const struct sample *sample);
void show_summary(const struct summary *summary, struct refresh *refresh);

#endif /* DEMO_WINDOW_SUMMARY_H */
