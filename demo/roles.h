/* SPDX-License-Identifier: MIT */
#ifndef DEMO_ROLES_H
#define DEMO_ROLES_H

#include "source.h"

#include <stddef.h>

/**
 * struct props - what the actors play with
 * @source:         what the cache is made from
 * @to_reader:      the publisher's socket to the reader
 * @from_publisher: the other end of it
 * @hunger:         bytes that the hungry program wants
 */
struct props {
	struct source source;
	int to_reader;
	int from_publisher;
	size_t hunger;
};

/* The cues of each are listed where it is defined. */
void play_publisher(int stage, const void *props);
void play_reader(int stage, const void *props);
void play_hungry(int stage, const void *props);

#endif /* DEMO_ROLES_H */
