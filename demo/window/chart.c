// SPDX-License-Identifier: MIT
#include "chart.h"

#include "palette.h"

#include <math.h>
#include <stdio.h>

/* What the axes take. */
#define LEFT		26
#define ABOVE		8
#define BELOW		22
#define LINES		3
/* The time axis is at least so long. */
#define SECONDS		18.0f

/* Where things are: a time, and a size. */
struct axes {
	struct canvas field;
	float seconds;
	float mib;
};

pixel chart_colour(enum cache_kind kind)
{
	static const pixel colours[CACHE_KINDS] = {
		[CACHE_PICTURES] = PICTURES,
		[CACHE_ICONS] = ICONS,
		[CACHE_GLYPHS] = GLYPHS,
	};

	return colours[kind];
}

/* The axes go to the next multiple of 15 MiB. */
static struct axes axes_for(const struct canvas *canvas,
			    const struct history *history, uint32_t count)
{
	struct axes axes = {
		.field = canvas_part(canvas, LEFT, ABOVE,
				     canvas->width - LEFT,
				     canvas->height - BELOW - ABOVE),
		.seconds = SECONDS,
		.mib = 15 * LINES,
	};

	for (uint32_t i = 0; i < count; i++) {
		const struct sample *sample = &history->samples[i];
		float sum = 0;

		for (int kind = 0; kind < CACHE_KINDS; kind++)
			sum += sample->kept[kind];
		axes.mib = fmaxf(axes.mib,
				 ceilf(sum * 1.05f / (5 * LINES)) * 5 * LINES);
		axes.seconds = fmaxf(axes.seconds, sample->seconds);
	}
	return axes;
}

static void draw_column(const struct axes *axes, int x,
			const struct sample *sample)
{
	const struct canvas *field = &axes->field;
	float base = 0;

	if (sample->pressed)
		canvas_box(field, x, 0, 1, field->height, ALARM, 46);
	for (int kind = CACHE_KINDS - 1; kind >= 0; kind--) {
		float top = base + sample->kept[kind];
		int lower = (int)lroundf(base / axes->mib *
					 (float)field->height);
		int upper = (int)lroundf(top / axes->mib *
					 (float)field->height);

		canvas_box(field, x, field->height - upper, 1, upper - lower,
			   chart_colour(kind), 225);
		base = top;
	}
}

/* Each column shows the last sample of its time. */
static void draw_columns(const struct axes *axes, const struct history *history,
			 uint32_t count)
{
	const float width = (float)axes->field.width;
	uint32_t next = 0;

	for (int x = 0; x < axes->field.width && next < count; x++) {
		float until = (float)(x + 1) / width * axes->seconds;

		while (next < count && history->samples[next].seconds < until)
			next++;
		if (next > 0)
			draw_column(axes, x, &history->samples[next - 1]);
	}
}

static int draw_sizes(const struct axes *axes, const struct canvas *canvas,
		      struct glyphs *glyphs)
{
	const struct canvas *field = &axes->field;
	char text[16];

	for (int i = 0; i <= LINES; i++) {
		int y = field->height * (LINES - i) / LINES;

		canvas_box(field, 0, y < field->height ? y : y - 1,
			   field->width, 1, MUTED, i ? 50 : 140);
		snprintf(text, sizeof(text), "%.0f",
			 axes->mib * (float)i / LINES);
		if (glyphs_draw(glyphs, canvas, LEFT - 5 -
				glyphs_width(glyphs, text),
				y + 1 + ABOVE - glyphs->height / 2, MUTED,
				text))
			return -1;
	}
	return 0;
}

static int draw_times(const struct axes *axes, const struct canvas *canvas,
		      struct glyphs *glyphs)
{
	char text[16];

	for (int at = 0; (float)at <= axes->seconds; at += 5) {
		float x = LEFT + (float)at / axes->seconds *
			  (float)axes->field.width;
		float width, end = (float)canvas->width;

		snprintf(text, sizeof(text), at ? "%d" : "%d s", at);
		width = glyphs_width(glyphs, text);
		if (at)
			x -= width / 2;
		if (x > end - width)
			x = end - width;
		if (glyphs_draw(glyphs, canvas, x,
				canvas->height - glyphs->height, MUTED, text))
			return -1;
	}
	return 0;
}

int chart_draw(const struct canvas *canvas, struct glyphs *glyphs,
	       const struct history *history)
{
	uint32_t count = atomic_load(&history->sample_count);
	struct axes axes = axes_for(canvas, history, count);

	draw_columns(&axes, history, count);
	return draw_sizes(&axes, canvas, glyphs) ||
	       draw_times(&axes, canvas, glyphs) ? -1 : 0;
}
