/* SPDX-License-Identifier: MIT */
/* The full-screen view of top. */
#ifndef ASHMEM_CLI_SCREEN_H
#define ASHMEM_CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"
#include "ranking.h"

/**
 * struct screen - what is on it, besides the regions
 * @first:  of the rows that is shown
 * @typing: the filter is being typed
 * @help:   the keys are shown instead
 * @delay:  between two looks, in seconds
 */
struct screen {
	size_t first;
	bool typing;
	bool help;
	double delay;
};

/* Takes the terminal. Returns false if it is none that can be drawn on. */
bool screen_begin(void);
void screen_end(void);

/* Draws all of it, as large as the terminal is by now. */
void screen_draw(struct screen *screen, const struct ranking *ranking,
		 const struct host *host);

/* How many rows of regions there is room for. */
size_t screen_rows(void);

#endif /* ASHMEM_CLI_SCREEN_H */
