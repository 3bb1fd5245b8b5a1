// SPDX-License-Identifier: MIT
/*
 * What the cache is made from: a file, or several copies of a smaller one, one
 * behind the other. Any part of it can be read at any time, so any page of the
 * cache can be made again.
 */
#include "source.h"

#include <errno.h>
#include <unistd.h>

size_t source_total(const struct source *source)
{
	return source->size * source->copies;
}

/**
 * source_read - reads a part of the repeated content
 * @source: the source
 * @buffer: for @length bytes
 * @length: bytes; @offset + @length must be within source_total()
 * @offset: bytes from the start of the first copy
 *
 * Return: 0, or -1 with errno; ENODATA if the file has become shorter.
 */
int source_read(const struct source *source, void *buffer, size_t length,
		size_t offset)
{
	char *to = buffer;

	while (length > 0) {
		size_t at = offset % source->size;
		size_t part = source->size - at;
		ssize_t got;

		if (part > length)
			part = length;
		got = pread(source->fd, to, part, (off_t)at);
		if (got < 0)
			return -1;
		if (got == 0) {
			errno = ENODATA;
			return -1;
		}
		to += got;
		offset += (size_t)got;
		length -= (size_t)got;
	}
	return 0;
}

/**
 * source_digest - the SHA-256 of the whole repeated content
 * @source: the source
 * @digest: where it is put
 *
 * Return: 0, or -1 with errno as from source_read().
 */
int source_digest(const struct source *source,
		  unsigned char digest[SHA256_DIGEST_SIZE])
{
	size_t total = source_total(source);
	char buffer[64 * 1024];
	struct sha256_ctx hash;

	sha256_init(&hash);
	for (size_t at = 0; at < total; at += sizeof(buffer)) {
		size_t part = total - at;

		if (part > sizeof(buffer))
			part = sizeof(buffer);
		if (source_read(source, buffer, part, at))
			return -1;
		sha256_update(&hash, part, (const uint8_t *)buffer);
	}
	sha256_digest(&hash, SHA256_DIGEST_SIZE, digest);
	return 0;
}
