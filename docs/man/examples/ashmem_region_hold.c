// SPDX-License-Identifier: MIT
/*
 * Two users of one cache: its owner, who unpins it, and a reader, who
 * keeps what it reads, and has a descriptor that cannot write.
 */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* Returns 0 if what was read is the cache's content. */
static int read_cache(int fd)
{
	struct ashmem_region *region;
	const char *cache;
	int purged, differs = 0;

	if (ashmem_region_import(&region, fd) < 0)
		err(1, "ashmem_region_import");
	cache = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (cache == MAP_FAILED)
		err(1, "ashmem_region_map");

	purged = ashmem_region_hold(region, 0, 0);
	if (purged < 0)
		err(1, "ashmem_region_hold");
	if (purged == ASHMEM_WAS_PURGED) {
		puts("purged: ask the owner to make it anew");
	} else {
		/* While it is held, nobody can have it purged. */
		ashmem_purge_all(region);
		printf("held: %s\n", cache);
		differs = strcmp(cache, "the content");
	}
	if (ashmem_region_release(region, 0, 0) < 0)
		err(1, "ashmem_region_release");
	ashmem_region_close(region);
	return differs;
}

int main(void)
{
	struct ashmem_region *owned;
	char *cache;
	int fd;

	if (ashmem_region_create(&owned, "cache", 4096) < 0)
		err(1, "ashmem_region_create");
	if (ashmem_region_engine(owned) != ASHMEM_ENGINE_PORTABLE)
		errx(0, "the device has no holds");
	cache = ashmem_region_map(owned, 0, PROT_READ | PROT_WRITE,
				  MAP_SHARED, 0);
	if (cache == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(cache, "the content");
	if (ashmem_region_unpin(owned, 0, 0) < 0)
		err(1, "ashmem_region_unpin");

	/* It would be sent to another process. */
	fd = ashmem_region_duplicate(owned, ASHMEM_ACCESS_READ_ONLY);
	if (fd < 0)
		err(1, "ashmem_region_duplicate");
	return read_cache(fd) != 0;
}
