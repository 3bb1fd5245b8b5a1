// SPDX-License-Identifier: MIT
/* Pictures are read, and what is none is refused in words. */
#include "suites.h"

#include "picture.h"
#include "scale.h"

#include "../tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* After <stdio.h>, which it needs and does not include. */
#include <jpeglib.h>

#define WIDTH		160
#define HEIGHT		120

static pixel pixels[WIDTH * HEIGHT];
static const struct canvas drawn = { pixels, WIDTH, HEIGHT, WIDTH };
static char directory[] = "/tmp/ashmem-pictures.XXXXXX";
static char path[64];

static const char *name(const char *file)
{
	snprintf(path, sizeof(path), "%s/%s", directory, file);
	return path;
}

static void draw(void)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			pixels[y * WIDTH + x] = (pixel)(x * 255 / WIDTH) << 16 |
						(pixel)(y * 255 / HEIGHT) << 8 |
						0x40;
}

static void write_jpeg(const char *file)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	FILE *stream = fopen(file, "we");

	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_stdio_dest(&info, stream);
	info.image_width = WIDTH;
	info.image_height = HEIGHT;
	info.input_components = 4;
	info.in_color_space = JCS_EXT_BGRX;
	jpeg_set_defaults(&info);
	jpeg_set_quality(&info, 95, TRUE);
	jpeg_start_compress(&info, TRUE);
	while (info.next_scanline < HEIGHT) {
		JSAMPROW row = (JSAMPROW)(pixels + info.next_scanline * WIDTH);

		jpeg_write_scanlines(&info, &row, 1);
	}
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	fclose(stream);
}

/* The same for a printer: cyan, magenta and yellow, and no black. With Adobe's
 * mark a file says how much ink there is not. */
static void write_inks(const char *file, J_COLOR_SPACE space, bool marked)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	FILE *stream = fopen(file, "we");
	unsigned char inks[WIDTH][4];

	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_stdio_dest(&info, stream);
	info.image_width = WIDTH;
	info.image_height = HEIGHT;
	info.input_components = 4;
	info.in_color_space = JCS_CMYK;
	jpeg_set_defaults(&info);
	jpeg_set_colorspace(&info, space);
	jpeg_set_quality(&info, 95, TRUE);
	info.write_Adobe_marker = marked;
	jpeg_start_compress(&info, TRUE);
	while (info.next_scanline < HEIGHT) {
		JSAMPROW row = inks[0];

		for (int x = 0; x < WIDTH; x++) {
			pixel light = pixels[info.next_scanline * WIDTH + x];

			for (int ink = 0; ink < 4; ink++) {
				inks[x][ink] = ink < 3 ?
					light >> (16 - 8 * ink) : 255;
				if (!marked)
					inks[x][ink] = 255 - inks[x][ink];
			}
		}
		jpeg_write_scanlines(&info, &row, 1);
	}
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	fclose(stream);
}

/* How far a picture that was read is from what was drawn, of 255. */
static int distance(const struct canvas *picture)
{
	int most = 0;

	for (int i = 0; i < WIDTH * HEIGHT; i++)
		for (int shift = 0; shift < 24; shift += 8) {
			int one = abs((int)(picture->pixels[i] >> shift & 255) -
				      (int)(pixels[i] >> shift & 255));

			most = one > most ? one : most;
		}
	return most;
}

static void check_read(const char *file, int tolerance)
{
	struct canvas picture;
	const char *wrong = picture_read(&picture, name(file));

	if (tap_ok(!wrong && picture.width == WIDTH &&
		   picture.height == HEIGHT && distance(&picture) <= tolerance,
		   "%s is read as it was drawn", file))
		picture_free(&picture);
	else
		tap_note("%s", wrong ? wrong : "its pixels differ");
}

static void check_refused(const char *file, const char *words)
{
	struct canvas picture = { 0 };
	const char *wrong = picture_read(&picture, name(file));

	if (!tap_ok(wrong && strstr(wrong, words), "%s: %s", file, words))
		tap_note("it says: %s", wrong ? wrong : "nothing");
}

static void put(const char *file, const void *bytes, size_t size)
{
	FILE *stream = fopen(name(file), "we");

	fwrite(bytes, 1, size, stream);
	fclose(stream);
}

