// SPDX-License-Identifier: MIT
/* Purges what this user has unpinned, as if memory were tight. */
#include <ashmem.h>
#include <err.h>

int main(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "purge", 1) < 0)
		err(1, "ashmem_region_create");
	if (ashmem_purge_all(region) < 0)
		err(1, "ashmem_purge_all");
	ashmem_region_close(region);
	return 0;
}
