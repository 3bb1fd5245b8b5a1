// SPDX-License-Identifier: MIT
/* The compositor and what draws, against frames that were looked at. */
#include "suites.h"

#include "chart.h"
#include "compose.h"
#include "palette.h"
#include "panel.h"
#include "picture.h"
#include "scale.h"

#include "../tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH		192
#define HEIGHT		120
#define PANEL_WIDTH	320
#define PANEL_HEIGHT	512
/* Composing is exact. Letters are drawn with numbers that are not. */
#define EXACT		0
#define CLOSE		2

static bool write_golden;
static const char *golden;

static int difference(pixel a, pixel b)
{
	int most = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		int one = abs((int)(a >> shift & 0xff) -
			      (int)(b >> shift & 0xff));

		most = one > most ? one : most;
	}
	return most;
}

static int compare(const struct canvas *a, const struct canvas *b)
{
	int most = 0;

	if (a->width != b->width || a->height != b->height)
		return 256;
	for (int y = 0; y < a->height; y++)
		for (int x = 0; x < a->width; x++) {
			int one = difference(
				a->pixels[(size_t)y * (size_t)a->stride + x],
				b->pixels[(size_t)y * (size_t)b->stride + x]);

			most = one > most ? one : most;
		}
	return most;
}

/* Compares a frame with the golden one of that name, or writes it. */
static void check(const struct canvas *frame, const char *name, int tolerance)
{
	struct canvas expected;
	const char *wrong;
	char path[4096];
	int most;

	snprintf(path, sizeof(path), "%s/%s.png", golden, name);
	if (write_golden) {
		tap_ok(!picture_write(frame, path), "%s is written", path);
		return;
	}
	wrong = picture_read(&expected, path);
	if (!tap_ok(!wrong, "golden frame: %s can be read", name)) {
		tap_note("%s: %s", path, wrong);
		return;
	}
	most = compare(frame, &expected);
	if (!tap_ok(most <= tolerance, "golden frame: %s", name))
		tap_note("differs by up to %d of 255", most);
	picture_free(&expected);
}

bool golden_same(const char *one, const char *other)
{
	struct canvas a, b;

	return !picture_read(&a, one) && !picture_read(&b, other) &&
	       compare(&a, &b) <= CLOSE;
}

/* A window with a pattern in which every pixel is told from its neighbours. */
static pixel *pattern(int width, int height, pixel colour)
{
	pixel *pixels = malloc((size_t)width * (size_t)height * sizeof(pixel));

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			pixels[y * width + x] = pixel_blend(
				colour, (x / 8 + y / 8) % 2 ? 0xffffff : 0,
				(unsigned int)((x * 5 + y * 3) % 160));
	return pixels;
}

/* A frame of three windows, of which the middle one looks like @look. */
static void compose_with(enum look look, pixel *pixels)
{
	const struct canvas screen = { pixels, WIDTH, HEIGHT, WIDTH };
	pixel *above = pattern(WIDTH, 20, 0x2060c0);
	pixel *middle = pattern(WIDTH, 80, 0x30a060);
	/* In front of the middle one, and wider than the screen. */
	pixel *below = pattern(WIDTH, 30, 0xc06020);
	const struct layer layers[] = {
		{ 0, 0, WIDTH, 20, above, LOOK_LIVE },
		{ 0, 20, WIDTH, 80, look == LOOK_EMPTY ? NULL : middle, look },
		{ 30, 90, WIDTH, 30, below, LOOK_LIVE },
	};
	uint64_t copied, expected = (uint64_t)(WIDTH * 20 + (WIDTH - 30) * 30 +
				    (look == LOOK_EMPTY ? 0 : WIDTH * 80)) *
				    sizeof(pixel);

	/* Whatever was there before is no part of the frame. */
	memset(pixels, 0x77, WIDTH * HEIGHT * sizeof(pixel));
	copied = compose(&screen, layers, 3);
	if (!tap_ok(copied == expected, "compose counts what it copies"))
		tap_note("%lu, not %lu", (unsigned long)copied,
			 (unsigned long)expected);
	free(above);
	free(middle);
	free(below);
}

static void test_compose(void)
{
	static const char *const names[] = {
		[LOOK_LIVE] = "live", [LOOK_GREYED] = "greyed",
		[LOOK_EMPTY] = "empty",
	};
	static pixel once[WIDTH * HEIGHT], again[WIDTH * HEIGHT];
	const struct canvas screen = { once, WIDTH, HEIGHT, WIDTH };

	for (int look = LOOK_EMPTY; look <= LOOK_GREYED; look++) {
		compose_with((enum look)look, once);
		check(&screen, names[look], EXACT);
	}
	compose_with(LOOK_GREYED, again);
	tap_ok(!memcmp(once, again, sizeof(once)),
	       "the same windows give the same frame");
}

/* A part of a pattern, and beside it the middle of one that is much larger. */
static void test_scale(void)
{
	static pixel pixels[WIDTH * HEIGHT];
	const struct canvas canvas = { pixels, WIDTH, HEIGHT, WIDTH };
	const struct canvas left = canvas_part(&canvas, 0, 0, WIDTH / 2,
					       HEIGHT);
	const struct canvas right = canvas_part(&canvas, WIDTH / 2, 0,
						WIDTH / 2, HEIGHT);
	pixel *small = pattern(100, 90, 0x30a060);
	pixel *large = pattern(500, 410, 0xc06020);
	struct canvas from = { small, 100, 90, 100 };
	struct canvas cover = { large, 500, 410, 500 };

	scale(&left, &from, 20, 10, 0.7f);
	scale_to_cover(&right, &cover);
	check(&canvas, "scaled", CLOSE);
	free(small);
	free(large);
}

static struct history *known_history(void)
{
	struct history *history = calloc(1, sizeof(*history));

	for (int i = 0; i < 120; i++) {
		float grown = i < 30 ? (float)i / 30 : i < 50 ? 1 : 0.25f;
		struct sample sample = {
			.seconds = (float)i / 10,
			.kept = { 45 * grown, 5.6f * grown, 0.4f },
			.purged = i < 50 ? 0 : 38.2f,
			.refilled = i < 50 ? 0 : (uint32_t)i,
			.rate = 60,
			.pressed = i >= 50 && i < 90,
		};

		history_add_sample(history, &sample);
	}
	history_add_event(history, 4000, "a program takes 90 MiB");
	history_add_event(history, 9000, "0123456789 ABCDEFGHIJKLMNOPQRS");
	history_add_event(history, 9100, "TUVWXYZ abcdefghijklmnopqrstuvw");
	history_add_event(history, 9200, "xyz .,:;!?'\"()[]<>+-*/=_|&%%#");
	return history;
}

static void test_panel(void)
{
	static pixel pixels[PANEL_WIDTH * PANEL_HEIGHT];
	const struct canvas canvas = { pixels, PANEL_WIDTH, PANEL_HEIGHT,
				       PANEL_WIDTH };
	struct history *history = known_history();
	struct panel panel;

	if (!tap_ok(!panel_create(&panel) &&
		    !panel_draw(&panel, &canvas, history),
		    "the panel can be drawn")) {
		tap_note("%s", strerror(errno));
		return;
	}
	check(&canvas, "panel", CLOSE);
	cache_destroy(&panel.title.cache);
	cache_destroy(&panel.text.cache);
	cache_destroy(&panel.small.cache);
	free(history);
}

void test_golden(const char *directory, bool write)
{
	golden = directory;
	write_golden = write;
	test_compose();
	test_scale();
	test_panel();
}
