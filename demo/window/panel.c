// SPDX-License-Identifier: MIT
#include "panel.h"

#include "chart.h"
#include "palette.h"

#include <stdio.h>

#define MARGIN		20
#define ROW		25
#define CHART_Y		62
#define CHART_HEIGHT	174
/* The latest events, the last one below. */
#define EVENTS		4

/* Where the panel is drawn, and how far down. */
struct sheet {
	struct panel *panel;
	const struct canvas *canvas;
	int y;
};

int panel_create(struct panel *panel)
{
	return glyphs_create(&panel->title, 12) ||
	       glyphs_create(&panel->text, 9.5f) ||
	       glyphs_create(&panel->small, 8) ? -1 : 0;
}

/* A row: text on the left, and on the right. */
static int draw_row(struct sheet *sheet, int indent, pixel colour,
		    const char *left, pixel right_colour, const char *right)
{
	struct glyphs *glyphs = &sheet->panel->text;
	float end = (float)(sheet->canvas->width - MARGIN);

	if (glyphs_draw(glyphs, sheet->canvas, MARGIN + (float)indent, sheet->y,
			colour, left) ||
	    glyphs_draw(glyphs, sheet->canvas, end -
			glyphs_width(glyphs, right), sheet->y, right_colour,
			right))
		return -1;
	sheet->y += ROW;
	return 0;
}

static void draw_line(struct sheet *sheet)
{
	canvas_box(sheet->canvas, MARGIN, sheet->y - 3,
		   sheet->canvas->width - 2 * MARGIN, 1, LINE, 255);
	sheet->y += 5;
}

static int draw_caches(struct sheet *sheet, const struct sample *now)
{
	static const char *const names[CACHE_KINDS] = {
		[CACHE_PICTURES] = "scaled pictures",
		[CACHE_ICONS] = "buttons",
		[CACHE_GLYPHS] = "letters",
	};
	char text[32];

	for (int kind = 0; kind < CACHE_KINDS; kind++) {
		canvas_box(sheet->canvas, MARGIN + 1, sheet->y + 2, 12, 12,
			   chart_colour(kind), 255);
		snprintf(text, sizeof(text), "%.1f MiB", now->kept[kind]);
		if (draw_row(sheet, 24, NORMAL, names[kind], BRIGHT, text))
			return -1;
	}
	draw_line(sheet);
	snprintf(text, sizeof(text), "%.1f MiB", now->purged);
	if (draw_row(sheet, 0, NORMAL, "purged, not needed since",
		     now->purged > 0 ? ALARM : MUTED, text))
		return -1;
	snprintf(text, sizeof(text), "%u", now->refilled);
	if (draw_row(sheet, 0, NORMAL, "purged and made again", BRIGHT, text))
		return -1;
	draw_line(sheet);
	return 0;
}

static int draw_events(struct sheet *sheet, const struct history *history)
{
	uint32_t count = atomic_load(&history->event_count);
	uint32_t first = count > EVENTS ? count - EVENTS : 0;
	char text[16];

	for (uint32_t i = first; i < count; i++) {
		const struct event *event = &history->events[i];
		struct glyphs *glyphs = &sheet->panel->small;

		snprintf(text, sizeof(text), "%.1f s", event->seconds);
		if (glyphs_draw(glyphs, sheet->canvas, MARGIN + 38 -
				glyphs_width(glyphs, text), sheet->y, MUTED,
				text) ||
		    glyphs_draw(glyphs, sheet->canvas, MARGIN + 50, sheet->y,
				i + 1 == count ? BRIGHT : NORMAL, event->text))
			return -1;
		sheet->y += 20;
	}
	return 0;
}

int panel_draw(struct panel *panel, const struct canvas *canvas,
	       const struct history *history)
{
	const struct canvas chart = canvas_part(canvas, MARGIN, CHART_Y,
						canvas->width - 2 * MARGIN,
						CHART_HEIGHT);
	struct sheet sheet = { panel, canvas, CHART_Y + CHART_HEIGHT + 18 };
	struct sample now = history_latest(history);

	canvas_shade(canvas, PANEL_TOP, PANEL_BOTTOM);
	canvas_box(canvas, 0, 0, 1, canvas->height, LINE, 255);
	if (glyphs_draw(&panel->title, canvas, MARGIN, 14, BRIGHT,
			"Unpinned caches, MiB") ||
	    glyphs_draw(&panel->small, canvas, MARGIN, 39, MUTED,
			"purged when memory is short, then made again") ||
	    chart_draw(&chart, &panel->small, history) ||
	    draw_caches(&sheet, &now))
		return -1;
	return draw_events(&sheet, history);
}
