/* SPDX-License-Identifier: MIT */
/* The compositor's work proper: a screen from windows. It depends on nothing
 * but what it is given. */
#ifndef DEMO_WINDOW_COMPOSE_H
#define DEMO_WINDOW_COMPOSE_H

#include "canvas.h"

#include <stddef.h>
#include <stdint.h>

enum look {
	LOOK_EMPTY,	/* no pixels: hatched */
	LOOK_LIVE,
	LOOK_GREYED,	/* what was drawn last, grey and hatched */
};

/* A window: where, and its pixels, row after row. */
struct layer {
	int x;
	int y;
	int width;
	int height;
	const pixel *pixels;
	enum look look;
};

/**
 * compose - writes a screen
 * @screen: all of it is written
 * @layers: the windows, those in front last
 *
 * Returns how many bytes of windows were copied.
 */
uint64_t compose(const struct canvas *screen, const struct layer *layers,
		 size_t count);

#endif /* DEMO_WINDOW_COMPOSE_H */
