// SPDX-License-Identifier: MIT
/*
 * Each region is known to have nothing older than region.oldest. They stand in
 * a heap by that age; the first one's pin map is looked into, and then it stands
 * there by the age of its oldest cell. So cells go in the exact order of their
 * ages, and pin maps of regions that are younger than what is needed are never
 * looked into.
 */
#include "purge.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "log.h"
#include "moment.h"
#include "punch.h"
#include "registry.h"
#include "run.h"

/* How long to go on, and how long without having found anything. */
#define MOST_NANOSECONDS	8000000
#define FRUITLESS_NANOSECONDS	20000000

/**
 * struct entry - a region in the heap
 * @age: nothing of it is older
 * @run: what its pin map says, once it was looked into
 */
struct entry {
	uint64_t age;
	struct region *region;
	struct run *run;
};

/**
 * struct heap - the oldest entry first
 */
struct heap {
	struct entry *entries;
	size_t count;
};

static void sink(struct heap *heap, size_t i)
{
	struct entry entry = heap->entries[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= heap->count)
			break;
		if (child + 1 < heap->count && heap->entries[child + 1].age <
					       heap->entries[child].age)
			child++;
		if (heap->entries[child].age >= entry.age)
			break;
		heap->entries[i] = heap->entries[child];
		i = child;
	}
	heap->entries[i] = entry;
}

/* The age of the second entry. */
static uint64_t second_age(const struct heap *heap)
{
	uint64_t age = UINT64_MAX;

	for (size_t i = 1; i < 3 && i < heap->count; i++)
		if (heap->entries[i].age < age)
			age = heap->entries[i].age;
	return age;
}

static void remove_first(struct heap *heap)
{
	heap->entries[0] = heap->entries[--heap->count];
	if (heap->count)
		sink(heap, 0);
}

/* Takes over what all processes say in their slots. */
static void take_slots(struct registry *registry)
{
	struct client *client;

	TAILQ_FOREACH(client, &registry->clients, list)
		for (uint32_t i = 0; client->procmap && i < client->slot_end;
		     i++)
			if (client->attachments[i] &&
			    atomic_load_explicit(&client->procmap->slots[i],
						 memory_order_relaxed))
				client_take_slot(client->attachments[i], 0);
}

static void add_regions(struct heap *heap, const struct client *client,
			uint32_t pass)
{
	for (uint32_t i = 0; i < client->slot_end; i++) {
		struct region *region;

		if (!client->attachments[i])
			continue;
		region = client->attachments[i]->region;
		if (region->pass == pass || !region->oldest ||
		    !region->writable || region->sealed)
			continue;
		region->pass = pass;
		heap->entries[heap->count++] = (struct entry){
			.age = region->oldest,
			.region = region,
		};
	}
}

static void fill(struct heap *heap, struct registry *registry,
		 purge_scope_fn *in_scope, void *context)
{
	const struct client *client;

	registry->pass++;
	TAILQ_FOREACH(client, &registry->clients, list)
		if (client->procmap && (!in_scope || in_scope(context, client)))
			add_regions(heap, client, registry->pass);
	for (size_t i = heap->count / 2; i-- > 0;)
		sink(heap, i);
}

/* All pinned by one word? To map a file for that is slow. */
static bool is_all_pinned(const struct region *region)
{
	struct pinmap_header header;
	struct pinmap map = { .header = &header };
	bool unpinned;

	return !region->memory &&
	       pread(region->pins, &header, sizeof(header), 0) ==
	       sizeof(header) &&
	       pinmap_is_uniform(&map, &unpinned) && !unpinned;
}

/* In bytes. */
static uint64_t memory_of(const struct region *region)
{
	struct stat status;

	return fstat(region->fd, &status) ? 0 : status.st_blocks * 512;
}

/* Looks into the pin map of the first entry's region. Whoever unpins from here
 * on says so in a slot, which is taken next time. */
