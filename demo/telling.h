/* SPDX-License-Identifier: MIT */
/* How the story looks on a terminal of 80 columns. */
#ifndef DEMO_TELLING_H
#define DEMO_TELLING_H

#include "actor.h"

#include <stddef.h>

#define MIB		((size_t)1024 * 1024)

#define INDENT		"   "
/* The picture of what the programs may have is this many signs wide. */
#define PICTURE_WIDTH	((size_t)64)

__attribute__((noreturn, format(printf, 1, 2)))
void fail(const char *format, ...);

/* Fails if what was shown did not get to where it was to go. */
void check_output(void);

size_t mib(size_t bytes);
size_t page_bytes(unsigned long pages);

void show_name(const char *path);
void show_digest(const char *what, const unsigned char *digest);
void show_folded(const char *text);
void draw_memory(const struct area_pages *area, size_t used, size_t limit);
void draw_area(const struct area_pages *area, size_t limit);

#endif /* DEMO_TELLING_H */
