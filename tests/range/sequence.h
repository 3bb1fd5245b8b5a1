/* SPDX-License-Identifier: MIT */
/*
 * Sequences of the operations of a random test, which may be cut anywhere:
 * trial.c runs and shortens them, and does not know what they mean.
 */
#ifndef ASHMEM_TESTS_RANGE_SEQUENCE_H
#define ASHMEM_TESTS_RANGE_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The kinds, and what their arguments are, are those of the test. */
struct operation {
	unsigned int kind;
	unsigned long argument[2];
};

/**
 * struct sequence - operations on an area
 * @base:       the number that the area begins with: of its first page, say
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

#endif /* ASHMEM_TESTS_RANGE_SEQUENCE_H */
