/* SPDX-License-Identifier: MIT */
/*
 * The pages of a region as a picture: fields side by side, in lines, from the
 * start of the region to its end. A field is one page, or several, a power of
 * two, where there are many; then it shows what most of these are.
 */
#ifndef ASHMEM_CLI_PICTURE_H
#define ASHMEM_CLI_PICTURE_H

#include <stdbool.h>

#include "pages.h"

#define PICTURE_COLUMNS		64
#define PICTURE_LINES		16

/**
 * struct picture - the fields
 * @fields: each of enum page_state
 * @count:  how many there are
 * @pages:  that a field stands for; the last one perhaps for fewer
 */
struct picture {
	unsigned char *fields;
	size_t count;
	uint64_t pages;
};

/* Draws it in at most so many fields. Returns 0, or -1 with errno ENOMEM. */
int picture_draw(struct picture *picture, const struct pages *pages,
		 size_t most);
void picture_end(struct picture *picture);

/* Prints it on standard output, PICTURE_COLUMNS fields a line, with a legend.
 * */
void picture_print(const struct picture *picture, const struct pages *pages,
		   bool colours);

/**
 * picture_write - writes it as PNG
 * @title:   of the file, in UTF-8
 * @heading: written above it, in ASCII
 *
 * Returns 0, or -1 with errno set.
 */
int picture_write(const struct picture *picture, const char *title,
		  const char *heading, const char *path);

#endif /* ASHMEM_CLI_PICTURE_H */
