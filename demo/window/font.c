// SPDX-License-Identifier: MIT
/*
 * A font of our own, so that no other has to be installed. A letter is a few
 * strokes of one thickness with round ends: capitals are 14 units high, small
 * letters 10, and y goes up from the base line.
 *
 *	L x y x y ...		a line through these points
 *	O x y rx ry from to	a part of an ellipse around x y, from one angle
 *				to another: in degrees, counted from the east
 *				towards the north
 */
#include "font.h"

#include "canvas.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define THICKNESS	1.75f
/* On either side of a letter. */
#define BEARING		1.75f
/* One piece of an ellipse. */
#define STEP_DEGREES	12.0f

struct letter {
	float width;
	const char *strokes;
};

static const struct letter letters[FONT_LETTERS] = {
	[' ' - ' '] = { 2, "" },
	['!' - ' '] = { 0, "L 0 14 0 4.5 L 0 0.4 0 0.4" },
	['"' - ' '] = { 3, "L 0 14 0 10.5 L 3 14 3 10.5" },
	['#' - ' '] = { 9, "L 2 0 4 14 L 6 0 8 14 L 0.5 9.5 9.5 9.5 "
			   "L 0 4.5 9 4.5" },
	['%' - ' '] = { 12, "O 2.6 10.8 2.6 3.2 0 360 O 9.4 3.2 2.6 3.2 0 360 "
			    "L 10 14 2 0" },
	['&' - ' '] = { 9, "L 9 0 2 9.5 O 4 11 2.4 3 220 -40 "
			   "L 5.9 9 1.6 6.6 O 3.6 3.6 3.6 3.6 130 300 "
			   "L 5.4 0.5 8.6 5.5" },
	['\'' - ' '] = { 0, "L 0 14 0 10.5" },
	['(' - ' '] = { 3, "O 6 6 6 10 130 230" },
	[')' - ' '] = { 3, "O -3 6 6 10 50 -50" },
	['*' - ' '] = { 6, "L 3 13 3 7 L 0.4 11.5 5.6 8.5 L 0.4 8.5 5.6 11.5" },
	['+' - ' '] = { 8, "L 4 2.5 4 10.5 L 0 6.5 8 6.5" },
	[',' - ' '] = { 0.6f, "L 0.6 0.4 0 -2.4" },
	['-' - ' '] = { 5, "L 0 5.6 5 5.6" },
	['.' - ' '] = { 1, "L 0.5 0.4 0.5 0.4" },
	['/' - ' '] = { 6, "L 0 -1.5 6 15" },
	['0' - ' '] = { 8, "O 4 9.6 4 4.4 0 180 L 0 9.6 0 4.4 "
			   "O 4 4.4 4 4.4 180 360 L 8 4.4 8 9.6" },
	['1' - ' '] = { 8, "L 1.4 11 5 14 5 0" },
	['2' - ' '] = { 8, "O 4 10 4 4 165 -35 L 7.28 7.7 0 0 8 0" },
	['3' - ' '] = { 8, "O 3.9 10.5 3.5 3.5 150 -90 "
			   "O 3.9 3.6 4.1 3.6 95 -150" },
	['4' - ' '] = { 8, "L 6.2 0 6.2 14 0 4 8.4 4" },
	['5' - ' '] = { 8, "L 7.4 14 1.4 14 0.9 7.4 O 4 4.5 4 4.5 140 -150" },
	['6' - ' '] = { 8, "O 4 4.4 4 4.4 0 360 L 0 4.4 0 9.4 "
			   "O 4 9.4 4 4.6 180 35" },
	['7' - ' '] = { 8, "L 0 14 8 14 3 0" },
	['8' - ' '] = { 8, "O 4 10.6 3.4 3.4 0 360 O 4 3.6 4 3.6 0 360" },
	['9' - ' '] = { 8, "O 4 9.6 4 4.4 0 360 L 8 9.6 8 4.6 "
			   "O 4 4.6 4 4.6 0 -145" },
	[':' - ' '] = { 0, "L 0 0.8 0 0.8 L 0 8.6 0 8.6" },
	[';' - ' '] = { 0.6f, "L 0.6 0.4 0 -2.4 L 0.6 8.6 0.6 8.6" },
	['<' - ' '] = { 7, "L 7 11 0 6.5 7 2" },
	['=' - ' '] = { 8, "L 0 8.4 8 8.4 L 0 4.4 8 4.4" },
	['>' - ' '] = { 7, "L 0 11 7 6.5 0 2" },
	['?' - ' '] = { 7, "O 3.5 10.4 3.5 3.6 165 -60 L 5.2 7.2 3.5 4.6 "
			   "L 3.5 0.4 3.5 0.4" },
	['A' - ' '] = { 10, "L 0 0 5 14 10 0 L 1.8 5 8.2 5" },
	['B' - ' '] = { 8.8f, "L 5 0 0 0 0 14 5 14 O 5 10.6 3.4 3.4 90 -90 "
			      "L 0 7.2 5 7.2 O 5 3.6 3.8 3.6 90 -90" },
	['C' - ' '] = { 9.4f, "O 5.6 7 5.6 7 48 312" },
	['D' - ' '] = { 9.8f, "L 4 0 0 0 0 14 4 14 O 4 7 5.8 7 90 -90" },
	['E' - ' '] = { 7.6f, "L 7.6 14 0 14 0 0 7.6 0 L 0 7.2 6.6 7.2" },
	['F' - ' '] = { 7.4f, "L 7.4 14 0 14 0 0 L 0 7 6.4 7" },
	['G' - ' '] = { 10.4f, "O 5.6 7 5.6 7 48 318 L 6.4 6.6 10.2 6.6 "
			       "10.2 2" },
	['H' - ' '] = { 9.2f, "L 0 0 0 14 L 9.2 0 9.2 14 L 0 7.2 9.2 7.2" },
	['I' - ' '] = { 0, "L 0 0 0 14" },
	['J' - ' '] = { 6, "L 6 14 6 4 O 3 4 3 4 0 -160" },
	['K' - ' '] = { 8.6f, "L 0 0 0 14 L 8.2 14 0 5.2 L 3 8.4 8.6 0" },
	['L' - ' '] = { 7.2f, "L 0 14 0 0 7.2 0" },
	['M' - ' '] = { 11.4f, "L 0 0 0 14 5.7 4.4 11.4 14 11.4 0" },
	['N' - ' '] = { 9.4f, "L 0 0 0 14 9.4 0 9.4 14" },
	['O' - ' '] = { 11.6f, "O 5.8 7 5.8 7 0 360" },
	['P' - ' '] = { 8.6f, "L 0 0 0 14 5 14 O 5 10.3 3.7 3.7 90 -90 "
			      "L 5 6.6 0 6.6" },
	['Q' - ' '] = { 11.6f, "O 5.8 7 5.8 7 0 360 L 7.4 3.6 11.2 -0.6" },
	['R' - ' '] = { 8.8f, "L 0 0 0 14 5 14 O 5 10.3 3.7 3.7 90 -90 "
			      "L 5 6.6 0 6.6 L 4.6 6.6 8.8 0" },
	['S' - ' '] = { 8.6f, "O 4.3 10.4 3.9 3.6 40 265 "
			      "O 4.3 3.4 4.3 3.4 90 -145" },
	['T' - ' '] = { 9, "L 0 14 9 14 L 4.5 14 4.5 0" },
	['U' - ' '] = { 9.2f, "L 0 14 0 4.6 O 4.6 4.6 4.6 4.6 180 360 "
			      "L 9.2 4.6 9.2 14" },
	['V' - ' '] = { 10, "L 0 14 5 0 10 14" },
	['W' - ' '] = { 14, "L 0 14 3.6 0 7 11 10.4 0 14 14" },
	['X' - ' '] = { 9, "L 0 0 9 14 L 0 14 9 0" },
	['Y' - ' '] = { 9.6f, "L 0 14 4.8 6.6 9.6 14 L 4.8 6.6 4.8 0" },
	['Z' - ' '] = { 8.6f, "L 0 14 8.6 14 0 0 8.6 0" },
	['[' - ' '] = { 3, "L 3 15 0 15 0 -3 3 -3" },
	['\\' - ' '] = { 6, "L 0 15 6 -1.5" },
	[']' - ' '] = { 3, "L 0 15 3 15 3 -3 0 -3" },
	['_' - ' '] = { 8, "L 0 -2 8 -2" },
	['a' - ' '] = { 8.4f, "O 4.2 5 4.2 5 0 360 L 8.4 10 8.4 0" },
	['b' - ' '] = { 8.4f, "L 0 14.6 0 0 O 4.2 5 4.2 5 0 360" },
	['c' - ' '] = { 7.2f, "O 4.3 5 4.3 5 48 312" },
	['d' - ' '] = { 8.4f, "O 4.2 5 4.2 5 0 360 L 8.4 14.6 8.4 0" },
	['e' - ' '] = { 8.4f, "L 0.2 5.2 8.3 5.2 O 4.2 5 4.2 5 3 316" },
	['f' - ' '] = { 4.6f, "L 1.8 0 1.8 11.2 O 4.8 11.2 3 3.4 180 85 "
			      "L 0 9.6 4.6 9.6" },
	['g' - ' '] = { 8.4f, "O 4.2 5 4.2 5 0 360 L 8.4 10 8.4 -0.4 "
			      "O 4.3 -0.4 4.1 3.8 0 -145" },
	['h' - ' '] = { 7.8f, "L 0 14.6 0 0 O 3.9 6 3.9 4 180 0 "
			      "L 7.8 6 7.8 0" },
	['i' - ' '] = { 0, "L 0 10 0 0 L 0 13.8 0 13.8" },
	['j' - ' '] = { 1.6f, "L 1.6 10 1.6 -1.6 O -0.6 -1.6 2.2 2.6 0 -90 "
			      "L 1.6 13.8 1.6 13.8" },
	['k' - ' '] = { 7.2f, "L 0 14.6 0 0 L 6.8 10 0 3.8 L 2.6 6.2 7.2 0" },
	['l' - ' '] = { 0, "L 0 14.6 0 0" },
	['m' - ' '] = { 12.8f, "L 0 10 0 0 O 3.2 6.6 3.2 3.4 180 0 "
			       "L 6.4 6.6 6.4 0 O 9.6 6.6 3.2 3.4 180 0 "
			       "L 12.8 6.6 12.8 0" },
	['n' - ' '] = { 7.8f, "L 0 10 0 0 O 3.9 6 3.9 4 180 0 L 7.8 6 7.8 0" },
	['o' - ' '] = { 8.8f, "O 4.4 5 4.4 5 0 360" },
	['p' - ' '] = { 8.4f, "L 0 10 0 -4.4 O 4.2 5 4.2 5 0 360" },
	['q' - ' '] = { 8.4f, "L 8.4 10 8.4 -4.4 O 4.2 5 4.2 5 0 360" },
	['r' - ' '] = { 4.6f, "L 0 10 0 0 O 4 5.6 4 4.4 180 75" },
	['s' - ' '] = { 6.8f, "O 3.4 7.5 3 2.5 35 265 "
			      "O 3.4 2.5 3.4 2.5 90 -150" },
	['t' - ' '] = { 4.8f, "L 1.8 13 1.8 2.8 O 4.4 2.8 2.6 2.8 180 280 "
			      "L 0 9.7 4.6 9.7" },
	['u' - ' '] = { 7.8f, "L 0 10 0 4 O 3.9 4 3.9 4 180 360 "
			      "L 7.8 10 7.8 0" },
	['v' - ' '] = { 7.8f, "L 0 10 3.9 0 7.8 10" },
	['w' - ' '] = { 11.6f, "L 0 10 2.9 0 5.8 8.6 8.7 0 11.6 10" },
	['x' - ' '] = { 7.2f, "L 0 0 7.2 10 L 0 10 7.2 0" },
	['y' - ' '] = { 7.8f, "L 0 10 4 0.2 L 7.8 10 2.2 -4.4" },
	['z' - ' '] = { 7, "L 0 10 7 10 0 0 7 0" },
	['|' - ' '] = { 0, "L 0 15 0 -3" },
};

