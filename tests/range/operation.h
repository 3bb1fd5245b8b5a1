/* SPDX-License-Identifier: MIT */
/*
 * One step of a random test of pin state, and sequences of them as text.
 *
 * An operation means something whatever came before it, so that any part of a
 * sequence is a sequence: those that work on a range name a page of it, and do
 * nothing if that page is in no range.
 */
#ifndef ASHMEM_TESTS_RANGE_OPERATION_H
#define ASHMEM_TESTS_RANGE_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum operation_kind {
	OPERATION_PIN,		/* (first page, pages) */
	OPERATION_UNPIN,	/* (first page, pages) */
	OPERATION_PURGE,	/* (first page, pages), in one range */
	OPERATION_RECLAIM,	/* (after the cursor?, most pages) */
	OPERATION_TOUCH,	/* (page) */
	OPERATION_UNTOUCH,	/* (page) */
	OPERATION_CURSOR,	/* (on?): on by a range, or to the start */
	OPERATION_CLEAR,	/* () */
	OPERATION_KINDS,
};

struct operation {
	enum operation_kind kind;
	unsigned long argument[2];
};

/**
 * struct sequence - operations on an area
 * @base:       the number of the area's first page
 * @pages:      its size
 * @length:     how many operations
 * @operations: the sequence owns them
 */
struct sequence {
	unsigned long base;
	unsigned long pages;
	size_t length;
	struct operation *operations;
};

void sequence_generate(struct sequence *sequence, uint64_t seed);
void sequence_print(const struct sequence *sequence, const char *prefix,
		    FILE *out);
bool sequence_parse(struct sequence *sequence, FILE *in, size_t *bad_line);
void sequence_free(struct sequence *sequence);

#endif /* ASHMEM_TESTS_RANGE_OPERATION_H */
