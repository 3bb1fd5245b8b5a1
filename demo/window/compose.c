// SPDX-License-Identifier: MIT
#include "compose.h"

/* Where there is no window. */
#define NOTHING		0x05070c
/* Of an empty window, and its stripes. */
#define EMPTY		0x12151d
#define STRIPE		0x2a2f3b
/* So many pixels from one stripe to the next, and so many wide. */
#define STRIPES		18
#define STRIPE_WIDTH	3

static pixel grey_of(pixel colour)
{
	unsigned int red = colour >> 16 & 0xff;
	unsigned int green = colour >> 8 & 0xff;
	unsigned int blue = colour & 0xff;
	/* As bright as the eye sees it, and then half of that. */
	unsigned int grey = (red * 77 + green * 150 + blue * 29) >> 9;

	return (grey + 8) << 16 | (grey + 10) << 8 | (grey + 16);
}

static void hatch(const struct canvas *part, const struct layer *layer)
{
	for (int y = 0; y < part->height; y++) {
		pixel *row = part->pixels + (size_t)y * (size_t)part->stride;

		for (int x = 0; x < part->width; x++) {
			pixel under = EMPTY;

			if (layer->look == LOOK_GREYED)
				under = grey_of(layer->pixels[
					(size_t)y * (size_t)layer->width +
					(size_t)x]);
			row[x] = (x + y) % STRIPES < STRIPE_WIDTH ?
				 pixel_blend(under, STRIPE, 160) : under;
		}
	}
}

uint64_t compose(const struct canvas *screen, const struct layer *layers,
		 size_t count)
{
	uint64_t copied = 0;

	canvas_fill(screen, NOTHING);
	for (size_t i = 0; i < count; i++) {
		const struct layer *layer = &layers[i];
		struct canvas part = canvas_part(screen, layer->x, layer->y,
						 layer->width, layer->height);

		if (layer->look == LOOK_LIVE)
			canvas_copy(screen, layer->x, layer->y, layer->pixels,
				    layer->width, layer->height);
		else
			hatch(&part, layer);
		if (layer->look != LOOK_EMPTY)
			copied += (uint64_t)part.width *
				  (uint64_t)part.height * sizeof(pixel);
	}
	return copied;
}