static void look_into(struct heap *heap, struct registry *registry)
{
	struct entry *first = &heap->entries[0];
	struct region *region = first->region;
	const struct attachment *attachment = region->attachments;
	struct pinmap map;

	for (; attachment; attachment = attachment->next)
		client_take_slot(attachment, 0);
	if (is_all_pinned(region)) {
		region->oldest = 0;
		remove_first(heap);
		return;
	}
	if (!region_may_purge(region) ||
	    !pincache_map(&registry->cache, region)) {
		remove_first(heap);
		return;
	}
	map = pinmap_at(region->memory, region->pages);
	first->run = run_new(&map, region->fd,
			     memory_of(region) / region_page_size());
	if (!first->run) {
		remove_first(heap);
		return;
	}
	region->oldest = 0;
	first->age = run_age(first->run);
	sink(heap, 0);
}

/* What stays of the first entry's region, and has to be found again. */
static void note_oldest(const struct entry *entry)
{
	struct region *region = entry->region;
	uint64_t oldest = run_oldest(entry->run);

	if (oldest && (!region->oldest || oldest < region->oldest))
		region->oldest = oldest;
}

/* Purges the oldest cells of the first entry. Returns the bytes freed. */
static uint64_t purge_first(struct heap *heap, struct registry *registry,
			    uint64_t bytes)
{
	struct entry *first = &heap->entries[0];
	struct region *region = first->region;
	uint64_t cell_bytes = (uint64_t)region_page_size() * PINMAP_CELL_PAGES;
	uint64_t until = second_age(heap), before, after, left, pages;
	uint32_t cells[PUNCH_CELLS];
	size_t most = (bytes - 1) / cell_bytes + 1, count;

	if (until < first->age)
		until = first->age;
	if (!pincache_map(&registry->cache, region))
		return 0;
	count = run_take(first->run, until, cells,
			 most < PUNCH_CELLS ? most : PUNCH_CELLS);
	before = memory_of(region);
	pages = punch_cells(region, cells, count,
			    (struct punch_limits){ until, 0, region->pages },
			    &left);
	registry_purged(registry, region, pages);
	registry->for_pressure.pages += pages;
	after = memory_of(region);
	if (left < first->run->left)
		first->run->left = left;
	first->age = run_age(first->run);
	return before > after ? before - after : 0;
}

/* At the end of a run that did not remember all there is looked again. */
static void go_on(struct heap *heap)
{
	struct entry *first = &heap->entries[0];

	if (first->age != UINT64_MAX && !first->region->sealed) {
		sink(heap, 0);
		return;
	}
	note_oldest(first);
	run_free(first->run);
	remove_first(heap);
}

static void empty(struct heap *heap)
{
	for (size_t i = 0; i < heap->count; i++) {
		if (!heap->entries[i].run)
			continue;
		note_oldest(&heap->entries[i]);
		run_free(heap->entries[i].run);
	}
	free(heap->entries);
}

/* Goes on with the first entry. Returns the bytes freed. What a look into a pin
 * map has found is never lost, so nothing is looked at in vain. */
static uint64_t step(struct heap *heap, struct registry *registry,
		     uint64_t bytes)
{
	struct entry *first = &heap->entries[0];
	uint64_t freed = 0;

	if (!first->run) {
		look_into(heap, registry);
		return 0;
	}
	if (first->age != UINT64_MAX)
		freed = purge_first(heap, registry, bytes);
	go_on(heap);
	return freed;
}

uint64_t purge(struct registry *registry, purge_scope_fn *in_scope,
	       void *context, uint64_t bytes)
{
	uint64_t start, freed = 0;
	struct heap heap = {
		.entries = calloc(registry->region_count + 1,
				  sizeof(*heap.entries)),
	};

	if (!heap.entries)
		return 0;
	take_slots(registry);
	fill(&heap, registry, in_scope, context);
	start = moment_now();
	while (heap.count && freed < bytes &&
	       moment_now() - start < (freed ? MOST_NANOSECONDS :
				       FRUITLESS_NANOSECONDS))
		freed += step(&heap, registry, bytes - freed);
	empty(&heap);
	registry->for_pressure.purges++;
	registry->for_pressure.nanoseconds += moment_now() - start;
	return freed;
}
