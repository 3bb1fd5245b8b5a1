// SPDX-License-Identifier: MIT
/* A writer's view of the second page of a region, and a reader's. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct ashmem_region *region;
	const char *reader;
	char *writer;

	if (ashmem_region_create(&region, "views", 2 * page) < 0)
		err(1, "ashmem_region_create");
	writer = ashmem_region_map(region, page, PROT_READ | PROT_WRITE,
				   MAP_SHARED, page);
	if (writer == MAP_FAILED)
		err(1, "ashmem_region_map");
	/* Of length 0: from the offset to the end. */
	reader = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED,
				   page);
	if (reader == MAP_FAILED)
		err(1, "ashmem_region_map");

	strcpy(writer, "both see this");
	if (ashmem_region_unmap(region, writer, page) < 0)
		err(1, "ashmem_region_unmap");
	puts(reader);
	ashmem_region_close(region);
	return strcmp(reader, "both see this") != 0;
}
