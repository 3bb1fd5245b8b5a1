// SPDX-License-Identifier: MIT
#include "picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/**
 * struct look - how a state is shown
 * @block: where there is more than ASCII
 * @ascii: where there is not; as in the story
 * @colour: a number of the terminal's
 */
static const struct look {
	const char *block;
	char ascii;
	int colour;
} looks[PAGE_STATES] = {
	[PAGE_PINNED]		= { "█", '#', 32 },
	[PAGE_UNPINNED]		= { "▒", '=', 33 },
	[PAGE_PURGED]		= { "╳", '-', 31 },
	[PAGE_UNTOUCHED]	= { "·", '.', 90 },
};

static uint64_t pages_a_field(uint64_t pages, size_t most)
{
	uint64_t number = 1;

	while ((pages - 1) / number + 1 > most)
		number *= 2;
	return number;
}

/* What most are; of equals, what comes first in enum page_state. */
static enum page_state winner(const uint64_t counts[PAGE_STATES])
{
	enum page_state best = 0;

	for (enum page_state i = 1; i < PAGE_STATES; i++)
		if (counts[i] > counts[best])
			best = i;
	return best;
}

int picture_draw(struct picture *picture, const struct pages *pages,
		 size_t most)
{
	uint64_t number = pages_a_field(pages->pages, most);
	uint64_t counts[PAGE_STATES] = { 0 }, at = 0, end;
	size_t run = 0;

	picture->pages = number;
	picture->count = 0;
	picture->fields = malloc((pages->pages - 1) / number + 1);
	if (!picture->fields)
		return -1;
	while (run < pages->count) {
		end = (picture->count + 1) * number;
		if (end > pages->runs[run].end)
			end = pages->runs[run].end;
		counts[pages->runs[run].state] += end - at;
		at = end;
		run += at == pages->runs[run].end;
		if (at % number && run < pages->count)
			continue;
		picture->fields[picture->count++] = winner(counts);
		memset(counts, 0, sizeof(counts));
	}
	return 0;
}

void picture_end(struct picture *picture)
{
	free(picture->fields);
}

static void print_field(enum page_state state, bool unicode)
{
	if (unicode)
		fputs(looks[state].block, stdout);
	else
		putchar(looks[state].ascii);
}

static void colour(int number, bool colours)
{
	if (colours)
		printf("\033[%dm", number);
}

static void print_line(const unsigned char *fields, size_t count, bool colours)
{
	bool unicode = text_is_unicode();

	for (size_t i = 0; i < count; i++) {
		if (!i || fields[i] != fields[i - 1])
			colour(looks[fields[i]].colour, colours);
		print_field(fields[i], unicode);
	}
	colour(0, colours);
	putchar('\n');
}

static void print_legend(const struct picture *picture,
			 const struct pages *pages, bool colours)
{
	uint64_t page = sysconf(_SC_PAGESIZE), counts[PAGE_STATES];
	text_bytes text;

	pages_count(pages, counts);
	putchar('\n');
	for (enum page_state i = 0; i < PAGE_STATES; i++) {
		text_format_bytes(counts[i] * page, text);
		colour(looks[i].colour, colours);
		print_field(i, text_is_unicode());
		colour(0, colours);
		printf(" %s %s%s", page_state_names[i], text,
		       i == PAGE_STATES - 1 ? "\n" : "   ");
	}
	text_format_bytes(picture->pages * page, text);
	if (picture->pages == 1)
		printf("Each is a page of %s.\n", text);
	else
		printf("Each is what most of %" PRIu64 " pages are, %s.\n",
		       picture->pages, text);
}

void picture_print(const struct picture *picture, const struct pages *pages,
		   bool colours)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	text_bytes offset;

	for (size_t i = 0; i < picture->count; i += PICTURE_COLUMNS) {
		size_t count = picture->count - i < PICTURE_COLUMNS ?
			       picture->count - i : PICTURE_COLUMNS;

		text_format_exactly(i * picture->pages * page, offset);
		printf("%6s  ", offset);
		print_line(picture->fields + i, count, colours);
	}
	print_legend(picture, pages, colours);
}
