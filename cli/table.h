/* SPDX-License-Identifier: MIT */
/* Text in columns. */
#ifndef ASHMEM_CLI_TABLE_H
#define ASHMEM_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct table_column - one of them
 * @title: its heading
 * @right: what is in it stands to the right
 * @least: how narrow it may get when the table does not fit; 0 if not at all
 */
struct table_column {
	const char *title;
	bool right;
	size_t least;
};

/**
 * struct table - rows of cells
 * @columns: @width of them
 * @cells:   row after row; the table's
 */
struct table {
	const struct table_column *columns;
	size_t width;
	char **cells;
	size_t count;
};

/* Adds a cell, row by row; the text is copied. Returns 0, or -1 with errno
 * ENOMEM. */
int table_add(struct table *table, const char *text);

/* Prints it on standard output, with headings. Where that is a terminal, what
 * does not fit into a line is cut, and headings stand out if @colours. */
void table_print(struct table *table, bool colours);

void table_end(struct table *table);

#endif /* ASHMEM_CLI_TABLE_H */
