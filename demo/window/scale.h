/* SPDX-License-Identifier: MIT */
#ifndef DEMO_WINDOW_SCALE_H
#define DEMO_WINDOW_SCALE_H

#include "canvas.h"

/* Scales the part of @from that begins at @x, @y to all of @to: it is as many
 * times as wide and as high as @zoom says. @from is at least 2 x 2. */
void scale(const struct canvas *to, const struct canvas *from, float x, float y,
	   float zoom);

/* Scales as much of the middle of @from as has the shape of @to. What is in
 * @from gets lost. */
void scale_to_cover(const struct canvas *to, struct canvas *from);

#endif /* DEMO_WINDOW_SCALE_H */
