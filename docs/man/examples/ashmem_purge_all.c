// SPDX-License-Identifier: MIT
/* Tries how a program takes the loss of what it has unpinned. */
#include <ashmem.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct ashmem_region *region;
	int64_t pages;
	char *cache;
	int purged;

	if (ashmem_region_create(&region, "cache", 10 * page) < 0)
		err(1, "ashmem_region_create");
	cache = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				  MAP_SHARED, 0);
	if (cache == MAP_FAILED)
		err(1, "ashmem_region_map");
	memset(cache, 'x', 10 * page);
	if (ashmem_region_unpin(region, 0, 0) < 0)
		err(1, "ashmem_region_unpin");

	pages = ashmem_purge_all(region);
	if (pages < 0) {
		warn("nothing was purged");
		return 0;
	}
	printf("%" PRId64 " pages were purged\n", pages);
	purged = ashmem_region_pin(region, 0, 0);
	if (purged < 0)
		err(1, "ashmem_region_pin");
	ashmem_region_close(region);
	return purged != ASHMEM_WAS_PURGED || cache[0];
}
