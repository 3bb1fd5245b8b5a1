// SPDX-License-Identifier: MIT
/* Shows which pages of a region may be purged. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES	8

int main(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct ashmem_region *region;
	char line[PAGES + 1] = "";

	if (ashmem_region_create(&region, "eight", PAGES * page) < 0)
		err(1, "ashmem_region_create");
	if (ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0) ==
	    MAP_FAILED)
		err(1, "ashmem_region_map");
	if (ashmem_region_unpin(region, 2 * page, 3 * page) < 0)
		err(1, "ashmem_region_unpin");

	for (size_t i = 0; i < PAGES; i++) {
		int status = ashmem_region_pin_status(region, i * page,
						      page);

		if (status < 0)
			err(1, "ashmem_region_pin_status");
		line[i] = status == ASHMEM_IS_PINNED ? 'P' : '-';
	}
	puts(line);
	ashmem_region_close(region);
	return strcmp(line, "PP---PPP") != 0;
}
