/* SPDX-License-Identifier: MIT */
#ifndef DEMO_SOURCE_H
#define DEMO_SOURCE_H

#include <nettle/sha2.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct source - what the cache is made from: a file, repeated if it is small
 * @fd:     the file
 * @size:   of the file, in bytes
 * @copies: how often its content is repeated
 */
struct source {
	int fd;
	size_t size;
	unsigned long copies;
};

size_t source_total(const struct source *source);
int source_read(const struct source *source, void *buffer, size_t length,
		size_t offset);
int source_digest(const struct source *source,
		  unsigned char digest[SHA256_DIGEST_SIZE]);

#endif /* DEMO_SOURCE_H */