static const struct letter *find(char letter)
{
	if (letter < FONT_FIRST || letter > FONT_LAST ||
	    !letters[letter - FONT_FIRST].strokes)
		letter = ' ';
	return &letters[letter - FONT_FIRST];
}

float font_advance(char letter)
{
	return find(letter)->width + 2 * BEARING;
}

/* Where a letter goes. */
struct sheet {
	uint8_t *alpha;
	int width;
	int height;
	float x;
	float baseline;
	float unit;
};

static void draw_line(const struct sheet *sheet, struct point a, struct point b)
{
	struct point from = { sheet->x + (a.x + BEARING) * sheet->unit,
			      sheet->baseline - a.y * sheet->unit };
	struct point to = { sheet->x + (b.x + BEARING) * sheet->unit,
			    sheet->baseline - b.y * sheet->unit };

	mask_stroke(sheet->alpha, sheet->width, sheet->height, from, to,
		    THICKNESS * sheet->unit);
}

/* Both read numbers at @strokes, and return what follows them. */
static const char *draw_lines(const struct sheet *sheet, const char *strokes)
{
	struct point last, next;
	bool first = true;
	char *end;

	for (;;) {
		next.x = strtof(strokes, &end);
		if (end == strokes)
			return strokes;
		next.y = strtof(end, &end);
		strokes = end;
		if (!first)
			draw_line(sheet, last, next);
		last = next;
		first = false;
	}
}

static const char *draw_ellipse(const struct sheet *sheet, const char *strokes)
{
	struct point last = { 0 }, next;
	float of[6];
	char *end;
	int steps;

	for (int i = 0; i < 6; i++) {
		of[i] = strtof(strokes, &end);
		strokes = end;
	}
	steps = (int)ceilf(fabsf(of[5] - of[4]) / STEP_DEGREES);
	for (int i = 0; i <= steps; i++) {
		float degrees = of[4] + (of[5] - of[4]) * (float)i /
					(float)steps;
		float angle = degrees * (float)M_PI / 180;

		next.x = of[0] + of[2] * cosf(angle);
		next.y = of[1] + of[3] * sinf(angle);
		if (i)
			draw_line(sheet, last, next);
		last = next;
	}
	return strokes;
}

void font_draw(uint8_t *alpha, int width, int height, char letter, float x,
	       float baseline, float unit)
{
	const struct sheet sheet = { alpha, width, height, x, baseline, unit };
	const char *strokes = find(letter)->strokes;

	while (*strokes) {
		switch (*strokes++) {
		case 'L':
			strokes = draw_lines(&sheet, strokes);
			break;
		case 'O':
			strokes = draw_ellipse(&sheet, strokes);
			break;
		}
	}
}
