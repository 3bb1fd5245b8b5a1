// SPDX-License-Identifier: MIT
#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "font.h"
#include "picture.h"
#include "text.h"

/*
 * In pixels: a field is a square with a line around it. To the left of each line
 * stands the offset; above all which region it is, and below what the colours
 * mean, in signs of twice the size.
 */
#define FIELD		12
#define LINE		1
#define MARGIN		8
#define OFFSETS		56
#define HEADING		(3 * FIELD)
#define LEGEND		(3 * FIELD)
#define SCALE		2

#define WIDTH		(OFFSETS + PICTURE_COLUMNS * FIELD + MARGIN)

/* Beside the states. */
enum {
	PAPER = PAGE_STATES,
	INK,
	COLOURS,
};

static const png_color palette[COLOURS] = {
	[PAGE_PINNED]		= { 46, 125, 50 },
	[PAGE_UNPINNED]		= { 249, 168, 37 },
	[PAGE_PURGED]		= { 198, 40, 40 },
	[PAGE_UNTOUCHED]	= { 200, 204, 208 },
	[PAPER]			= { 255, 255, 255 },
	[INK]			= { 66, 66, 66 },
};

/**
 * struct canvas - what is drawn on: a byte a pixel, of the palette
 */
struct canvas {
	size_t height;
	png_byte *pixels;
};

static void fill(struct canvas *canvas, size_t x, size_t y, size_t size,
		 png_byte colour)
{
	for (size_t i = 0; i < size; i++)
		memset(canvas->pixels + (y + i) * WIDTH + x, colour, size);
}

static void draw_sign(struct canvas *canvas, size_t x, size_t y, char sign,
		      size_t scale)
{
	const unsigned char *rows = font_rows(sign);

	for (size_t row = 0; row < FONT_HEIGHT; row++)
		for (size_t i = 0; i < FONT_WIDTH; i++)
			if (rows[row] >> (FONT_WIDTH - 1 - i) & 1)
				fill(canvas, x + i * scale, y + row * scale,
				     scale, INK);
}

static size_t text_width(const char *text, size_t scale)
{
	return strlen(text) * (FONT_WIDTH + 1) * scale;
}

static void draw_text(struct canvas *canvas, size_t x, size_t y,
		      const char *text, size_t scale)
{
	for (; *text; text++, x += (FONT_WIDTH + 1) * scale)
		draw_sign(canvas, x, y, *text, scale);
}

static void draw_fields(struct canvas *canvas, const struct picture *picture)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	text_bytes offset;

	for (size_t i = 0; i < picture->count; i++) {
		size_t x = i % PICTURE_COLUMNS;
		size_t y = HEADING + i / PICTURE_COLUMNS * FIELD;

		fill(canvas, OFFSETS + x * FIELD, y, FIELD - LINE,
		     picture->fields[i]);
		if (x)
			continue;
		text_format_exactly(i * picture->pages * page, offset);
		draw_text(canvas, OFFSETS - MARGIN - text_width(offset, 1),
			  y + 2, offset, 1);
	}
}

static void draw_legend(struct canvas *canvas)
{
	size_t x = OFFSETS, y = canvas->height - LEGEND + FIELD / 2;

	for (enum page_state i = 0; i < PAGE_STATES; i++) {
		fill(canvas, x, y + 2, FIELD - LINE, i);
		x += FIELD + FIELD / 2;
		draw_text(canvas, x, y, page_state_names[i], SCALE);
		x += text_width(page_state_names[i], SCALE) + 2 * FIELD;
	}
}

/* As much of it as there is room for. */
static void draw_heading(struct canvas *canvas, const char *heading)
{
	char text[WIDTH];

	snprintf(text, sizeof(text), "%s", heading);
	while (OFFSETS + text_width(text, SCALE) > WIDTH)
		text[strlen(text) - 1] = '\0';
	draw_text(canvas, OFFSETS, MARGIN, text, SCALE);
}

static int draw(struct canvas *canvas, const struct picture *picture,
		const char *heading)
{
	size_t lines = (picture->count - 1) / PICTURE_COLUMNS + 1;

	canvas->height = HEADING + lines * FIELD + LEGEND;
	canvas->pixels = malloc(canvas->height * WIDTH);
	if (!canvas->pixels)
		return -1;
	memset(canvas->pixels, PAPER, canvas->height * WIDTH);
	draw_heading(canvas, heading);
	draw_fields(canvas, picture);
	draw_legend(canvas);
	return 0;
}

static void set_title(png_structp png, png_infop information, char *title)
{
	/* Of those that there are, the one that is UTF-8. */
	png_text text = {
		.compression = PNG_ITXT_COMPRESSION_NONE,
		.key = (char *)"Title",
		.text = title,
		.itxt_length = strlen(title),
	};

	png_set_text(png, information, &text, 1);
}

/* Whatever fails in here comes back by the jump that the caller has set. */
static void write_all(png_structp png, png_infop information,
		      const struct canvas *canvas, char *title, FILE *file)
{
	png_init_io(png, file);
	png_set_IHDR(png, information, WIDTH, canvas->height, 8,
		     PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_PLTE(png, information, palette, COLOURS);
	set_title(png, information, title);
	png_write_info(png, information);
	for (size_t y = 0; y < canvas->height; y++)
		png_write_row(png, canvas->pixels + y * WIDTH);
	png_write_end(png, information);
}

static int write_to(FILE *file, const struct canvas *canvas, char *title)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
						  NULL, NULL);
	png_infop information = png ? png_create_info_struct(png) : NULL;
	volatile int result = -1;

	errno = ENOMEM;
	if (information && !setjmp(png_jmpbuf(png))) {
		write_all(png, information, canvas, title, file);
		result = 0;
	}
	png_destroy_write_struct(&png, &information);
	return result;
}

/* libpng wants a text that it could change. */
static int write_file(const struct canvas *canvas, const char *title,
		      const char *path)
{
	char *copy = strdup(title);
	FILE *file = copy ? fopen(path, "we") : NULL;
	int result = -1, error;

	if (file)
		result = write_to(file, canvas, copy);
	error = errno;
	free(copy);
	if (file && fclose(file) != 0)
		return -1;
	errno = error;
	return result;
}

int picture_write(const struct picture *picture, const char *title,
		  const char *heading, const char *path)
{
	struct canvas canvas;
	int result, error;

	if (draw(&canvas, picture, heading) < 0)
		return -1;
	result = write_file(&canvas, title, path);
	error = errno;
	free(canvas.pixels);
	errno = error;
	return result;
}
