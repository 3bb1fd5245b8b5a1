/* SPDX-License-Identifier: MIT */
/*
 * Makes memory short, for the demo's own processes only and within bounds: the
 * way of the story (../shortage.h), and a hungry program.
 */
#ifndef DEMO_WINDOW_PRESSURE_H
#define DEMO_WINDOW_PRESSURE_H

#include "../actor.h"
#include "../shortage.h"

#include <stdbool.h>
#include <stddef.h>

/* What the hungry program takes, of what all may have, which is LIMIT. */
#define HUNGER		((size_t)90 * 1024 * 1024)

struct pressure {
	const struct shortage *shortage;
	struct actor hungry;
};

/* Finds out which engine new regions come from, and prepares what it needs.
 * What fails ends the demo. */
void pressure_prepare(struct pressure *pressure);

/* Lets everything have LIMIT from now on, of which it uses @resident, and what
 * the @actors have of their own. */
void pressure_confine(struct pressure *pressure, struct actor *const *actors,
		      size_t count, size_t resident);

/* Starts the hungry program, and does not wait for it. */
void pressure_begin(struct pressure *pressure);
/* Ends it, likewise, and takes the limit away. */
void pressure_end(struct pressure *pressure);

/* Undoes what is left, also when the demo ends with an error. */
void pressure_clear(struct pressure *pressure);

#endif /* DEMO_WINDOW_PRESSURE_H */
