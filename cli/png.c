// SPDX-License-Identifier: MIT
#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"

/* A field is a square with a line around it, in pixels. */
#define FIELD		12
#define LINE		1
#define MARGIN		8

#define WIDTH		(2 * MARGIN + PICTURE_COLUMNS * FIELD)

/* Beside the states: what is behind, and where no pages are. */
#define BACKGROUND	PAGE_STATES
#define COLOURS		(PAGE_STATES + 1)

static const png_color palette[COLOURS] = {
	[PAGE_PINNED]		= { 46, 125, 50 },
	[PAGE_UNPINNED]		= { 249, 168, 37 },
	[PAGE_PURGED]		= { 198, 40, 40 },
	[PAGE_UNTOUCHED]	= { 200, 204, 208 },
	[BACKGROUND]		= { 255, 255, 255 },
};

static char legend[] = "Each square is a page, or what most of several are. "
	"Green: pinned. Yellow: unpinned. Red: purged. Gray: untouched.";

static size_t lines_of(const struct picture *picture)
{
	return (picture->count - 1) / PICTURE_COLUMNS + 1;
}

/* One row of pixels. */
static void draw_row(const struct picture *picture, size_t y, png_byte *row)
{
	size_t line = (y - MARGIN) / FIELD, field;

	memset(row, BACKGROUND, WIDTH);
	if (y < MARGIN || line >= lines_of(picture) ||
	    (y - MARGIN) % FIELD >= FIELD - LINE)
		return;
	for (size_t i = 0; i < PICTURE_COLUMNS; i++) {
		field = line * PICTURE_COLUMNS + i;
		if (field < picture->count)
			memset(row + MARGIN + i * FIELD,
			       picture->fields[field], FIELD - LINE);
	}
}

static void set_texts(png_structp png, png_infop information, char *title)
{
	png_text texts[2] = {
		{ PNG_TEXT_COMPRESSION_NONE, (char *)"Title", title,
		  strlen(title), 0, NULL, NULL },
		{ PNG_TEXT_COMPRESSION_NONE, (char *)"Description", legend,
		  strlen(legend), 0, NULL, NULL },
	};

	png_set_text(png, information, texts, 2);
}

/* Whatever fails in here comes back by the jump that the caller has set. */
static void write_all(png_structp png, png_infop information,
		      const struct picture *picture, char *title, FILE *file)
{
	size_t height = 2 * MARGIN + lines_of(picture) * FIELD;
	png_byte row[WIDTH];

	png_init_io(png, file);
	png_set_IHDR(png, information, WIDTH, height, 8, PNG_COLOR_TYPE_PALETTE,
		     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		     PNG_FILTER_TYPE_DEFAULT);
	png_set_PLTE(png, information, palette, COLOURS);
	set_texts(png, information, title);
	png_write_info(png, information);
	for (size_t y = 0; y < height; y++) {
		draw_row(picture, y, row);
		png_write_row(png, row);
	}
	png_write_end(png, information);
}

static int write_to(FILE *file, const struct picture *picture, char *title)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
						  NULL, NULL);
	png_infop information = png ? png_create_info_struct(png) : NULL;
	volatile int result = -1;

	errno = ENOMEM;
	if (information && !setjmp(png_jmpbuf(png))) {
		write_all(png, information, picture, title, file);
		result = 0;
	}
	png_destroy_write_struct(&png, &information);
	return result;
}

int picture_write(const struct picture *picture, const char *title,
		  const char *path)
{
	FILE *file = fopen(path, "we");
	char *copy = file ? strdup(title) : NULL;
	int result, error;

	if (!copy) {
		if (file)
			fclose(file);
		return -1;
	}
	result = write_to(file, picture, copy);
	error = errno;
	free(copy);
	if (fclose(file) != 0)
		return -1;
	errno = error;
	return result;
}
