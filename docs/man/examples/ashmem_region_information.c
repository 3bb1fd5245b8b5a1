// SPDX-License-Identifier: MIT
/* Shows how much memory a cache has, and how much it may lose. */
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
	struct ashmem_information now;
	struct ashmem_region *region;
	char *cache;

	if (ashmem_region_create(&region, "cache", 100 * page) < 0)
		err(1, "ashmem_region_create");
	cache = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				  MAP_SHARED, 0);
	if (cache == MAP_FAILED)
		err(1, "ashmem_region_map");
	memset(cache, 'x', 60 * page);
	if (ashmem_region_unpin(region, 0, 50 * page) < 0)
		err(1, "ashmem_region_unpin");

	if (ashmem_region_information(region, &now, sizeof(now)) < 0)
		err(1, "ashmem_region_information");
	printf("%" PRIu64 " pages, %" PRIu64 " have memory, %" PRIu64
	       " are unpinned, %" PRIu64 " were purged\n", now.pages,
	       now.resident, now.unpinned, now.purged);
	ashmem_region_close(region);
	return now.pages != 100 || now.unpinned != 50;
}
