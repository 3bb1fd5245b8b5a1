/* SPDX-License-Identifier: MIT */
/*
 * For the tests: clients that fill their window with the number of a generation
 * as fast as they can, in processes of their own; and a compositor that
 * composes as fast as it can.
 */
#ifndef ASHMEM_TESTS_WINDOW_PAINTER_H
#define ASHMEM_TESTS_WINDOW_PAINTER_H

#include "refresh.h"

#include <stdbool.h>
#include <sys/types.h>

#define WIDTH		240
#define HEIGHT		180

extern const struct place painter_places[WINDOWS];

/* What a client does wrong. */
enum fault {
	FAULT_NONE,
	/* Paints on and on, whomever the buffer belongs to. */
	FAULT_SILENT,
	/* The same, and says so in the header. */
	FAULT_OPEN,
};

/* A compositor without clients; fails the process if there can be none. */
void painter_open(struct refresh *refresh);

/* Starts a client, for one window. */
pid_t painter_start(struct refresh *refresh, int window, enum fault fault);

/* Starts any client, which gets its socket. */
pid_t painter_fork(struct refresh *refresh, int window,
		   void (*play)(int socket, int width, int height));

/* Reads what clients say, and composes a frame. */
void painter_step(struct refresh *refresh);

/* Composes frames, at the ticks, until a window is in a state; false if it does
 * not come to be so. */
bool painter_await(struct refresh *refresh, int window,
		   enum window_state state);

/* Ends the process of a client. */
void painter_end(pid_t pid);

/* Whether all of a window on the latest screen is of one generation, which is
 * put into @generation. */
bool painter_is_whole(const struct refresh *refresh, int window,
		      uint64_t *generation);

/* The latest screen. */
const struct canvas *painter_screen(const struct refresh *refresh);

/* Descriptors that this process has. */
int painter_descriptors(void);

#endif /* ASHMEM_TESTS_WINDOW_PAINTER_H */
