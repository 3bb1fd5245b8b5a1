// SPDX-License-Identifier: MIT
/*
 * Paints demo/window/landscape.png, which the content window shows unless it is
 * given another PICTURE: mountains over a lake at dusk. All of it is computed
 * here, from a few colours and from noise.
 *
 * Usage: landscape FILE
 */
#include "picture.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH		1280
#define HEIGHT		1024
/* Each pixel is the mean of so many by so many points. */
#define POINTS		2

/* Places are in heights of the picture, y downwards. */
#define RIGHT		((float)WIDTH / HEIGHT)
#define SHORE		0.655f
#define SUN_X		0.80f
#define SUN_Y		0.463f
#define SUN_RADIUS	0.043f

struct colour {
	float r, g, b;
};

static float clamp(float value)
{
	return value < 0 ? 0 : value > 1 ? 1 : value;
}

static float smooth(float from, float to, float value)
{
	float t = clamp((value - from) / (to - from));

	return t * t * (3 - 2 * t);
}

static struct colour mix(struct colour a, struct colour b, float part)
{
	return (struct colour){ a.r + (b.r - a.r) * part,
				a.g + (b.g - a.g) * part,
				a.b + (b.b - a.b) * part };
}

static struct colour add(struct colour a, struct colour b, float part)
{
	return (struct colour){ a.r + b.r * part, a.g + b.g * part,
				a.b + b.b * part };
}

static struct colour rgb(unsigned int value)
{
	return (struct colour){ (float)(value >> 16 & 255) / 255,
				(float)(value >> 8 & 255) / 255,
				(float)(value & 255) / 255 };
}

/* Noise of whole numbers: 0 to 1, and always the same. */
static float hash(int x, int y)
{
	unsigned int h = (unsigned int)x * 374761393u +
			 (unsigned int)y * 668265263u;

	h = (h ^ h >> 13) * 1274126177u;
	h ^= h >> 16;
	return (float)(h & 0xffff) / 65535;
}

static float noise(float x, float y)
{
	float left = floorf(x), top = floorf(y);
	float u = smooth(0, 1, x - left), v = smooth(0, 1, y - top);
	int i = (int)left, j = (int)top;
	float upper = hash(i, j) + (hash(i + 1, j) - hash(i, j)) * u;
	float lower = hash(i, j + 1) +
		      (hash(i + 1, j + 1) - hash(i, j + 1)) * u;

	return upper + (lower - upper) * v;
}

/* Noise of several sizes, each half as strong as the one before. */
static float cloudy(float x, float y, int sizes)
{
	float sum = 0, part = 0.5f;

	for (int i = 0; i < sizes; i++) {
		sum += part * noise(x, y);
		x = x * 2.03f + 17.1f;
		y = y * 2.03f + 9.7f;
		part /= 2;
	}
	return sum;
}

static struct colour gradient(const struct colour *colours, const float *at,
			      int count, float y)
{
	int i = 1;

	while (i < count - 1 && y > at[i])
		i++;
	return mix(colours[i - 1], colours[i], smooth(at[i - 1], at[i], y));
}

static struct colour stars(struct colour sky, float x, float y)
{
	int i = (int)floorf(x * 60), j = (int)floorf(y * 60);
	float dx = x * 60 - (float)i - 0.2f - 0.6f * hash(i, j + 500);
	float dy = y * 60 - (float)j - 0.2f - 0.6f * hash(i + 500, j);
	float bright = smooth(0.90f, 1, hash(i + 77, j + 31)) *
		       smooth(0.30f, 0.02f, y);
	float size = 0.05f + 0.06f * hash(i, j);

	return add(sky, rgb(0xfff4e0),
		   bright * smooth(size, 0, hypotf(dx, dy)));
}

static struct colour clouds(struct colour sky, float x, float y)
{
	float warp = 0.25f * cloudy(x * 2, y * 6, 3);
	float thick = cloudy(x * 1.7f + warp + 3, y * 11 + warp * 3, 6);
	float part = smooth(0.44f, 0.70f, thick) * smooth(0.08f, 0.30f, y) *
		     smooth(0.62f, 0.46f, y);
	float near = expf(-3.2f * hypotf(x - SUN_X, (y - SUN_Y) * 1.5f));
	struct colour cloud = mix(rgb(0x8a4a78), rgb(0xffb27a),
				  clamp(near * 2));

