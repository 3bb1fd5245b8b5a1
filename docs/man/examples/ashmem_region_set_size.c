// SPDX-License-Identifier: MIT
/* Gives a region its size when it is known how much there is. */
#include <ashmem.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
	struct ashmem_region *region;
	uint64_t size;

	if (ashmem_region_create(&region, "later", 0) < 0)
		err(1, "ashmem_region_create");
	if (ashmem_region_set_size(region, 100000) < 0)
		err(1, "ashmem_region_set_size");
	if (ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0) ==
	    MAP_FAILED)
		err(1, "ashmem_region_map");

	if (ashmem_region_set_size(region, 200000) < 0)
		warn("it is mapped, and keeps its size");
	if (ashmem_region_get_size(region, &size) < 0)
		err(1, "ashmem_region_get_size");
	printf("%" PRIu64 " bytes\n", size);
	ashmem_region_close(region);
	return size != 100000;
}
