// SPDX-License-Identifier: MIT
/* Publishes data that its readers cannot change. */
#include <ashmem.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	struct ashmem_region *region;
	const char *reader;
	char *writer;

	if (ashmem_region_create(&region, "published", 4096) < 0)
		err(1, "ashmem_region_create");
	/* Made before, so it stays writable. */
	writer = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				   MAP_SHARED, 0);
	if (writer == MAP_FAILED)
		err(1, "ashmem_region_map");
	if (ashmem_region_set_protection(region, PROT_READ) < 0)
		err(1, "ashmem_region_set_protection");

	/* From here on its descriptor can be sent to anybody. */
	if (ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
			      MAP_SHARED, 0) != MAP_FAILED)
		errx(1, "it could be mapped for writing");
	if (errno != EPERM)
		err(1, "ashmem_region_map");
	if (ashmem_region_get_protection(region) != PROT_READ)
		errx(1, "its protections are others");
	reader = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (reader == MAP_FAILED)
		err(1, "ashmem_region_map");

	strcpy(writer, "first issue");
	puts(reader);
	ashmem_region_close(region);
	return 0;
}