	/* Their lower edges catch the light. */
	cloud = add(cloud, rgb(0xff9a5a),
		    0.35f * smooth(0.52f, 0.46f, thick) * near);
	return mix(sky, cloud, 0.72f * part);
}

static struct colour sky_at(float x, float y)
{
	static const float at[] = { 0, 0.20f, 0.38f, 0.50f, 0.60f, 0.67f };
	const struct colour colours[] = {
		rgb(0x141a40), rgb(0x33306b), rgb(0x7d4a86), rgb(0xd46f78),
		rgb(0xf7a66b), rgb(0xffd391),
	};
	struct colour sky = gradient(colours, at, 6, y);
	float far = hypotf(x - SUN_X, y - SUN_Y);

	sky = stars(sky, x, y);
	sky = clouds(sky, x, y);
	sky = add(sky, rgb(0xffb060), 0.42f * expf(-far * 5.5f));
	sky = add(sky, rgb(0xffe0a0), 0.45f * expf(-far * 17));
	return mix(sky, rgb(0xfff3d0),
		   smooth(SUN_RADIUS + 0.0012f, SUN_RADIUS - 0.0012f, far));
}

/**
 * struct ridge - a row of mountains
 * @top:    how high its summits reach at most
 * @height: from there to its valleys
 * @scale:  summits in a height of the picture
 * @colour: of its summits
 * @mist:   its colour at the lower end
 */
struct ridge {
	float top;
	float height;
	float scale;
	unsigned int colour;
	unsigned int mist;
};

static const struct ridge ridges[] = {
	{ 0.400f, 0.30f, 1.9f, 0x86608f, 0xe79a85 },
	{ 0.455f, 0.27f, 2.6f, 0x664a7d, 0xc67d80 },
	{ 0.515f, 0.22f, 3.3f, 0x473a68, 0x96617a },
	{ 0.570f, 0.15f, 4.6f, 0x2b2950, 0x5c4468 },
};

#define RIDGES		((int)(sizeof(ridges) / sizeof(*ridges)))

/* Where a ridge begins in column @x: sharp summits, rough slopes. */
static float summit(int number, float x)
{
	const struct ridge *ridge = &ridges[number];
	float at = x * ridge->scale + 13.7f * (float)number + 4.2f;
	float shape = 1 - fabsf(2 * noise(at, 3.3f) - 1);

	shape = 0.62f * shape + 0.55f * cloudy(at * 2.3f, 1.7f, 6);
	return ridge->top + ridge->height * (1 - clamp(shape));
}

static struct colour slopes(const struct ridge *ridge, float x, float y,
			    float top)
{
	float down = clamp((y - top) / (SHORE - top + 0.001f));
	struct colour rock = mix(rgb(ridge->colour), rgb(ridge->mist),
				 0.9f * down * down);
	/* Slopes towards the sun are lighter. */
	float grain = cloudy(x * 14 + (y - top) * 9, y * 9, 5) - 0.48f;

	return add(rock, rgb(0xffa070), grain * 0.20f * (1 - down));
}

static struct colour land_at(float x, float y)
{
	struct colour colour = sky_at(x, y);

	for (int i = 0; i < RIDGES; i++) {
		float top = summit(i, x);

		if (y > top)
			colour = slopes(&ridges[i], x, y, top);
	}
	return colour;
}

/* The lake shows the land upside down, broken by waves. */
static struct colour water_at(float x, float y)
{
	float depth = y - SHORE;
	float row = 0.035f / (depth + 0.02f);
	float wave = cloudy(x * 9 * (1 + row), depth * 260 * (0.5f + row), 3) -
		     0.44f;
	float shift = wave * (0.008f + 0.055f * depth);
	struct colour colour = land_at(x + shift, SHORE - depth * 0.92f +
				       shift * 1.5f - 0.002f), dark;
	float path = fabsf(x - SUN_X) / (0.035f + 0.30f * depth);
	float glitter = smooth(0.56f, 0.78f,
			       noise(x * 52, depth * 640 * (0.35f + row)));

