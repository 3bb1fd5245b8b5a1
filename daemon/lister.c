// SPDX-License-Identifier: MIT
/*
 * The table of regions has a power of two of buckets, and gets more of them
 * while it is listed. So the buckets are taken in the order of their numbers
 * read backwards, bit by bit: when the table has twice as many, the two that
 * one bucket has become stand side by side in that order, and none of those
 * that were told of stands behind the cursor.
 */
#include "lister.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "event.h"
#include "pinfile.h"
#include "registry.h"
#include "server.h"

/* In one reply. */
#define MOST_BUCKETS	4096

/* The upper half of a cursor is the bucket, read backwards; the lower half is
 * how many regions of it were told of already. */
#define SKIP_BITS	32

static uint32_t backwards(uint32_t number)
{
	uint32_t result = 0;

	for (int i = 0; i < 32; i++)
		result |= (number >> i & 1) << (31 - i);
	return result;
}

/* The first bucket of those that come after, read backwards; 0 at the end. */
static uint32_t next_bucket(uint32_t place, size_t buckets)
{
	uint64_t step = (UINT64_C(1) << 32) / buckets;

	return (place / step + 1) * step;
}

static uint64_t resident(const struct region *region)
{
	struct stat status;

	if (fstat(region->fd, &status) < 0)
		return 0;
	return (uint64_t)status.st_blocks * 512 / region_page_size();
}

static void describe(const struct region *region, struct listing_region *listed)
{
	const struct attachment *attachment = region->attachments;

	*listed = (struct listing_region){
		.device = region->dev,
		.inode = region->ino,
		.pages = region->pages,
		.resident = resident(region),
		.purged = region->purged,
		.flags = (region->sealed ? LISTING_SEALED : 0) |
			 (region->writable ? 0 : LISTING_READ_ONLY) |
			 (region->awaited ? LISTING_AWAITED : 0),
	};
	for (; attachment; attachment = attachment->next) {
		listed->attached++;
		listed->holding += attachment->hold_map != 0;
	}
	memfd_name_of(region->fd, listed->name);
}

/*
 * Lists what follows the first @skip regions of a bucket. Returns false if that
 * did not fit: then @skip is where to go on. A bucket is only ever divided if
 * it alone is too large for a reply.
 */
static bool list_bucket(const struct client *client,
			const struct region *region, uint32_t *skip,
			struct listing *listing)
{
	const struct registry *registry = client->server->registry;
	uint32_t number = 0, before = listing->count;

	for (; region; region = region->chain, number++) {
		if (number < *skip || !event_is_for(registry, client, region))
			continue;
		if (listing->count == LISTING_REGIONS) {
			listing->count = before ? before : listing->count;
			*skip = before ? *skip : number;
			return false;
		}
		describe(region, &listing->regions[listing->count++]);
	}
	*skip = 0;
	return true;
}

void lister_fill(const struct client *client, uint64_t cursor,
		 struct listing *listing)
{
	const struct registry *registry = client->server->registry;
	uint32_t place = cursor >> SKIP_BITS, skip = cursor;

	for (int i = 0; i < MOST_BUCKETS; i++) {
		size_t bucket = backwards(place) & (registry->bucket_count - 1);

		if (!list_bucket(client, registry->buckets[bucket], &skip,
				 listing))
			break;
		place = next_bucket(place, registry->bucket_count);
		if (!place || listing->count == LISTING_REGIONS)
			break;
	}
	listing->pid = getpid();
	listing->cursor = (uint64_t)place << SKIP_BITS | skip;
	memset(&listing->regions[listing->count], 0,
	       (LISTING_REGIONS - listing->count) *
	       sizeof(listing->regions[0]));
}

int lister_pins(const struct client *client, uint64_t device, uint64_t inode)
{
	const struct registry *registry = client->server->registry;
	const struct region *region = registry_find(registry, device, inode);
	int fd;

	if (!region || !event_is_for(registry, client, region))
		return -ENOENT;
	fd = pinfile_open_read_only(region->pins);
	return fd < 0 ? -errno : fd;
}
