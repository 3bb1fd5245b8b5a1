/* SPDX-License-Identifier: MIT */
/* For comparison: how long it takes until another process has a frame. */
#ifndef DEMO_WINDOW_PUSH_H
#define DEMO_WINDOW_PUSH_H

#include "canvas.h"

/**
 * struct push - what was measured; each is the median
 * @by_region: milliseconds until another process knows that a frame, which it
 *             has mapped, is there, and has said so
 * @by_socket: the same, the frame being written into a socket, and read
 * @copied:    bytes, of each frame that goes through the socket
 */
struct push {
	double by_region;
	double by_socket;
	unsigned long copied;
};

/* Returns 0, or -1 with errno. @frame is one block of memory. */
int push_measure(struct push *push, const struct canvas *frame);

#endif /* DEMO_WINDOW_PUSH_H */
