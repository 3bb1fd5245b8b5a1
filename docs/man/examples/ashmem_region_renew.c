// SPDX-License-Identifier: MIT
/* A cache that whoever finds it purged makes anew, for all. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static struct ashmem_region *region;
static char *cache;

static void use(const char *who)
{
	int purged = ashmem_region_hold(region, 0, 0);

	if (purged < 0)
		err(1, "ashmem_region_hold");
	if (purged == ASHMEM_WAS_PURGED) {
		strcpy(cache, "the content");
		if (ashmem_region_renew(region, 0, 0) < 0)
			err(1, "ashmem_region_renew");
		printf("%s made it anew\n", who);
	}
	if (strcmp(cache, "the content"))
		errx(1, "%s found '%s'", who, cache);
	printf("%s used it\n", who);
	if (ashmem_region_release(region, 0, 0) < 0)
		err(1, "ashmem_region_release");
}

int main(void)
{
	if (ashmem_region_create(&region, "cache", 4096) < 0)
		err(1, "ashmem_region_create");
	if (ashmem_region_engine(region) != ASHMEM_ENGINE_PORTABLE)
		errx(0, "the device has no holds");
	cache = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				  MAP_SHARED, 0);
	if (cache == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(cache, "the content");
	if (ashmem_region_unpin(region, 0, 0) < 0)
		err(1, "ashmem_region_unpin");
	if (ashmem_purge_all(region) < 0)
		warn("nothing is purged");

	use("the first");
	use("the second");
	ashmem_region_close(region);
	return 0;
}
