/* SPDX-License-Identifier: MIT */
/*
 * Text. A letter is rasterised once for each size, for four places between two
 * pixels, and kept in an unpinned cache: a page for each letter. When the page
 * was purged, the letter is rasterised again.
 */
#ifndef DEMO_WINDOW_GLYPHS_H
#define DEMO_WINDOW_GLYPHS_H

#include "cache.h"
#include "canvas.h"

/**
 * struct glyphs - the letters of one size
 * @height: of a line, in pixels
 * @ascent: from the top of a line to its base line
 */
struct glyphs {
	struct cache cache;
	float unit;
	int height;
	int ascent;
};

/* @size: the height of a capital, in pixels; 7 to 20. Returns 0, or -1 with
 * errno. */
int glyphs_create(struct glyphs *glyphs, float size);

/* In pixels. */
float glyphs_width(const struct glyphs *glyphs, const char *text);

/**
 * glyphs_draw - draws one line of text
 * @x: where it begins
 * @y: the top of the line
 *
 * Returns 0, or -1 with errno as from cache_pin().
 */
int glyphs_draw(struct glyphs *glyphs, const struct canvas *canvas, float x,
		int y, pixel colour, const char *text);

#endif /* DEMO_WINDOW_GLYPHS_H */
