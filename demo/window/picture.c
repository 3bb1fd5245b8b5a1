// SPDX-License-Identifier: MIT
#include "picture.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* After <stdio.h>, which it needs and does not include. */
#include <jpeglib.h>

/* What there is of a file whose end is missing is not shown as if it were all
 * of it. */
static const char broken[] = "is damaged, or not all there";
static const char too_large[] = "has more than 50 million pixels";
static const char too_small[] = "has less than 16 x 16 pixels";
static const char no_memory[] = "does not fit into memory";

static const char *make_room(struct canvas *picture, size_t width,
			     size_t height)
{
	if (width < PICTURE_SMALLEST || height < PICTURE_SMALLEST)
		return too_small;
	if (width > PICTURE_PIXELS || height > PICTURE_PIXELS / width)
		return too_large;
	*picture = (struct canvas){
		.pixels = malloc(width * height * sizeof(pixel)),
		.width = (int)width,
		.height = (int)height,
		.stride = (int)width,
	};
	return picture->pixels ? NULL : no_memory;
}

/* Shows on black what is transparent. */
static void make_opaque(const struct canvas *picture)
{
	size_t count = (size_t)picture->width * (size_t)picture->height;

	for (size_t i = 0; i < count; i++)
		picture->pixels[i] = pixel_blend(0, picture->pixels[i],
						 picture->pixels[i] >> 24);
}

static const char *read_png(struct canvas *picture, FILE *file)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	const char *wrong;

	if (!png_image_begin_read_from_stdio(&image, file))
		return broken;
	wrong = make_room(picture, image.width, image.height);
	if (wrong)
		goto free;
	image.format = PNG_FORMAT_BGRA;
	if (!png_image_finish_read(&image, NULL, picture->pixels, 0, NULL)) {
		picture_free(picture);
		wrong = broken;
		goto free;
	}
	make_opaque(picture);
free:
	png_image_free(&image);
	return wrong;
}

/* How libjpeg is left when it finds an error. */
struct jpeg_exit {
	struct jpeg_error_mgr errors;
	jmp_buf road;
};

__attribute__((noreturn))
static void leave_jpeg(j_common_ptr info)
{
	longjmp(((struct jpeg_exit *)info->err)->road, 1);
}

/* Warnings are counted, and said in our own words. */
static void say_nothing(j_common_ptr info)
{
	(void)info;
}

static void read_rows(struct jpeg_decompress_struct *info,
		      const struct canvas *picture)
{
	while (info->output_scanline < info->output_height) {
		JSAMPROW row = (JSAMPROW)(picture->pixels +
					  (size_t)info->output_scanline *
					  (size_t)picture->stride);

		jpeg_read_scanlines(info, &row, 1);
	}
}

/* Turns cyan, magenta, yellow and black into light. Adobe's programs write how
 * much ink there is not. */
static void print_inks(const struct canvas *picture, bool inverted)
{
	size_t count = (size_t)picture->stride * (size_t)picture->height;
	unsigned char inks[4];

	for (size_t i = 0; i < count; i++) {
		pixel light = 0;

		memcpy(inks, &picture->pixels[i], sizeof(inks));
		for (int ink = 0; ink < 4 && !inverted; ink++)
			inks[ink] = 255 - inks[ink];
		for (int ink = 0; ink < 3; ink++)
			light = light << 8 | inks[ink] * inks[3] / 255;
		picture->pixels[i] = light;
	}
}

static const char *read_jpeg(struct canvas *picture, FILE *file)
{
	struct jpeg_decompress_struct info;
	const char *volatile wrong = broken;
	struct jpeg_exit out;
	bool inked;

	info.err = jpeg_std_error(&out.errors);
	out.errors.error_exit = leave_jpeg;
	out.errors.output_message = say_nothing;
	picture->pixels = NULL;
	if (setjmp(out.road))
		goto destroy;
	jpeg_create_decompress(&info);
	jpeg_stdio_src(&info, file);
	jpeg_read_header(&info, TRUE);
	wrong = make_room(picture, info.image_width, info.image_height);
	if (wrong)
		goto destroy;
	wrong = broken;
	inked = info.jpeg_color_space == JCS_CMYK ||
		info.jpeg_color_space == JCS_YCCK;
	info.out_color_space = inked ? JCS_CMYK : JCS_EXT_BGRX;
	jpeg_start_decompress(&info);
	read_rows(&info, picture);
	if (inked)
		print_inks(picture, info.saw_Adobe_marker);
	jpeg_finish_decompress(&info);
	if (!out.errors.num_warnings)
		wrong = NULL;
destroy:
	jpeg_destroy_decompress(&info);
	if (wrong)
		picture_free(picture);
	return wrong;
}

/* By its first bytes, whatever its name says. */
static const char *read_any(struct canvas *picture, FILE *file)
{
	unsigned char start[8] = { 0 };
	size_t got = fread(start, 1, sizeof(start), file);

	if (ferror(file))
		return strerror(errno);
	rewind(file);
	if (got == sizeof(start) && !png_sig_cmp(start, 0, sizeof(start)))
		return read_png(picture, file);
	if (got >= 3 && start[0] == 0xff && start[1] == 0xd8 &&
	    start[2] == 0xff)
		return read_jpeg(picture, file);
	return "is neither PNG nor JPEG";
}

const char *picture_read(struct canvas *picture, const char *path)
{
	/* Not to wait for the writer of a FIFO. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *wrong;
	struct stat stat;
	FILE *file;

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode)) {
		close(fd);
		return "is not a regular file";
	}
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return no_memory;
	}
	wrong = read_any(picture, file);
	fclose(file);
	return wrong;
}

void picture_free(struct canvas *picture)
{
	free(picture->pixels);
	picture->pixels = NULL;
}

static void put_bytes(unsigned char *to, const struct canvas *picture)
{
	for (int y = 0; y < picture->height; y++) {
		const pixel *row = picture->pixels +
				   (size_t)y * (size_t)picture->stride;

		for (int x = 0; x < picture->width; x++) {
			*to++ = (unsigned char)(row[x] >> 16);
			*to++ = (unsigned char)(row[x] >> 8);
			*to++ = (unsigned char)row[x];
		}
	}
}

int picture_write(const struct canvas *picture, const char *path)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)picture->width,
		.height = (png_uint_32)picture->height,
		.format = PNG_FORMAT_RGB,
	};
	unsigned char *bytes = malloc(PNG_IMAGE_SIZE(image));
	FILE *file = fopen(path, "we");
	int result = -1;

	if (!bytes || !file)
		goto out;
	put_bytes(bytes, picture);
	if (png_image_write_to_stdio(&image, file, 0, bytes, 0, NULL))
		result = 0;
	png_image_free(&image);
out:
	if (file && fclose(file))
		result = -1;
	if (file && result)
		unlink(path);
	free(bytes);
	return result;
}
