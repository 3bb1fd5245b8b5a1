// SPDX-License-Identifier: MIT
#include "registry.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "event.h"
#include "log.h"
#include "tidy.h"

#define FIRST_BUCKETS		1024

/* Two for each region; the rest is for connections and what there is besides. */
#define DESCRIPTORS_PER_REGION	2
#define OTHER_DESCRIPTORS	64

/* As many descriptors as this process is allowed. */
static size_t raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur <= OTHER_DESCRIPTORS)
		return 0;
	/* A quarter for connections. */
	return (limit.rlim_cur - OTHER_DESCRIPTORS) / 4 * 3 /
	       DESCRIPTORS_PER_REGION;
}

bool registry_start(struct registry *registry, const struct settings *settings,
		    bool machine)
{
	*registry = (struct registry){
		.settings = settings,
		.machine = machine,
		.bucket_count = FIRST_BUCKETS,
		.region_limit = raise_limit(),
		.buckets = calloc(FIRST_BUCKETS, sizeof(struct region *)),
	};
	TAILQ_INIT(&registry->clients);
	TAILQ_INIT(&registry->watchers);
	TAILQ_INIT(&registry->marked);
	pincache_start(&registry->cache);
	return registry->buckets;
}

void registry_end(struct registry *registry)
{
	free(registry->buckets);
	registry->buckets = NULL;
}

/* Numbers of files come one after another. */
static struct region **bucket_of(const struct registry *registry, dev_t dev,
				 ino_t ino)
{
	uint64_t hash = (ino ^ (uint64_t)dev << 40) *
			UINT64_C(0x9e3779b97f4a7c15);

	return &registry->buckets[hash >> 32 & (registry->bucket_count - 1)];
}

struct region *registry_find(const struct registry *registry, dev_t dev,
			     ino_t ino)
{
	struct region *region = *bucket_of(registry, dev, ino);

	while (region && (region->ino != ino || region->dev != dev))
		region = region->chain;
	return region;
}

static void put(struct registry *registry, struct region *region)
{
	struct region **bucket = bucket_of(registry, region->dev, region->ino);

	region->chain = *bucket;
	*bucket = region;
}

/* With more regions than buckets it gets slow, and that is all. */
static void grow(struct registry *registry)
{
	struct region **before = registry->buckets;
	size_t count = registry->bucket_count;
	struct region **buckets = calloc(count * 2, sizeof(*buckets));

	if (!buckets)
		return;
	registry->buckets = buckets;
	registry->bucket_count = count * 2;
	for (size_t i = 0; i < count; i++) {
		for (struct region *next, *region = before[i]; region;
		     region = next) {
			next = region->chain;
			put(registry, region);
		}
	}
	free(before);
}

static void close_region(struct registry *registry, struct region *region)
{
	struct region **link = bucket_of(registry, region->dev, region->ino);

	while (*link != region)
		link = &(*link)->chain;
	*link = region->chain;
	registry->region_count--;
	tidy_last(registry, region);
	pincache_forget(&registry->cache, region);
	log_debug("region %ju: closed", (uintmax_t)region->ino);
	region_close(region);
	free(region);
}

static int open_region(struct registry *registry,
		       const struct region_file *file, int brought,
		       struct region **opened)
{
	struct region *region;
	int error;

	if (registry->region_count >= registry->settings->regions ||
	    registry->region_count >= registry->region_limit)
		return ENFILE;
	region = malloc(sizeof(*region));
	if (!region)
		return ENOMEM;
	error = region_open(region, file, brought);
	if (error) {
		free(region);
		return error;
	}
	if (registry->region_count++ >= registry->bucket_count)
		grow(registry);
	put(registry, region);
	/* Claims that were left behind are ended, their marks are not. */
	if (brought >= 0 || region->noted)
		tidy_add(registry, region);
	log_debug("region %ju: %s, %ju pages", (uintmax_t)region->ino,
		  brought >= 0 ? "taken over" : "opened",
		  (uintmax_t)region->pages);
	*opened = region;
	return 0;
}

int registry_upgrade(struct registry *registry, struct region *region,
		     const struct region_file *file)
{
	int error = region_upgrade(region, file);
	struct attachment *attachment;

	if (error != ESTALE)
		return error;
	/* The last one closes it. */
	log_warning("region %ju: lost to another ashmemd",
		    (uintmax_t)region->ino);
	for (struct attachment *next = region->attachments; next;) {
		attachment = next;
		next = attachment->next;
		client_end_attachment(registry, attachment);
	}
	return EBUSY;
}

int registry_attach(struct registry *registry, struct attachment *attachment,
		    const struct region_file *file, int brought)
{
	struct region *region = registry_find(registry, file->dev, file->ino);
	int error = 0;

	if (!region)
		error = open_region(registry, file, brought, &region);
	else if (brought >= 0 && !region_has_pins(region, brought))
		error = EBUSY;
	else if (file->writable && !region->writable)
		error = registry_upgrade(registry, region, file);
	if (error)
		return error;
	/* Never one that it says it had: who takes an absent holder's number is
	 * taken for that holder, come back. */
	attachment->number = region_new_number(region);
	if (!attachment->number) {
		if (!region->attachments)
			close_region(registry, region);
		return EAGAIN;
	}
	attachment->region = region;
	attachment->next = region->attachments;
	region->attachments = attachment;
	registry->watched += attachment->watch >= 0;
	event_tell(registry, region, LISTING_ATTACH, attachment->client, 0);
	return 0;
}

void registry_purged(struct registry *registry, struct region *region,
		     uint64_t pages)
{
	if (region->noted)
		tidy_add(registry, region);
	if (pages)
		event_tell(registry, region, LISTING_PURGE, NULL, pages);
}

void registry_detach(struct registry *registry, struct attachment *attachment)
{
	struct region *region = attachment->region;
	struct attachment **link = &region->attachments;

	event_tell(registry, region, LISTING_RELEASE, attachment->client, 0);
	while (*link != attachment)
		link = &(*link)->next;
	*link = attachment->next;
	registry->watched -= attachment->watch >= 0;
	/* Should the process live on, then it may still rely on its holds. */
	if (attachment->hold_map)
		region->awaited = true;
	if (!region->attachments)
		close_region(registry, region);
}
