// SPDX-License-Identifier: MIT
/* A cache of squares. Each page of it can be computed anew. */
#include <ashmem.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES	16

static struct ashmem_region *region;
static uint64_t *squares;
static size_t page_size, per_page;
static unsigned int filled;

static void fill(size_t page)
{
	for (size_t i = page * per_page; i < (page + 1) * per_page; i++)
		squares[i] = i * i;
	filled++;
}

static void unpin(size_t page)
{
	if (ashmem_region_unpin(region, page * page_size, page_size) < 0)
		err(1, "ashmem_region_unpin");
}

static uint64_t square(size_t i)
{
	size_t page = i / per_page;
	uint64_t result;

	switch (ashmem_region_pin(region, page * page_size, page_size)) {
	case ASHMEM_NOT_PURGED:
		break;
	case ASHMEM_WAS_PURGED:
		fill(page);
		break;
	default:
		err(1, "ashmem_region_pin");
	}
	result = squares[i];
	unpin(page);
	return result;
}

int main(void)
{
	page_size = sysconf(_SC_PAGESIZE);
	per_page = page_size / sizeof(*squares);
	if (ashmem_region_create(&region, "squares",
				 PAGES * page_size) < 0)
		err(1, "ashmem_region_create");
	squares = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				    MAP_SHARED, 0);
	if (squares == MAP_FAILED)
		err(1, "ashmem_region_map");
	for (size_t page = 0; page < PAGES; page++) {
		fill(page);
		unpin(page);
	}

	/* Memory gets tight, as far as this user is concerned. */
	if (ashmem_purge_all(region) < 0)
		warn("nothing is purged");

	for (size_t i = 0; i < PAGES * per_page; i += per_page / 2)
		if (square(i) != i * i)
			errx(1, "%zu squared is wrong", i);
	printf("right, and %u pages were made anew\n", filled - PAGES);
	ashmem_region_close(region);
	return 0;
}
