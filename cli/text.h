/* SPDX-License-Identifier: MIT */
/* Numbers and names as people read them. */
#ifndef ASHMEM_CLI_TEXT_H
#define ASHMEM_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As "1023", "1.5K", "12M": at most five characters. */
typedef char text_bytes[24];

void text_format_bytes(uint64_t bytes, text_bytes text);

/* With the largest unit in which it is a whole number: offsets, one below the
 * other. */
void text_format_exactly(uint64_t bytes, text_bytes text);

/**
 * text_escape - makes a name fit to be shown
 * @text: is given it, terminated, with room for @size
 *
 * What could change the terminal, or is no character in this locale, is shown
 * as \xHH. Others give their regions names.
 */
void text_escape(const char *name, char *text, size_t size);

/* Puts a question mark for each character of UTF-8 that is none of ASCII. */
void text_make_ascii(char *text);

/* Columns of a terminal that a text takes. */
size_t text_columns(const char *text);

/* Cuts a text so that it takes no more columns than these; if something was cut
 * its end says so. */
void text_cut(char *text, size_t columns);

/* Does standard output show other characters than ASCII? */
bool text_is_unicode(void);

/* Is standard output a terminal for which colours are welcome? */
bool text_has_colours(void);

/* Columns of the terminal; 80 if it is none. */
size_t text_terminal_columns(void);

#endif /* ASHMEM_CLI_TEXT_H */
