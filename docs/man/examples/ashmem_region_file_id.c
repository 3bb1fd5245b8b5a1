// SPDX-License-Identifier: MIT
/* Are two descriptors of the same region? */
#include <ashmem.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>

static struct ashmem_region *region_new(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "page", 4096) < 0)
		err(1, "ashmem_region_create");
	if (ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0) ==
	    MAP_FAILED)
		err(1, "ashmem_region_map");
	return region;
}

/* Regions of the same engine. */
static bool is_same(struct ashmem_region *a, struct ashmem_region *b)
{
	uint64_t first, second;

	if (ashmem_region_file_id(a, &first) < 0 ||
	    ashmem_region_file_id(b, &second) < 0)
		err(1, "ashmem_region_file_id");
	return first == second;
}

int main(void)
{
	struct ashmem_region *one = region_new(), *two = region_new();
	struct ashmem_region *again;

	if (ashmem_region_import(&again,
				 ashmem_region_descriptor(one)) < 0)
		err(1, "ashmem_region_import");
	printf("one and two are %s\n",
	       is_same(one, two) ? "the same" : "different");
	printf("one and again are %s\n",
	       is_same(one, again) ? "the same" : "different");
	return is_same(one, two) || !is_same(one, again);
}