/* Every beginning of a file is refused; returns how many were not. */
static unsigned int cut(const char *file, unsigned int step)
{
	static char bytes[256 * 1024];
	FILE *stream = fopen(name(file), "re");
	size_t size = fread(bytes, 1, sizeof(bytes), stream);
	unsigned int taken = 0;
	struct canvas picture;

	fclose(stream);
	/* The last bytes say that this is the end, and nothing else. */
	for (size_t part = 0; part + 16 < size; part += step) {
		put("cut", bytes, part);
		if (!picture_read(&picture, name("cut"))) {
			taken++;
			picture_free(&picture);
		}
	}
	return taken;
}

/* A PNG whose header says that it has so many pixels. */
static void put_header(const char *file, unsigned int width,
		       unsigned int height)
{
	struct canvas small = { pixels, 16, 16, WIDTH };
	unsigned char bytes[4096];
	FILE *stream;
	size_t size;

	picture_write(&small, name(file));
	stream = fopen(name(file), "re");
	size = fread(bytes, 1, sizeof(bytes), stream);
	fclose(stream);
	for (int i = 0; i < 4; i++) {
		bytes[16 + i] = (unsigned char)(width >> (24 - 8 * i));
		bytes[20 + i] = (unsigned char)(height >> (24 - 8 * i));
	}
	/* Its checksum is wrong now, and libpng says so. */
	put(file, bytes, size);
}

static void test_refused(void)
{
	const struct canvas tiny = { pixels, 15, 16, WIDTH };

	check_refused("none", "No such file");
	mkdir(name("directory"), 0700);
	check_refused("directory", "not a regular file");
	mkfifo(name("pipe"), 0600);
	check_refused("pipe", "not a regular file");
	put("empty", "", 0);
	check_refused("empty", "neither PNG nor JPEG");
	put("words", "What is no picture is refused.\n", 31);
	check_refused("words", "neither PNG nor JPEG");
	picture_write(&tiny, name("tiny.png"));
	check_refused("tiny.png", "less than 16 x 16");
	put_header("broken.png", 60000, 60000);
	check_refused("broken.png", "damaged");
	tap_ok(cut("drawn.png", 7) == 0, "a PNG that is not all there is "
	       "refused, wherever it was cut");
	tap_ok(cut("drawn.jpg", 7) == 0, "a JPEG that is not all there is "
	       "refused, wherever it was cut");
}

/* A picture of one colour stays so, whatever its shape. */
static void test_shapes(void)
{
	static const int shapes[][2] = {
		{ 16, 16 }, { 16, 3000 }, { 3000, 16 }, { 641, 513 },
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		int width = shapes[i][0], height = shapes[i][1];
		struct canvas from = {
			malloc((size_t)width * (size_t)height * sizeof(pixel)),
			width, height, width,
		};
		struct canvas to = { pixels, WIDTH, HEIGHT, WIDTH };
		bool same = true;

		canvas_fill(&from, 0x336699);
		canvas_fill(&to, 0);
		scale_to_cover(&to, &from);
		for (int j = 0; j < WIDTH * HEIGHT; j++)
			same &= pixels[j] == 0x336699;
		tap_ok(same, "%d x %d pixels cover the picture", width, height);
		free(from.pixels);
	}
}

static void clean_up(void)
{
	static const char *const files[] = {
		"drawn.png", "drawn.jpg", "pipe", "empty", "words", "tiny.png",
		"broken.png", "cut", "inks.jpg", "unmarked.jpg", "changed.jpg",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(name(files[i]));
	rmdir(name("directory"));
	rmdir(directory);
}

void test_pictures(void)
{
	if (!tap_ok(mkdtemp(directory), "there is room for pictures"))
		return;
	draw();
	picture_write(&drawn, name("drawn.png"));
	write_jpeg(name("drawn.jpg"));
	check_read("drawn.png", 0);
	write_inks(name("inks.jpg"), JCS_CMYK, true);
	write_inks(name("unmarked.jpg"), JCS_CMYK, false);
	write_inks(name("changed.jpg"), JCS_YCCK, true);
	check_read("drawn.jpg", 8);
	check_read("inks.jpg", 8);
	check_read("unmarked.jpg", 8);
	check_read("changed.jpg", 8);
	test_refused();
	test_shapes();
	clean_up();
}
