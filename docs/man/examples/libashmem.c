// SPDX-License-Identifier: MIT
/* A page that is unpinned, and made anew if it was purged. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	struct ashmem_region *region;
	char *page;
	int purged;

	if (ashmem_region_create(&region, "page", 4096) < 0)
		err(1, "ashmem_region_create");
	page = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				 MAP_SHARED, 0);
	if (page == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(page, "content");

	/* Not needed for now: it may be purged. */
	if (ashmem_region_unpin(region, 0, 0) < 0)
		err(1, "ashmem_region_unpin");

	/* Needed again. */
	purged = ashmem_region_pin(region, 0, 0);
	if (purged < 0)
		err(1, "ashmem_region_pin");
	if (purged == ASHMEM_WAS_PURGED)
		strcpy(page, "content");
	puts(page);
	ashmem_region_close(region);
	return 0;
}
