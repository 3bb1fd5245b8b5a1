// SPDX-License-Identifier: MIT
#include "glyphs.h"

#include "font.h"

#include <math.h>
#include <string.h>

/* A letter is drawn at one of so many places between two pixels. */
#define PLACES		4
/* Font units that a letter takes at most, and as many for its rounding. */
#define WIDEST		18.0f

/* Capitals are that high, in font units. */
#define CAPITAL		14.0f

static int cell_width(const struct glyphs *glyphs)
{
	return (int)ceilf(WIDEST * glyphs->unit) + 2;
}

static size_t cell_bytes(const struct glyphs *glyphs)
{
	return (size_t)cell_width(glyphs) * (size_t)glyphs->height;
}

int glyphs_create(struct glyphs *glyphs, float size)
{
	glyphs->unit = size / CAPITAL;
	glyphs->ascent = (int)ceilf(FONT_ASCENT * glyphs->unit);
	glyphs->height = glyphs->ascent +
			 (int)ceilf(FONT_DESCENT * glyphs->unit);
	return cache_create(&glyphs->cache, "glyphs",
			    PLACES * cell_bytes(glyphs), FONT_LETTERS);
}

float glyphs_width(const struct glyphs *glyphs, const char *text)
{
	float width = 0;

	for (; *text; text++)
		width += font_advance(*text) * glyphs->unit;
	return width;
}

static void fill(const struct glyphs *glyphs, uint8_t *cells, char letter)
{
	memset(cells, 0, PLACES * cell_bytes(glyphs));
	for (int place = 0; place < PLACES; place++)
		font_draw(cells + (size_t)place * cell_bytes(glyphs),
			  cell_width(glyphs), glyphs->height, letter,
			  (float)place / PLACES, (float)glyphs->ascent,
			  glyphs->unit);
}

static int draw(struct glyphs *glyphs, const struct canvas *canvas, float x,
		int y, pixel colour, char letter)
{
	int place = (int)floorf(x * PLACES);
	size_t slot = (size_t)(letter - FONT_FIRST);
	struct mask mask = {
		.width = cell_width(glyphs),
		.height = glyphs->height,
	};
	uint8_t *cells;
	bool empty;

	cells = cache_pin(&glyphs->cache, slot, &empty);
	if (!cells)
		return -1;
	if (empty)
		fill(glyphs, cells, letter);
	mask.alpha = cells + (size_t)(place % PLACES) * cell_bytes(glyphs);
	canvas_mask(canvas, place / PLACES, y, &mask, colour);
	return cache_unpin(&glyphs->cache, slot);
}

int glyphs_draw(struct glyphs *glyphs, const struct canvas *canvas, float x,
		int y, pixel colour, const char *text)
{
	for (; *text; text++) {
		if (*text > FONT_FIRST && *text <= FONT_LAST &&
		    draw(glyphs, canvas, x, y, colour, *text))
			return -1;
		x += font_advance(*text) * glyphs->unit;
	}
	return 0;
}
