/* SPDX-License-Identifier: MIT */
/* Pixels in memory, and what is drawn on them: boxes, strokes and masks. */
#ifndef DEMO_WINDOW_CANVAS_H
#define DEMO_WINDOW_CANVAS_H

#include <stddef.h>
#include <stdint.h>

/* A colour, and a pixel: 0x00RRGGBB. */
typedef uint32_t pixel;

/**
 * struct canvas - a rectangle of pixels
 * @pixels: its upper left corner
 * @width:  in pixels
 * @height: in pixels
 * @stride: pixels from one row to the next
 */
struct canvas {
	pixel *pixels;
	int width;
	int height;
	int stride;
};

/**
 * struct mask - how much of a colour each pixel gets
 * @alpha:  0 to 255 for each pixel, row after row
 * @width:  in pixels
 * @height: in pixels
 */
struct mask {
	const uint8_t *alpha;
	int width;
	int height;
};

/* A point of a stroke, y downwards, in pixels. */
struct point {
	float x;
	float y;
};

/* @alpha of 255 parts @over, the rest @under. */
pixel pixel_blend(pixel under, pixel over, unsigned int alpha);

/* A part of a canvas as one of its own; cut at the borders. */
struct canvas canvas_part(const struct canvas *canvas, int x, int y, int width,
			  int height);
void canvas_fill(const struct canvas *canvas, pixel colour);
/* A box, @alpha of 255 opaque. */
void canvas_box(const struct canvas *canvas, int x, int y, int width,
		int height, pixel colour, unsigned int alpha);
/* From @top to @bottom, as a gradient. */
void canvas_shade(const struct canvas *canvas, pixel top, pixel bottom);
void canvas_mask(const struct canvas *canvas, int x, int y,
		 const struct mask *mask, pixel colour);
/* Copies as much of @pixels as fits, row after row of @width. */
void canvas_copy(const struct canvas *canvas, int x, int y, const pixel *pixels,
		 int width, int height);

/* Adds a stroke from @a to @b with round ends to the alpha of a mask. */
void mask_stroke(uint8_t *alpha, int width, int height, struct point a,
		 struct point b, float thickness);

#endif /* DEMO_WINDOW_CANVAS_H */
