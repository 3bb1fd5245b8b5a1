// SPDX-License-Identifier: MIT
/*
 * The reader is sent the cache, and nothing else: the size it asks the area for,
 * and the content it knows only by its SHA-256.
 *
 * Its cues: receive and read, read again.
 */
#include "roles.h"

#include "actor.h"

#include <ashmem.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static const char *map(int stage, struct ashmem_region *region)
{
	void *area = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				       MAP_SHARED, 0);

	if (area != MAP_FAILED)
		actor_fail(stage, "it can map for writing what it was given "
			   "for reading");
	if (errno != EPERM && errno != EACCES)
		actor_fail(stage, "map for writing: %s", strerror(errno));
	area = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (area == MAP_FAILED)
		actor_fail(stage, "map: %s", strerror(errno));
	return area;
}

/* Reads it all, and tells what it has read. */
static void read_area(int stage, const char *area, size_t size)
{
	double start = milliseconds();
	struct report report = { 0 };
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, size, (const uint8_t *)area);
	sha256_digest(&hash, sizeof(report.digest), report.digest);
	report.ms = milliseconds() - start;
	actor_show_maps(stage, area, &report);
	actor_tell(stage, &report);
}

void play_reader(int stage, const void *with)
{
	const struct props *props = with;
	struct ashmem_region *region;
	const char *area;
	uint64_t size;

	actor_wait(stage);
	if (ashmem_region_receive(&region, props->from_publisher) ||
	    ashmem_region_get_size(region, &size))
		actor_fail(stage, "receive: %s", strerror(errno));
	area = map(stage, region);
	read_area(stage, area, (size_t)size);

	actor_wait(stage);
	read_area(stage, area, (size_t)size);

	actor_wait(stage);
}
