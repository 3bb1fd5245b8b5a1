// SPDX-License-Identifier: MIT
/*
 * The content: a picture that comes nearer and goes away again, and a panel
 * with what happens to the caches. What it keeps in a cache is the picture in
 * each size, and its letters.
 *
 * The picture is in a region that it is sent: whoever started it has read the
 * file, once, and a content that is started again need not.
 */
#include "content.h"

#include "client.h"
#include "palette.h"
#include "panel.h"
#include "scale.h"

#include <stdio.h>
#include <sys/mman.h>

/* How large the panel is; the picture has what is left. */
#define PANEL_WIDTH	320

/* Sizes of the picture: the largest shows so many parts of it. */
#define SIZES		36
#define NEAREST		0.60f
/* So many frames is one size shown. */
#define FRAMES_EACH	3
/* What the picture comes nearer to: a place in it, in parts of it. */
#define TOWARDS_X	0.62f
#define TOWARDS_Y	0.52f

struct content {
	struct client client;
	struct ashmem_region *region;
	struct canvas picture;
	struct cache cache;
	struct panel panel;
	int width;		/* of the picture in the window */
	int height;
};

static void receive_picture(struct content *content)
{
	const size_t bytes = SOURCE_WIDTH * SOURCE_HEIGHT * sizeof(pixel);
	void *pixels;

	if (ashmem_region_receive(&content->region, content->client.socket))
		client_fail(&content->client, "cannot receive the picture");
	pixels = ashmem_region_map(content->region, bytes, PROT_READ,
				   MAP_SHARED, 0);
	if (pixels == MAP_FAILED)
		client_fail(&content->client, "cannot map the picture");
	content->picture = (struct canvas){
		pixels, SOURCE_WIDTH, SOURCE_HEIGHT, SOURCE_WIDTH,
	};
}

/* The part of the picture that is to be seen in a size, 1 for all of it. */
static float part_of(int size)
{
	float t = (float)size / (SIZES - 1);

	return 1 - (1 - NEAREST) * t * t * (3 - 2 * t);
}

static void fill(const struct content *content, pixel *pixels, int size)
{
	const struct canvas to = { pixels, content->width, content->height,
				   content->width };
	float part = part_of(size);
	float zoom = part * SOURCE_WIDTH / (float)content->width;

	scale(&to, &content->picture,
	      SOURCE_WIDTH * (1 - part) * TOWARDS_X,
	      SOURCE_HEIGHT * (1 - part) * TOWARDS_Y, zoom);
}

/* Forth and back. */
static int size_now(const struct content *content)
{
	int step = (int)(content->client.generation / FRAMES_EACH %
			 (2 * SIZES - 2));

	return step < SIZES ? step : 2 * SIZES - 2 - step;
}

static void draw_caption(struct content *content, const struct canvas *canvas,
			 int size, bool made)
{
	struct glyphs *glyphs = &content->panel.text;
	char text[48];
	int width;

	snprintf(text, sizeof(text), "%.2f x   %s", 1 / part_of(size),
		 made ? "drawn anew" : "from the cache");
	width = (int)glyphs_width(glyphs, text) + 24;
	canvas_box(canvas, 16, canvas->height - 46, width, 30, 0x05070c, 150);
	if (glyphs_draw(glyphs, canvas, 28, canvas->height - 40,
			made ? ICONS : BRIGHT, text))
		client_fail(&content->client, "cannot draw text");
}

static void draw_picture(struct content *content, const struct canvas *canvas)
{
	int size = size_now(content);
	bool empty;
	pixel *pixels = cache_pin(&content->cache, (size_t)size, &empty);

	if (!pixels)
		client_fail(&content->client, "cannot pin a picture");
	if (empty)
		fill(content, pixels, size);
	canvas_copy(canvas, 0, 0, pixels, content->width, content->height);
	if (cache_unpin(&content->cache, (size_t)size))
		client_fail(&content->client, "cannot unpin a picture");
	draw_caption(content, canvas, size, empty);
}

static void draw(struct content *content, const struct canvas *canvas)
{
	const struct canvas left = canvas_part(canvas, 0, 0, content->width,
					       content->height);
	const struct canvas right = canvas_part(canvas, content->width, 0,
						PANEL_WIDTH, canvas->height);

	draw_picture(content, &left);
	if (panel_draw(&content->panel, &right, content->client.history))
		client_fail(&content->client, "cannot draw the panel");
}

static void count(struct content *content)
{
	struct client *client = &content->client;
	struct panel *panel = &content->panel;

	client->refilled = content->cache.refilled +
			   panel->title.cache.refilled +
			   panel->text.cache.refilled +
			   panel->small.cache.refilled;
	if (!client_counts(client))
		return;
	client_count(client, CACHE_PICTURES, &content->cache, true);
	client_count(client, CACHE_GLYPHS, &panel->title.cache, true);
	client_count(client, CACHE_GLYPHS, &panel->text.cache, false);
	client_count(client, CACHE_GLYPHS, &panel->small.cache, false);
}

void play_content(int socket, int width, int height)
{
	struct content content = {
		.width = width - PANEL_WIDTH,
		.height = height,
	};

	client_open(&content.client, "content", socket, width, height);
	receive_picture(&content);
	if (panel_create(&content.panel) ||
	    cache_create(&content.cache, "pictures",
			 (size_t)content.width * (size_t)height * sizeof(pixel),
			 SIZES))
		client_fail(&content.client, "cannot make a cache");
	for (;;) {
		draw(&content, client_begin(&content.client));
		count(&content);
		client_end(&content.client);
	}
}
