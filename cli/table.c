// SPDX-License-Identifier: MIT
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define GAP	2

int table_add(struct table *table, const char *text)
{
	char **cells = table->cells;

	if (!(table->count & (table->count - 1)))
		cells = reallocarray(cells, table->count ? table->count * 2 : 1,
				     sizeof(*cells));
	if (!cells)
		return -1;
	table->cells = cells;
	cells[table->count] = strdup(text);
	return cells[table->count] ? (table->count++, 0) : -1;
}

static size_t larger(size_t one, size_t other)
{
	return one > other ? one : other;
}

static void measure(const struct table *table, size_t *widths)
{
	for (size_t i = 0; i < table->width; i++)
		widths[i] = strlen(table->columns[i].title);
	for (size_t i = 0; i < table->count; i++)
		widths[i % table->width] =
			larger(widths[i % table->width],
			       text_columns(table->cells[i]));
}

/* Takes from those columns that may be narrower, the last first. */
static void fit(const struct table *table, size_t *widths, size_t room)
{
	size_t sum = GAP * (table->width - 1), taken;

	for (size_t i = 0; i < table->width; i++)
		sum += widths[i];
	for (size_t i = table->width; i-- > 0 && sum > room;) {
		size_t least = table->columns[i].least;

		if (!least || widths[i] <= least)
			continue;
		taken = widths[i] - least;
		if (taken > sum - room)
			taken = sum - room;
		widths[i] -= taken;
		sum -= taken;
	}
}

static void print_cell(const struct table *table, const size_t *widths,
		       size_t column, const char *text)
{
	size_t padding = widths[column] - text_columns(text);
	bool last = column == table->width - 1;

	if (table->columns[column].right)
		printf("%*s%s", (int)padding, "", text);
	else
		printf("%s%*s", text, last ? 0 : (int)padding, "");
	printf("%*s", last ? 0 : GAP, "");
}

void table_print(struct table *table, bool colours)
{
	size_t widths[table->width];

	measure(table, widths);
	if (isatty(STDOUT_FILENO))
		fit(table, widths, text_terminal_columns());
	fputs(colours ? "\033[1m" : "", stdout);
	for (size_t i = 0; i < table->width; i++)
		print_cell(table, widths, i, table->columns[i].title);
	puts(colours ? "\033[0m" : "");
	for (size_t i = 0; i < table->count; i++) {
		text_cut(table->cells[i], widths[i % table->width]);
		print_cell(table, widths, i % table->width, table->cells[i]);
		if (i % table->width == table->width - 1)
			putchar('\n');
	}
}

void table_end(struct table *table)
{
	while (table->count)
		free(table->cells[--table->count]);
	free(table->cells);
	table->cells = NULL;
}