	dark = (struct colour){ colour.r * 0.66f, colour.g * 0.40f,
				colour.b * 0.42f + 0.08f };
	colour = mix(colour, dark, 0.35f + 0.65f * clamp(depth * 2.4f));
	colour = add(colour, rgb(0xffc27a),
		     0.85f * glitter * expf(-path * path) *
		     (1 - 1.7f * depth));
	/* A line of light where it meets the land. */
	return add(colour, rgb(0xffc890), 0.30f * smooth(0.006f, 0, depth));
}

/* Whether a fir with its foot at @foot, @base covers this point. */
static bool fir_covers(float x, float y, float foot, float base, float height,
		       int number)
{
	float up = (base - y) / height;
	float across = fabsf(x - foot) / height;
	float tier, width;

	if (up < -0.03f || up > 1)
		return false;
	tier = up * (9 + 3 * hash(number, 4));
	tier -= floorf(tier);
	width = 0.21f * powf(1 - up, 0.85f) * (0.55f + 0.45f * (1 - tier));
	width *= 0.80f + 0.4f * noise(up * 45 + (float)number * 9,
				      x > foot ? 0.5f : 7.5f);
	return up < 0.05f ? across < 0.016f : across < width;
}

/* The bank in front, and how high it is. */
static float bank(float x)
{
	return 0.965f - 0.075f * smooth(0.55f, 0, x) -
	       0.055f * smooth(0.80f, RIGHT, x) -
	       0.02f * cloudy(x * 9, 5.5f, 5);
}

static bool forest_covers(float x, float y)
{
	if (y > bank(x))
		return true;
	for (int i = -1; i < 64; i++) {
		float foot = ((float)i + hash(i, 1)) * RIGHT / 62;
		float side = fmaxf(smooth(0.50f, 0.02f, foot),
				   smooth(0.96f, RIGHT, foot));
		float height = (0.05f + 0.33f * side) *
			       (0.55f + 0.6f * hash(i, 2));

		if (side > 0.02f && fabsf(x - foot) < 0.25f * height &&
		    fir_covers(x, y, foot, bank(foot) + 0.045f, height, i))
			return true;
	}
	return false;
}

static struct colour point_at(float x, float y)
{
	const struct colour forest = rgb(0x0d1026);

	if (forest_covers(x, y))
		return mix(forest, rgb(0x241c3c), 0.35f * cloudy(x * 60, y * 60,
								 3));
	return y < SHORE ? land_at(x, y) : water_at(x, y);
}

static pixel pixel_at(int column, int row)
{
	struct colour sum = { 0 };
	/* So that gradients show no steps. */
	float grain = (hash(column, row + 4000) - 0.5f) * 1.2f;

	for (int i = 0; i < POINTS * POINTS; i++) {
		float x = (float)column + ((float)(i % POINTS) + 0.5f) / POINTS;
		float y = (float)row + ((float)(i / POINTS) + 0.5f) / POINTS;

		sum = add(sum, point_at(x / HEIGHT, y / HEIGHT),
			  1.0f / (POINTS * POINTS));
	}
	return (pixel)lroundf(clamp(sum.r) * 253 + 1 + grain) << 16 |
	       (pixel)lroundf(clamp(sum.g) * 253 + 1 + grain) << 8 |
	       (pixel)lroundf(clamp(sum.b) * 253 + 1 + grain);
}

int main(int argc, char **argv)
{
	static pixel pixels[WIDTH * HEIGHT];
	const struct canvas picture = { pixels, WIDTH, HEIGHT, WIDTH };

	if (argc != 2) {
		fprintf(stderr, "usage: landscape FILE\n");
		return EXIT_FAILURE;
	}
	for (int row = 0; row < HEIGHT; row++)
		for (int column = 0; column < WIDTH; column++)
			pixels[row * WIDTH + column] = pixel_at(column, row);
	if (picture_write(&picture, argv[1])) {
		fprintf(stderr, "landscape: %s: %s\n", argv[1],
			strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
