// SPDX-License-Identifier: MIT
/* A picture that is drawn anew if it was purged. */
#include <ashmem.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BYTES	10000

static void draw(struct ashmem_memory_file *picture)
{
	char pixels[BYTES];

	memset(pixels, '#', BYTES);
	if (ashmem_memory_file_write(picture, pixels, BYTES, 0) < 0)
		err(1, "ashmem_memory_file_write");
	puts("drawn");
}

static void show(struct ashmem_memory_file *picture)
{
	char pixels[BYTES];

	while (ashmem_memory_file_read(picture, pixels, BYTES, 0) < 0) {
		if (errno != ENODATA)
			err(1, "ashmem_memory_file_read");
		draw(picture);
	}
	printf("shown: %.8s...\n", pixels);
}

int main(void)
{
	struct ashmem_memory_file *picture;

	if (ashmem_memory_file_open(&picture, "picture", BYTES) < 0)
		err(1, "ashmem_memory_file_open");
	draw(picture);
	if (ashmem_memory_file_allow_purging(picture, true) < 0)
		err(1, "ashmem_memory_file_allow_purging");
	show(picture);
	/* As if memory were short. */
	if (ashmem_purge_all(ashmem_memory_file_region(picture)) < 0)
		err(1, "ashmem_purge_all");
	show(picture);
	ashmem_memory_file_close(picture);
	return 0;
}
