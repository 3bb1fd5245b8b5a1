// SPDX-License-Identifier: MIT
/*
 * The navigation bar: three buttons, which light up one after the other, as if
 * someone pressed them. What it keeps in a cache is every picture of every
 * button.
 */
#include "client.h"

#include "palette.h"

#include <string.h>

#define BUTTONS		3
#define BUTTON_WIDTH	220
/* Pictures of a button from being touched to being at rest, the first. */
#define PICTURES_EACH	40

struct navigation {
	struct client client;
	struct cache cache;
	int height;
};

/* What a button shows, in strokes around its middle. */
static void draw_back(uint8_t *alpha, int width, int height, float x, float y)
{
	const struct point left = { x - 8, y }, above = { x + 5, y - 8.5f };
	const struct point below = { x + 5, y + 8.5f };

	mask_stroke(alpha, width, height, left, above, 2.4f);
	mask_stroke(alpha, width, height, left, below, 2.4f);
	mask_stroke(alpha, width, height, above, below, 2.4f);
}

static void draw_home(uint8_t *alpha, int width, int height, float x, float y)
{
	const struct point peak = { x, y - 9.5f };
	const struct point left = { x - 10, y - 0.5f };
	const struct point right = { x + 10, y - 0.5f };
	const struct point foot = { x - 7, y + 8.5f };
	const struct point other = { x + 7, y + 8.5f };

	mask_stroke(alpha, width, height, peak, left, 2.4f);
	mask_stroke(alpha, width, height, peak, right, 2.4f);
	mask_stroke(alpha, width, height, (struct point){ x - 7, y - 2 }, foot,
		    2.4f);
	mask_stroke(alpha, width, height, (struct point){ x + 7, y - 2 }, other,
		    2.4f);
	mask_stroke(alpha, width, height, foot, other, 2.4f);
}

static void draw_recent(uint8_t *alpha, int width, int height, float x, float y)
{
	const struct point corners[] = {
		{ x - 7.5f, y - 7.5f }, { x + 7.5f, y - 7.5f },
		{ x + 7.5f, y + 7.5f }, { x - 7.5f, y + 7.5f },
	};

	for (int i = 0; i < 4; i++)
		mask_stroke(alpha, width, height, corners[i],
			    corners[(i + 1) % 4], 2.4f);
}

static void (*const draw_icon[BUTTONS])(uint8_t *alpha, int width, int height,
					float x, float y) = {
	draw_back, draw_home, draw_recent,
};

/* A disc of light that grows, and fades. */
static void draw_ripple(const struct canvas *canvas, float age)
{
	uint8_t alpha[BUTTON_WIDTH * 64];
	const struct mask mask = { alpha, canvas->width, canvas->height };
	const struct point middle = { (float)canvas->width / 2,
				      (float)canvas->height / 2 };
	float grown = 1 - (1 - age) * (1 - age);

	memset(alpha, 0, sizeof(alpha));
	mask_stroke(alpha, canvas->width, canvas->height, middle, middle,
		    24 + grown * 150);
	for (int i = 0; i < canvas->width * canvas->height; i++)
		alpha[i] = (uint8_t)((float)alpha[i] * 0.42f * (1 - age));
	canvas_mask(canvas, 0, 0, &mask, ICONS);
}

static void draw_button(const struct canvas *canvas, int button, int picture)
{
	uint8_t alpha[BUTTON_WIDTH * 64] = { 0 };
	const struct mask mask = { alpha, canvas->width, canvas->height };
	float age = (float)picture / PICTURES_EACH;

	canvas_shade(canvas, BAR_TOP, BAR_BOTTOM);
	canvas_box(canvas, 0, 0, canvas->width, 1, LINE, 255);
	if (picture)
		draw_ripple(canvas, age);
	draw_icon[button](alpha, canvas->width, canvas->height,
			  (float)canvas->width / 2, (float)canvas->height / 2);
	canvas_mask(canvas, 0, 0, &mask, picture ?
		    pixel_blend(BRIGHT, NORMAL, (unsigned int)(age * 255)) :
		    NORMAL);
}

/* Copies a button from the cache into the window. */
static void show(struct navigation *navigation, const struct canvas *canvas,
		 int button, int picture)
{
	size_t slot = (size_t)(button * PICTURES_EACH + picture);
	struct canvas drawn = {
		.width = BUTTON_WIDTH,
		.height = navigation->height,
		.stride = BUTTON_WIDTH,
	};
	int x = canvas->width / 2 + BUTTON_WIDTH * (2 * button - BUTTONS) / 2;
	bool empty;

	drawn.pixels = cache_pin(&navigation->cache, slot, &empty);
	if (!drawn.pixels)
		client_fail(&navigation->client, "cannot pin a button");
	if (empty)
		draw_button(&drawn, button, picture);
	canvas_copy(canvas, x, 0, drawn.pixels, drawn.width, drawn.height);
	if (cache_unpin(&navigation->cache, slot))
		client_fail(&navigation->client, "cannot unpin a button");
}

static void draw(struct navigation *navigation, const struct canvas *canvas)
{
	int shown = (int)(navigation->client.generation %
			  (BUTTONS * PICTURES_EACH));

	canvas_shade(canvas, BAR_TOP, BAR_BOTTOM);
	canvas_box(canvas, 0, 0, canvas->width, 1, LINE, 255);
	for (int button = 0; button < BUTTONS; button++)
		show(navigation, canvas, button,
		     button == shown / PICTURES_EACH ?
		     shown % PICTURES_EACH : 0);
}

void play_navigation(int socket, int width, int height)
{
	struct navigation navigation = { .height = height };

	client_open(&navigation.client, "navigation bar", socket, width,
		    height);
	if (cache_create(&navigation.cache, "buttons",
			 BUTTON_WIDTH * (size_t)height * sizeof(pixel),
			 BUTTONS * PICTURES_EACH))
		client_fail(&navigation.client, "cannot make a cache");
	for (;;) {
		draw(&navigation, client_begin(&navigation.client));
		navigation.client.refilled = navigation.cache.refilled;
		if (client_counts(&navigation.client))
			client_count(&navigation.client, CACHE_ICONS,
				     &navigation.cache, true);
		client_end(&navigation.client);
	}
}
