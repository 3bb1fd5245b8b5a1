// SPDX-License-Identifier: MIT
#include "scale.h"

/* Of four pixels, weighted by 1/256 of the way from one to the next. */
static pixel between(const pixel *at, int stride, unsigned int x,
		     unsigned int y)
{
	const unsigned int weights[4] = {
		(256 - x) * (256 - y), x * (256 - y), (256 - x) * y, x * y,
	};
	const pixel of[4] = { at[0], at[1], at[stride], at[stride + 1] };
	unsigned int red = 0, green = 0, blue = 0;

	for (int i = 0; i < 4; i++) {
		red += (of[i] >> 16 & 0xff) * weights[i];
		green += (of[i] >> 8 & 0xff) * weights[i];
		blue += (of[i] & 0xff) * weights[i];
	}
	return (red >> 16) << 16 | (green >> 16) << 8 | blue >> 16;
}

void scale(const struct canvas *to, const struct canvas *from, float x,
		   float y, float zoom)
{
	/* In 1/256 pixel, at the middle of a pixel of @to. */
	const float step = zoom * 256;
	const int last_x = (from->width - 2) * 256 + 255;
	const int last_y = (from->height - 2) * 256 + 255;

	for (int row = 0; row < to->height; row++) {
		int at_y = (int)((y + ((float)row + 0.5f) * zoom - 0.5f) * 256);
		pixel *pixels = to->pixels + (size_t)row * (size_t)to->stride;

		at_y = at_y < 0 ? 0 : at_y > last_y ? last_y : at_y;
		for (int column = 0; column < to->width; column++) {
			int at_x = (int)((x - 0.5f) * 256 +
					 ((float)column + 0.5f) * step);

			at_x = at_x < 0 ? 0 : at_x > last_x ? last_x : at_x;
			pixels[column] = between(
				from->pixels + (size_t)(at_y >> 8) *
				(size_t)from->stride + (at_x >> 8),
				from->stride, (unsigned int)at_x & 255,
				(unsigned int)at_y & 255);
		}
	}
}

static pixel mean(const pixel *at, int stride)
{
	return between(at, stride, 128, 128);
}

/* Halves a picture where it is. */
static void halve(struct canvas *picture)
{
	picture->width /= 2;
	picture->height /= 2;
	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++)
			picture->pixels[(size_t)y * picture->stride + x] =
				mean(picture->pixels +
				     (size_t)(2 * y) * picture->stride + 2 * x,
				     picture->stride);
}

void scale_to_cover(const struct canvas *to, struct canvas *from)
{
	float wide, high, zoom;

	while (from->width >= 2 * to->width && from->height >= 2 * to->height)
		halve(from);
	wide = (float)from->width / (float)to->width;
	high = (float)from->height / (float)to->height;
	zoom = wide < high ? wide : high;
	scale(to, from, ((float)from->width - (float)to->width * zoom) / 2,
	      ((float)from->height - (float)to->height * zoom) / 2, zoom);
}
