// SPDX-License-Identifier: MIT
#include "canvas.h"

#include <math.h>
#include <string.h>

static unsigned int blend_byte(unsigned int under, unsigned int over,
			       unsigned int alpha)
{
	return (under * (255 - alpha) + over * alpha + 127) / 255;
}

pixel pixel_blend(pixel under, pixel over, unsigned int alpha)
{
	return blend_byte(under >> 16 & 0xff, over >> 16 & 0xff, alpha) << 16 |
	       blend_byte(under >> 8 & 0xff, over >> 8 & 0xff, alpha) << 8 |
	       blend_byte(under & 0xff, over & 0xff, alpha);
}

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

struct canvas canvas_part(const struct canvas *canvas, int x, int y, int width,
			  int height)
{
	int left = clamp(x, 0, canvas->width);
	int top = clamp(y, 0, canvas->height);

	return (struct canvas){
		.pixels = canvas->pixels + (size_t)top * canvas->stride + left,
		.width = clamp(x + width, left, canvas->width) - left,
		.height = clamp(y + height, top, canvas->height) - top,
		.stride = canvas->stride,
	};
}

static pixel *row_of(const struct canvas *canvas, int y)
{
	return canvas->pixels + (size_t)y * canvas->stride;
}

void canvas_fill(const struct canvas *canvas, pixel colour)
{
	for (int y = 0; y < canvas->height; y++)
		for (int x = 0; x < canvas->width; x++)
			row_of(canvas, y)[x] = colour;
}

void canvas_box(const struct canvas *canvas, int x, int y, int width,
		int height, pixel colour, unsigned int alpha)
{
	struct canvas part = canvas_part(canvas, x, y, width, height);

	if (alpha == 255) {
		canvas_fill(&part, colour);
		return;
	}
	for (int row = 0; row < part.height; row++) {
		pixel *pixels = row_of(&part, row);

		for (int column = 0; column < part.width; column++)
			pixels[column] = pixel_blend(pixels[column], colour,
						     alpha);
	}
}

void canvas_shade(const struct canvas *canvas, pixel top, pixel bottom)
{
	for (int y = 0; y < canvas->height; y++)
		canvas_box(canvas, 0, y, canvas->width, 1,
			   pixel_blend(top, bottom, (unsigned int)
				       (y * 255 / canvas->height)), 255);
}

void canvas_mask(const struct canvas *canvas, int x, int y,
		 const struct mask *mask, pixel colour)
{
	int first = clamp(-x, 0, mask->width);
	int last = clamp(canvas->width - x, first, mask->width);

	for (int row = 0; row < mask->height; row++) {
		const uint8_t *alpha = mask->alpha + (size_t)row * mask->width;
		pixel *pixels;

		if (y + row < 0 || y + row >= canvas->height)
			continue;
		pixels = row_of(canvas, y + row) + x;
		for (int column = first; column < last; column++)
			if (alpha[column])
				pixels[column] = pixel_blend(pixels[column],
							     colour,
							     alpha[column]);
	}
}

void canvas_copy(const struct canvas *canvas, int x, int y, const pixel *pixels,
		 int width, int height)
{
	struct canvas part = canvas_part(canvas, x, y, width, height);

	for (int row = 0; row < part.height; row++)
		memcpy(row_of(&part, row), pixels + (size_t)row * width,
		       (size_t)part.width * sizeof(pixel));
}

static float distance(struct point p, struct point a, struct point b)
{
	float dx = b.x - a.x, dy = b.y - a.y;
	float length = dx * dx + dy * dy;
	float t = length > 0 ?
		  ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;

	t = t < 0 ? 0 : t > 1 ? 1 : t;
	return hypotf(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

void mask_stroke(uint8_t *alpha, int width, int height, struct point a,
		 struct point b, float thickness)
{
	float reach = thickness / 2 + 1;
	int left = clamp((int)floorf(fminf(a.x, b.x) - reach), 0, width);
	int right = clamp((int)ceilf(fmaxf(a.x, b.x) + reach), 0, width);
	int top = clamp((int)floorf(fminf(a.y, b.y) - reach), 0, height);
	int bottom = clamp((int)ceilf(fmaxf(a.y, b.y) + reach), 0, height);

	for (int y = top; y < bottom; y++) {
		for (int x = left; x < right; x++) {
			struct point p = { (float)x + 0.5f, (float)y + 0.5f };
			float cover = thickness / 2 + 0.5f - distance(p, a, b);
			uint8_t *at = alpha + (size_t)y * width + x;
			int value = clamp((int)lroundf(cover * 255), 0, 255);

			if (value > *at)
				*at = (uint8_t)value;
		}
	}
}
