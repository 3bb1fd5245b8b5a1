// SPDX-License-Identifier: MIT
#include "text.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define DEFAULT_COLUMNS	80

void text_format_bytes(uint64_t bytes, text_bytes text)
{
	static const char units[] = "KMGTPE";
	unsigned int shift = 10, unit = 0;
	uint64_t tenths;

	if (bytes < 1024) {
		snprintf(text, sizeof(text_bytes), "%u", (unsigned int)bytes);
		return;
	}
	while (unit < strlen(units) - 1 && bytes >> shift >= 1024) {
		shift += 10;
		unit++;
	}
	tenths = ((bytes >> (shift - 10)) * 10 + 512) / 1024;
	if (tenths < 100 && tenths % 10)
		snprintf(text, sizeof(text_bytes), "%u.%u%c",
			 (unsigned int)tenths / 10, (unsigned int)tenths % 10,
			 units[unit]);
	else
		snprintf(text, sizeof(text_bytes), "%u%c",
			 (unsigned int)tenths / 10, units[unit]);
}

void text_format_exactly(uint64_t bytes, text_bytes text)
{
	static const char *const units[] = { "", "K", "M", "G", "T" };
	unsigned int unit = 0;

	while (bytes && bytes % 1024 == 0 && unit < 4) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, sizeof(text_bytes), "%" PRIu64 "%s", bytes, units[unit]);
}

/* Takes no column, or changes the order in which others are shown. Not all
 * locales know these as controls. */
static bool is_invisible(wchar_t letter)
{
	return (letter >= 0x200b && letter <= 0x200f) ||
	       (letter >= 0x2028 && letter <= 0x202e) ||
	       (letter >= 0x2060 && letter <= 0x2069) || letter == 0x61c ||
	       letter == 0xfeff;
}

void text_escape(const char *name, char *text, size_t size)
{
	size_t left = strlen(name), taken, need;
	mbstate_t state = { 0 };
	wchar_t letter;
	bool shown;

	for (; left; name += taken, left -= taken) {
		taken = mbrtowc(&letter, name, left, &state);
		shown = taken && taken <= left && iswprint(letter) &&
			!is_invisible(letter);
		if (!shown) {
			memset(&state, 0, sizeof(state));
			taken = 1;
		}
		need = shown ? taken : strlen("\\xHH");
		if (need >= size)
			break;
		if (shown)
			memcpy(text, name, taken);
		else
			snprintf(text, size, "\\x%02x", (unsigned char)*name);
		text += need;
		size -= need;
	}
	*text = '\0';
}

void text_make_ascii(char *text)
{
	char *to = text;

	/* All bytes of a character but the first are 10xxxxxx. */
	for (; *text; text++)
		if ((*text & 0xc0) != 0x80)
			*to++ = *text & 0x80 ? '?' : *text;
	*to = '\0';
}

/* The columns of the character at @text; *@bytes is given its length. */
static size_t columns_at(const char *text, size_t *bytes)
{
	mbstate_t state = { 0 };
	wchar_t letter;
	int columns;

	*bytes = mbrtowc(&letter, text, strlen(text), &state);
	if (*bytes == 0 || *bytes > strlen(text)) {
		*bytes = 1;
		return 1;
	}
	columns = wcwidth(letter);
	return columns < 0 ? 1 : columns;
}

size_t text_columns(const char *text)
{
	size_t columns = 0, bytes;

	for (; *text; text += bytes)
		columns += columns_at(text, &bytes);
	return columns;
}

void text_cut(char *text, size_t columns)
{
	size_t taken = 0, next, bytes;

	if (text_columns(text) <= columns)
		return;
	if (!columns) {
		*text = '\0';
		return;
	}
	while (*text) {
		next = columns_at(text, &bytes);
		if (taken + next > columns - 1)
			break;
		taken += next;
		text += bytes;
	}
	strcpy(text, "+");
}

bool text_is_unicode(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool text_has_colours(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && terminal &&
	       strcmp(terminal, "dumb");
}

size_t text_terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return DEFAULT_COLUMNS;
}
