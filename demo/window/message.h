/* SPDX-License-Identifier: MIT */
/*
 * What a client and the compositor say to each other, over a socket of
 * SOCK_SEQPACKET: first the regions, by ashmem_region_send(), then messages of
 * one form. docs/window-refresh.md tells who says what when.
 */
#ifndef DEMO_WINDOW_MESSAGE_H
#define DEMO_WINDOW_MESSAGE_H

#include "cache.h"

#include <ashmem.h>
#include <stdint.h>

/* A window has two: one is shown while the other is drawn. */
#define BUFFERS		2

enum message_kind {
	/* Who has drawn: this buffer is done, and yours. */
	MESSAGE_PRESENT	= 1,
	/* The compositor, to a client: this buffer is on the screen from now
	 * on, and the other is yours. */
	MESSAGE_SHOWN	= 2,
	/* A viewer: it has looked at this buffer, which is yours. */
	MESSAGE_RELEASE	= 3,
};

/* What clients keep in caches. */
enum cache_kind {
	CACHE_PICTURES,
	CACHE_ICONS,
	CACHE_GLYPHS,
	CACHE_KINDS,
};

/**
 * struct message
 * @kind:       enum message_kind
 * @buffer:     which, in the order in which they were sent: from 0
 * @generation: of its content; each is one more than the one before
 * @refilled:   slots of caches that the client had to fill again so far
 * @caches:     its caches, looked at lately
 */
struct message {
	uint32_t kind;
	uint32_t buffer;
	uint64_t generation;
	uint64_t refilled;
	struct cache_pages caches[CACHE_KINDS];
};

/* Neither waits. Both return 0, or -1 with errno: EAGAIN if there is no
 * message, or no room for one; ECONNRESET if the other has gone; EBADMSG if
 * what came is no message. */
int message_send(int socket, const struct message *message);
int message_receive(int socket, struct message *message);

/* Sends a region that its maker alone goes on writing: through a mapping that
 * it has already. Returns 0, or -1 with errno. */
int message_send_region(int socket, struct ashmem_region *region);

#endif /* DEMO_WINDOW_MESSAGE_H */
