/* SPDX-License-Identifier: MIT */
/*
 * A client: a process that has one window, and draws it anew whenever the
 * compositor has taken what it drew before. It ends when the compositor does.
 */
#ifndef DEMO_WINDOW_CLIENT_H
#define DEMO_WINDOW_CLIENT_H

#include "buffer.h"
#include "cache.h"
#include "history.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * struct client
 * @name:       of the window
 * @socket:     to the compositor
 * @history:    as of now
 * @mine:       the buffer that the client may touch, or -1
 * @generation: of what was presented last; 0 if nothing was
 * @refilled:   slots of caches that had to be filled again, which the client
 *              counts itself
 * @caches:     sizes of its caches, likewise
 */
struct client {
	const char *name;
	int socket;
	struct ashmem_region *history_region;
	const struct history *history;
	struct buffer buffers[BUFFERS];
	int mine;
	uint64_t generation;
	uint64_t refilled;
	struct cache_pages caches[CACHE_KINDS];
};

/* Ends the process with an error: @what, and errno in words. */
__attribute__((noreturn))
void client_fail(const struct client *client, const char *what);

/* Receives what every client is sent, makes the buffers of its window, and
 * hands them over. */
void client_open(struct client *client, const char *name, int socket, int width,
		 int height);

/* Gives the canvas of the next generation: waits until one is the client's.
 * Ends the process when the compositor has gone. */
const struct canvas *client_begin(struct client *client);
/* Presents what was drawn on it. */
void client_end(struct client *client);

/* Whether to look at the caches again: ten times a second at most. */
bool client_counts(const struct client *client);
/* Looks at one, of which there may be several of a kind: set @first for the
 * first of its kind. */
void client_count(struct client *client, enum cache_kind kind,
		  const struct cache *cache, bool first);

/* What the processes of the clients do; none returns. */
__attribute__((noreturn))
void play_status(int socket, int width, int height);
__attribute__((noreturn))
void play_content(int socket, int width, int height);
__attribute__((noreturn))
void play_navigation(int socket, int width, int height);

#endif /* DEMO_WINDOW_CLIENT_H */
