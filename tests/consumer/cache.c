/* SPDX-License-Identifier: MIT */
/* A cache of one page, by handle and by descriptor, and all that it answers. */
#include <cutils/ashmem.h>
#include <ashmem.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static int failed(const char *what)
{
	perror(what);
	return 1;
}

int main(void)
{
	struct ashmem_region *region;
	char *memory;
	int fd, purged;

	if (ashmem_region_create(&region, "consumer", 65536) < 0)
		return failed("ashmem_region_create");
	memory = (char *)ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
					   MAP_SHARED, 0);
	if (memory == MAP_FAILED)
		return failed("ashmem_region_map");
	strcpy(memory, "cached");

	fd = ashmem_region_descriptor(region);
	if (ashmem_unpin_region(fd, 0, 0) < 0)
		return failed("ashmem_unpin_region");
	if (ashmem_purge_all(region) < 0)
		return failed("ashmem_purge_all");
	purged = ashmem_region_pin(region, 0, 0);
	if (purged < 0)
		return failed("ashmem_region_pin");
	printf("%s: '%s'\n", purged == ASHMEM_WAS_PURGED ? "purged" :
	       "not purged", memory);
	ashmem_region_close(region);
	return 0;
}
