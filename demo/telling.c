// SPDX-License-Identifier: MIT
#include "telling.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How much of a SHA-256 is shown; all of it is compared. */
#define DIGEST_SHOWN	8

#define COLUMNS		80

/* Ends the program with an error. */
void fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

void check_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		fail("standard output: not everything could be written");
}

size_t mib(size_t bytes)
{
	return (bytes + MIB / 2) / MIB;
}

size_t page_bytes(unsigned long pages)
{
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* The last part of a path, fit to be shown on a terminal. */
void show_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int room = 16;

	for (path = slash ? slash + 1 : path; *path && room > 0; path++, room--)
		putchar(*path >= ' ' && *path <= '~' ? *path : '?');
}

void show_digest(const char *what, const unsigned char *digest)
{
	printf(INDENT "SHA-256 of what %s ", what);
	for (size_t i = 0; i < DIGEST_SHOWN; i++)
		printf("%02x", digest[i]);
	printf("...\n");
}

/* Shows a long line, indented, on as many as it takes. */
void show_folded(const char *text)
{
	const size_t room = COLUMNS - strlen(INDENT);
	size_t length = strlen(text);

	while (length > room) {
		size_t part = room;

		while (part && text[part] != ' ')
			part--;
		if (!part)
			part = room;
		printf(INDENT "%.*s\n", (int)part, text);
		part += text[part] == ' ';
		text += part;
		length -= part;
	}
	printf(INDENT "%s\n", text);
}

/* Draws @sign from the end of the picture so far up to @bytes. */
static void draw_to(char *picture, size_t *end, size_t bytes, size_t limit,
		    char sign)
{
	size_t to = (bytes * PICTURE_WIDTH + limit / 2) / limit;

	while (*end < to && *end < PICTURE_WIDTH)
		picture[(*end)++] = sign;
}

/**
 * draw_memory - what is taken now
 * @area:  the cache
 * @used:  by all programs together, the cache included
 * @limit: what they may have
 */
void draw_memory(const struct area_pages *area, size_t used, size_t limit)
{
	size_t unpinned = page_bytes(area->unpinned);
	size_t resident = page_bytes(area->resident);
	/* Pages never touched are pinned, too, but in no memory. */
	size_t pinned = area->pinned && resident > unpinned ?
			resident - unpinned : 0;
	char picture[PICTURE_WIDTH + 1] = "";
	size_t end = 0;

	draw_to(picture, &end, pinned, limit, '#');
	draw_to(picture, &end, pinned + unpinned, limit, '=');
	draw_to(picture, &end, used, limit, 'o');
	draw_to(picture, &end, limit, limit, '.');
	printf(INDENT "[%s] %zu MiB\n", picture, mib(used));
}

/* The area alone, to the same scale. */
void draw_area(const struct area_pages *area, size_t limit)
{
	size_t purged = page_bytes(area->purged);
	size_t unpinned = page_bytes(area->unpinned);
	char picture[PICTURE_WIDTH + 1] = "";
	size_t end = 0;

	draw_to(picture, &end, purged, limit, '-');
	draw_to(picture, &end, purged + unpinned, limit, '=');
	printf(INDENT "[%s] the cache\n", picture);
}
