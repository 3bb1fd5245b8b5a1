// SPDX-License-Identifier: MIT
/* Names a region when it is known what it is for. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	char name[ASHMEM_NAME_LEN], brief[6];
	struct ashmem_region *region;

	if (ashmem_region_create(&region, NULL, 4096) < 0)
		err(1, "ashmem_region_create");
	if (ashmem_region_set_name(region, "thumbnails of 2026") < 0)
		err(1, "ashmem_region_set_name");
	if (ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0) ==
	    MAP_FAILED)
		err(1, "ashmem_region_map");

	if (ashmem_region_set_name(region, "something else") < 0)
		warn("it is mapped, and keeps its name");
	if (ashmem_region_get_name(region, name, sizeof(name)) < 0 ||
	    ashmem_region_get_name(region, brief, sizeof(brief)) < 0)
		err(1, "ashmem_region_get_name");
	printf("%s, in brief %s\n", name, brief);
	ashmem_region_close(region);
	return strcmp(name, "thumbnails of 2026") ||
	       strcmp(brief, "thumb");
}
