// SPDX-License-Identifier: MIT
/*
 * The status bar: the time, and how the screen and the caches are. What it
 * keeps in a cache is its letters.
 */
#include "client.h"

#include "glyphs.h"
#include "palette.h"

#include <stdio.h>
#include <time.h>

#define SIZE		9.5f	/* of capitals */
#define MARGIN		20

struct status {
	struct client client;
	struct glyphs glyphs;
};

static void draw_text(struct status *status, const struct canvas *canvas,
		      float x, pixel colour, const char *text)
{
	int y = (canvas->height - status->glyphs.height) / 2;

	if (glyphs_draw(&status->glyphs, canvas, x, y, colour, text))
		client_fail(&status->client, "cannot draw text");
}

/* A round lamp; returns where what is left of it ends. */
static float draw_lamp(const struct canvas *canvas, float right, pixel colour)
{
	enum { SIDE = 12 };
	uint8_t alpha[SIDE * SIDE] = { 0 };
	const struct mask mask = { alpha, SIDE, SIDE };
	const struct point middle = { SIDE / 2.0f, SIDE / 2.0f };

	mask_stroke(alpha, SIDE, SIDE, middle, middle, SIDE - 2);
	canvas_mask(canvas, (int)right - SIDE, (canvas->height - SIDE) / 2,
		    &mask, colour);
	return right - SIDE - 8;
}

/* Draws text that ends at @right; returns where what is left of it ends. */
static float draw_right(struct status *status, const struct canvas *canvas,
			float right, pixel colour, const char *text)
{
	float x = right - glyphs_width(&status->glyphs, text);

	draw_text(status, canvas, x, colour, text);
	return x - 8;
}

static void draw(struct status *status, const struct canvas *canvas)
{
	const char *title = "The window refresh";
	struct sample now = history_latest(status->client.history);
	float right = (float)canvas->width - MARGIN;
	time_t seconds = time(NULL);
	char text[64];
	struct tm tm;

	canvas_shade(canvas, BAR_TOP, BAR_BOTTOM);
	canvas_box(canvas, 0, canvas->height - 1, canvas->width, 1, LINE, 255);
	strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&seconds, &tm));
	draw_text(status, canvas, MARGIN, BRIGHT, text);
	draw_text(status, canvas, ((float)canvas->width -
		  glyphs_width(&status->glyphs, title)) / 2, NORMAL, title);
	right = draw_right(status, canvas, right, now.pressed ? ALARM : NORMAL,
			   now.pressed ? "memory is short" : "memory is free");
	right = draw_lamp(canvas, right, now.pressed ? ALARM : CALM) - 14;
	snprintf(text, sizeof(text), "%.0f frames/s", now.rate);
	draw_right(status, canvas, right, NORMAL, text);
}

void play_status(int socket, int width, int height)
{
	struct status status;

	client_open(&status.client, "status bar", socket, width, height);
	if (glyphs_create(&status.glyphs, SIZE))
		client_fail(&status.client, "cannot make a cache");
	for (;;) {
		draw(&status, client_begin(&status.client));
		status.client.refilled = status.glyphs.cache.refilled;
		if (client_counts(&status.client))
			client_count(&status.client, CACHE_GLYPHS,
				     &status.glyphs.cache, true);
		client_end(&status.client);
	}
}
