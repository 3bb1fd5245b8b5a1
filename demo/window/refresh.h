/* SPDX-License-Identifier: MIT */
/*
 * The compositor: at a steady tick it puts the screen together from the
 * windows. All that it does takes bounded time, whatever the clients do.
 */
#ifndef DEMO_WINDOW_REFRESH_H
#define DEMO_WINDOW_REFRESH_H

#include "history.h"
#include "screen.h"
#include "window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TICKS_A_SECOND	60
#define WINDOWS		3

/* Of so many frames the time is kept. */
#define FRAMES_TIMED	(10 * 60 * TICKS_A_SECOND)

/**
 * struct refresh
 * @patience: frames that a client may owe an answer; a second by default
 * @composed: frames
 * @dropped:  ticks for which there was no frame, as the one before took too long
 * @torn:     frames that were composed again, as a client had drawn into them
 * @copied:   bytes of windows copied into the screen
 * @recopied: of these, bytes copied once more, as the frame was torn
 * @told:     bytes of messages, both ways
 * @ms:       milliseconds that each frame took
 * @pressed:  memory is made short at this moment
 */
struct refresh {
	struct window windows[WINDOWS];
	struct screen screen;
	struct ashmem_region *history_region;
	struct history *history;
	int timer;
	unsigned int patience;
	uint64_t composed;
	uint64_t dropped;
	uint64_t torn;
	uint64_t copied;
	uint64_t recopied;
	uint64_t told;
	float *ms;
	bool pressed;
	uint64_t rate_frames;	/* composed when the rate was last looked at */
	double rate_at;
	float rate;
};

/* A screen with WINDOWS empty windows, at @places. Returns 0, or -1 with
 * errno. */
int refresh_open(struct refresh *refresh, int width, int height,
		 const struct place *places);
void refresh_close(struct refresh *refresh);

/* Gives a window to a client; the socket becomes the window's. Returns 0, or -1
 * with errno: then the client could not be sent what it needs. */
int refresh_attach(struct refresh *refresh, int window, int socket);

/* Composes one frame, of what window_read() has found. */
void refresh_tick(struct refresh *refresh);

/* Composes frames for so many milliseconds. */
void refresh_run(struct refresh *refresh, double ms);

#endif /* DEMO_WINDOW_REFRESH_H */
