/* SPDX-License-Identifier: MIT */
/* Pictures in files: PNG and JPEG are read, PNG is written. */
#ifndef DEMO_WINDOW_PICTURE_H
#define DEMO_WINDOW_PICTURE_H

#include "canvas.h"

/* A picture has at most so many pixels, and at least so many a side. */
#define PICTURE_PIXELS		(50 * 1000 * 1000)
#define PICTURE_SMALLEST	16

/**
 * picture_read - reads a picture
 * @picture: is given its pixels, for picture_free(); what is transparent is
 *           shown on black
 * @path:    of a PNG or JPEG file
 *
 * Returns NULL, or what is wrong with the file, in words to be put behind its
 * name.
 */
const char *picture_read(struct canvas *picture, const char *path);
void picture_free(struct canvas *picture);

/* Returns 0, or -1 with errno; then there is no such file. */
int picture_write(const struct canvas *picture, const char *path);

#endif /* DEMO_WINDOW_PICTURE_H */
