/* SPDX-License-Identifier: MIT */
/*
 * Writes frames into files while the screen goes on: a process of its own
 * encodes the latest frame, whose buffer is kept until it is done.
 */
#ifndef DEMO_WINDOW_CAMERA_H
#define DEMO_WINDOW_CAMERA_H

#include "screen.h"

#include <stdbool.h>
#include <sys/types.h>

/* A frame that is being written; @pid is 0 if none is. */
struct camera {
	pid_t pid;
	int buffer;
	char path[4096];
};

/* Begins to write the latest frame. Returns 0, or -1 with errno: EBUSY while
 * the one before is not written, EAGAIN before the first frame. */
int camera_take(struct camera *camera, struct screen *screen,
		const char *directory, const char *name);

/* Whether the frame has been written, or there was none to write; waits for it
 * if @wait says so. What fails ends the demo. */
bool camera_done(struct camera *camera, struct screen *screen, bool wait);

#endif /* DEMO_WINDOW_CAMERA_H */
