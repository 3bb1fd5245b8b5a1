/* SPDX-License-Identifier: MIT */
/*
 * A buffer of a window: a region with a header, and pixels from its second page
 * on. Its client alone can write it; the compositor maps it read-only.
 *
 * At any moment it belongs to one of the two, who alone may touch its pixels.
 * It is handed over by a message (message.h), both ways, so a frame cannot have
 * parts of two generations in it. The header is for proving that: the client
 * writes a generation's number before its first pixel and after its last. If
 * both are what the message said once the pixels were copied, all of them were
 * of this generation.
 */
#ifndef DEMO_WINDOW_BUFFER_H
#define DEMO_WINDOW_BUFFER_H

#include "canvas.h"
#include "message.h"

#include <ashmem.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct buffer_header {
	_Atomic uint64_t begun;
	_Atomic uint64_t done;
};

/* One buffer, mapped. */
struct buffer {
	struct ashmem_region *region;
	struct buffer_header *header;
	struct canvas canvas;
};

/* Makes a buffer and maps it for writing. Returns 0, or -1 with errno. */
int buffer_create(struct buffer *buffer, const char *name, int width,
		  int height);

/* Maps a buffer that was received for reading; from here on the region is the
 * buffer's. Returns 0, or -1 with errno: EINVAL if it is not large enough. */
int buffer_map(struct buffer *buffer, struct ashmem_region *region, int width,
	       int height);

/* Unmaps and closes it, also one that is all zeros. */
void buffer_destroy(struct buffer *buffer);

/* Before the first pixel of a generation is written, and after the last. */
void buffer_begin(const struct buffer *buffer, uint64_t generation);
void buffer_end(const struct buffer *buffer, uint64_t generation);

/* Whether every pixel that was read until now is of this generation. */
bool buffer_is_of(const struct buffer *buffer, uint64_t generation);

#endif /* DEMO_WINDOW_BUFFER_H */
