/* SPDX-License-Identifier: MIT */
#ifndef DEMO_WINDOW_CHART_H
#define DEMO_WINDOW_CHART_H

#include "canvas.h"
#include "glyphs.h"
#include "history.h"

/**
 * chart_draw - draws the sizes of the caches over time
 * @canvas: all of it is used
 * @glyphs: for the numbers at the axes
 *
 * Returns 0, or -1 with errno as from glyphs_draw().
 */
int chart_draw(const struct canvas *canvas, struct glyphs *glyphs,
	       const struct history *history);

/* The colour of a kind of cache. */
pixel chart_colour(enum cache_kind kind);

#endif /* DEMO_WINDOW_CHART_H */
