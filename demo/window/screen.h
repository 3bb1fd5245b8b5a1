/* SPDX-License-Identifier: MIT */
/*
 * The screen: some buffers, of which one is the latest frame. The compositor
 * writes one that nobody looks at. A viewer, in another process, maps all of
 * them read-only; it is told of a frame, and has that buffer to itself until it
 * gives it back, and is told of the latest frame then. So it misses frames, but
 * nobody waits for it.
 */
#ifndef DEMO_WINDOW_SCREEN_H
#define DEMO_WINDOW_SCREEN_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* One is the latest, one is written, one is with the viewer, and others are
 * kept for the camera. */
#define SCREEN_BUFFERS	5

/**
 * struct screen
 * @latest: the buffer of the latest frame; -1 before the first
 * @frame:  its number; the first is 1
 * @viewed: frames that the viewer was told of
 */
struct screen {
	struct buffer buffers[SCREEN_BUFFERS];
	bool kept[SCREEN_BUFFERS];
	int latest;
	uint64_t frame;
	int viewer;		/* the socket to it, or -1 */
	int with_viewer;	/* the buffer that it looks at, or -1 */
	uint64_t viewed;
};

/* Returns 0, or -1 with errno. */
int screen_create(struct screen *screen, int width, int height);
void screen_destroy(struct screen *screen);

/* Returns a buffer to write the next frame into. */
int screen_begin(struct screen *screen);
/* What was written is the latest frame from now on. */
void screen_show(struct screen *screen, int buffer);

/* Nothing is written into the latest frame until it is dropped. Returns its
 * buffer, or -1 if too many are kept. */
int screen_keep(struct screen *screen);
void screen_drop(struct screen *screen, int buffer);

/* Sends all buffers to a viewer. The socket becomes the screen's, which lets go
 * of a viewer that fails. Returns 0, or -1 with errno. */
int screen_add_viewer(struct screen *screen, int socket);
/* Takes what the viewer has said. */
void screen_read_viewer(struct screen *screen);

#endif /* DEMO_WINDOW_SCREEN_H */
