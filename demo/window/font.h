/* SPDX-License-Identifier: MIT */
/* The letters of the demo, as strokes. */
#ifndef DEMO_WINDOW_FONT_H
#define DEMO_WINDOW_FONT_H

#include <stdint.h>

#define FONT_FIRST	' '
#define FONT_LAST	'~'
#define FONT_LETTERS	(FONT_LAST - FONT_FIRST + 1)

/* In font units: what a letter may reach above and below its base line. */
#define FONT_ASCENT	16.0f
#define FONT_DESCENT	6.0f

/* How far it is from this letter to the next, in font units. One that the font
 * lacks is as wide as a blank, and nothing is drawn for it. */
float font_advance(char letter);

/**
 * font_draw - adds a letter to a mask
 * @alpha:    of the mask, row after row
 * @width:    of the mask
 * @height:   of the mask
 * @letter:   which
 * @x:        where it begins, in pixels
 * @baseline: in pixels from above
 * @unit:     pixels of a font unit
 */
void font_draw(uint8_t *alpha, int width, int height, char letter, float x,
	       float baseline, float unit);

#endif /* DEMO_WINDOW_FONT_H */
