/* SPDX-License-Identifier: MIT */
/*
 * A window as the compositor has it: a place on the screen, and what its client
 * hands over. A client that breaks the rules, ends, or does not answer loses
 * the window; it never has the compositor wait, or fail.
 */
#ifndef DEMO_WINDOW_WINDOW_H
#define DEMO_WINDOW_WINDOW_H

#include "buffer.h"
#include "compose.h"
#include "message.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a window is. */
struct place {
	const char *name;
	int x;
	int y;
	int width;
	int height;
};

enum window_state {
	WINDOW_EMPTY,		/* nobody's, and nothing is left to show */
	WINDOW_STARTING,	/* its client has shown nothing yet */
	WINDOW_LIVE,
	WINDOW_LOST,		/* its client has gone, or does not answer */
};

/**
 * struct window
 * @socket:     to the client; -1 if there is none
 * @received:   how many of @buffers the client has sent
 * @shown:      the buffer on the screen, or -1
 * @next:       the buffer to be shown next, or -1
 * @generation: of each buffer
 * @owes:       the client owes an answer
 * @waited:     frames that were composed since
 * @why:        why it was lost, in words
 * @torn:       frames that its client has drawn into while they were composed
 * @refilled:   slots of caches that its clients had to fill again
 * @last:       its client's last message
 */
struct window {
	struct place place;
	enum window_state state;
	int socket;
	int received;
	struct buffer buffers[BUFFERS];
	int shown;
	int next;
	uint64_t generation[BUFFERS];
	bool owes;
	unsigned int waited;
	const char *why;
	uint64_t torn;
	uint64_t refilled;
	struct message last;
};

void window_init(struct window *window, const struct place *place);

/* Gives a window to a new client. The socket becomes the window's. */
void window_attach(struct window *window, int socket);

/* Takes all that the client has sent. */
void window_read(struct window *window);

/* For a new frame: whether there is a new generation of the window, which is to
 * be shown from now on. window_tell() is owed then, once it is composed. */
bool window_turn(struct window *window);

/* Tells the client what is shown, so that it may draw into the other buffer. */
void window_tell(struct window *window);

/* To be called for each frame: loses a window whose client owes an answer for
 * more than @patience frames. One that has just been started may take ten times
 * as many. They are frames and not seconds, as the compositor gets as little of
 * a busy machine as its clients. */
void window_watch(struct window *window, unsigned int patience);

/* What is to be composed. */
struct layer window_layer(const struct window *window);

/* Whether all that was composed was of the generation that is shown; if not,
 * the window is taken from its client. */
bool window_was_whole(struct window *window);

/* Unmaps and closes all; the window can be attached again. */
void window_clear(struct window *window);

#endif /* DEMO_WINDOW_WINDOW_H */
