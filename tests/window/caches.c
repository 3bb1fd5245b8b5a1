// SPDX-License-Identifier: MIT
/* Caches that are purged are filled again, with what was there before. */
#include "suites.h"

#include "cache.h"
#include "client.h"
#include "content.h"
#include "geometry.h"
#include "glyphs.h"
#include "painter.h"

#include "../tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define SLOTS		16
#define SLOT_BYTES	5000	/* not a multiple of a page */

/* What the content shows comes again after so many generations. */
#define PERIOD		210
/* Of its window, without the caption: that says where the picture is from. */
#define SHOWN_WIDTH	640
#define SHOWN_HEIGHT	(CONTENT_HEIGHT - 50)

static void fill(struct cache *cache, size_t slot)
{
	bool empty;
	char *bytes = cache_pin(cache, slot, &empty);

	memset(bytes, (int)slot + 1, cache->slot_bytes);
	cache_unpin(cache, slot);
}

/* Whether a slot has to be filled, and what is in it. */
static bool is_empty(struct cache *cache, size_t slot, char *first)
{
	bool empty = false;
	char *bytes = cache_pin(cache, slot, &empty);

	*first = bytes ? *bytes : '\0';
	return empty;
}

static void test_slots(void)
{
	struct cache_pages before = { 0 }, after = { 0 };
	unsigned int empty = 0, right = 0;
	struct cache cache;
	int64_t purged;
	char first;

	if (!tap_ok(!cache_create(&cache, "test", SLOT_BYTES, SLOTS),
		    "a cache can be made"))
		return;
	for (size_t slot = 0; slot < SLOTS; slot++)
		fill(&cache, slot);
	cache_count(&cache, &before);
	for (size_t slot = 0; slot < SLOTS; slot++)
		right += !is_empty(&cache, slot, &first) &&
			 first == (char)(slot + 1);
	tap_ok(right == SLOTS, "what was filled is there as long as nothing "
	       "is purged");
	/* Every other slot is still pinned. */
	for (size_t slot = 0; slot < SLOTS; slot += 2)
		cache_unpin(&cache, slot);
	purged = ashmem_purge_all(cache.region);
	if (!tap_ok(purged >= SLOTS / 2, "unpinned slots can be purged"))
		tap_note("%ld: %s", (long)purged, strerror(errno));
	cache_count(&cache, &after);
	tap_ok(before.kept == 2 * SLOTS && before.purged == 0 &&
	       after.kept == 0 && after.purged == SLOTS,
	       "its pages are counted");
	for (size_t slot = 0; slot < SLOTS; slot++)
		empty += is_empty(&cache, slot, &first) == (slot % 2 == 0);
	tap_ok(empty == SLOTS, "the purged slots are said to be empty, and no "
	       "others");
	tap_ok(cache.refilled == SLOTS / 2 && cache.filled == SLOTS * 3 / 2,
	       "what is filled again is counted");
	cache_destroy(&cache);
}

static void test_glyphs(void)
{
	static pixel once[300 * 40], again[300 * 40];
	const struct canvas first = { once, 300, 40, 300 };
	const struct canvas second = { again, 300, 40, 300 };
	const char *text = "Sphinx of black quartz, 0-9!";
	struct glyphs glyphs;

	glyphs_create(&glyphs, 12);
	glyphs_draw(&glyphs, &first, 3.3f, 2, 0xffffff, text);
	ashmem_purge_all(glyphs.cache.region);
	tap_ok(glyphs.cache.refilled == 0 &&
	       !glyphs_draw(&glyphs, &second, 3.3f, 2, 0xffffff, text) &&
	       glyphs.cache.refilled > 10,
	       "letters that were purged are rasterised again");
	tap_ok(!memcmp(once, again, sizeof(once)) && once[10 * 300 + 10] +
	       once[12 * 300 + 8] + once[18 * 300 + 8] > 0,
	       "they look as before");
	cache_destroy(&glyphs.cache);
}

/* A picture in which no two places look the same. */
static struct ashmem_region *make_picture(void)
{
	struct ashmem_region *region;
	pixel *pixels;

	if (ashmem_region_create(&region, "picture", SOURCE_WIDTH *
				 SOURCE_HEIGHT * sizeof(pixel)))
		return NULL;
	pixels = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				   MAP_SHARED, 0);
	for (unsigned int i = 0; i < SOURCE_WIDTH * SOURCE_HEIGHT; i++)
		pixels[i] = (i * 2654435761u) >> 8;
	ashmem_region_unmap(region, pixels, SOURCE_WIDTH * SOURCE_HEIGHT *
			    sizeof(pixel));
	return region;
}

/* Of what the content shows of the picture: FNV-1a. */
static uint64_t digest(const struct canvas *screen)
{
	uint64_t hash = 14695981039346656037u;

	for (int y = 0; y < SHOWN_HEIGHT; y++)
		for (int x = 0; x < SHOWN_WIDTH; x++)
			hash = (hash ^ screen->pixels[
				(size_t)y * (size_t)screen->stride +
				(size_t)x]) * 1099511628211u;
	return hash;
}

/* Composes until the next generation of the content, which is on the screen
 * then. False if it is lost. */
static bool next_generation(struct refresh *refresh, uint64_t generation)
{
	struct window *window = &refresh->windows[0];

	while (window->socket >= 0) {
		painter_step(refresh);
		if (window->shown >= 0 &&
		    window->generation[window->shown] == generation)
			return true;
	}
	return false;
}

static void test_content(void)
{
	const struct place places[WINDOWS] = {
		{ "content", 0, 0, SCREEN_WIDTH, CONTENT_HEIGHT },
		{ "none", 0, 0, 1, 1 }, { "none", 0, 0, 1, 1 },
	};
	struct ashmem_region *picture = make_picture();
	uint64_t *digests = calloc(PERIOD, sizeof(*digests));
	struct refresh refresh;
	bool same = true, shown = true;
	pid_t client;

	refresh_open(&refresh, SCREEN_WIDTH, CONTENT_HEIGHT, places);
	refresh.patience = 1000000;
	client = painter_fork(&refresh, 0, play_content);
	message_send_region(refresh.windows[0].socket, picture);
	for (uint64_t i = 1; i <= PERIOD && shown; i++) {
		shown = next_generation(&refresh, i);
		digests[i - 1] = digest(painter_screen(&refresh));
	}
	tap_ok(shown && digests[0] != digests[PERIOD / 2],
	       "the content shows its picture in several sizes");
	tap_ok(refresh.windows[0].refilled == 0, "from its cache");
	/* Other windows would be in front of it. */
	for (uint64_t i = PERIOD + 1; i <= 2 * PERIOD && shown; i++) {
		if (i % 50 == 0)
			ashmem_purge_all(picture);
		shown = next_generation(&refresh, i);
		same &= digests[i - 1 - PERIOD] ==
			digest(painter_screen(&refresh));
	}
	tap_ok(shown && refresh.windows[0].refilled > 36,
	       "when it is purged, it is filled again");
	tap_ok(same, "and every frame looks as before");
	painter_end(client);
	refresh_close(&refresh);
	ashmem_region_close(picture);
	free(digests);
}

void test_caches(void)
{
	test_slots();
	test_glyphs();
	test_content();
}
