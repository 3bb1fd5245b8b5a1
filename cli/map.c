// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "found.h"
#include "json.h"
#include "pages.h"
#include "picture.h"
#include "text.h"
#include "verb.h"

/**
 * struct options - of this verb
 * @png: where to; NULL for the terminal
 */
struct options {
	const char *id;
	const char *png;
	bool json;
};

/* With room for an id, a name that is cut, a size and a number. */
typedef char heading[sizeof(found_id) + ASHMEM_NAME_LEN * 4 + 64];

static void format_heading(const struct found *found, size_t columns,
			   heading text)
{
	char name[ASHMEM_NAME_LEN * 4];
	text_bytes size;

	text_escape(found->name, name, sizeof(name));
	text_cut(name, columns);
	text_format_bytes(found->size, size);
	snprintf(text, sizeof(heading), "%s  %s  %s in %" PRIu64 " pages",
		 found->id, name, size, found->pages);
}

static int print_picture(const struct found *found, const struct pages *pages)
{
	struct picture picture;
	heading above;

	if (picture_draw(&picture, pages,
			 PICTURE_COLUMNS * PICTURE_LINES) < 0) {
		complain("%s", strerror(errno));
		return STATUS_FAILED;
	}
	format_heading(found, text_terminal_columns() > 60 ? 40 : 20, above);
	printf("%s\n\n", above);
	picture_print(&picture, pages, text_has_colours());
	picture_end(&picture);
	return printed(STATUS_DONE);
}

/* Four times as many fields as in the terminal, in each direction twice. */
static int write_picture(const struct found *found, const struct pages *pages,
			 const char *path)
{
	char title[sizeof(found_id) + ASHMEM_NAME_LEN * 4 + 2];
	size_t length = snprintf(title, sizeof(title), "%s ", found->id);
	int status = STATUS_DONE;
	struct picture picture;
	heading above;

	text_escape(found->name, title + length, sizeof(title) - length);
	if (!text_is_unicode())
		text_make_ascii(title);
	format_heading(found, 24, above);
	text_make_ascii(above);
	if (picture_draw(&picture, pages,
			 PICTURE_COLUMNS * PICTURE_LINES * 4) < 0) {
		complain("%s", strerror(errno));
		return STATUS_FAILED;
	}
	if (picture_write(&picture, title, above, path) < 0) {
		complain("%s: %s", path, strerror(errno));
		status = STATUS_FAILED;
	}
	picture_end(&picture);
	return status;
}

static int print_json(const struct found *found, const struct pages *pages)
{
	json_t *region = json_region(found), *runs = json_array();

	for (size_t i = 0; i < pages->count; i++) {
		const struct page_run *run = &pages->runs[i];

		json_array_append_new(runs, json_pack(
			"{s:I, s:I, s:s}", "first", (json_int_t)run->first,
			"pages", (json_int_t)(run->end - run->first),
			"state", page_state_names[run->state]));
	}
	if (json_object_set_new(region, "page_size",
				json_integer(sysconf(_SC_PAGESIZE))) < 0 ||
	    json_object_set_new(region, "runs", runs) < 0) {
		json_decref(region);
		region = NULL;
	}
	return json_print(region, JSON_INDENT(2), STATUS_DONE);
}

static int show(const struct found *found, const struct options *options)
{
	struct pages pages;
	int status = pages_look(found, &pages);

	if (status)
		return status;
	if (options->json)
		status = print_json(found, &pages);
	else if (options->png)
		status = write_picture(found, &pages, options->png);
	else
		status = print_picture(found, &pages);
	pages_end(&pages);
	return status;
}

static int map(const struct options *options)
{
	struct found_list list = { 0 };
	const struct found *found;
	int status = found_one(&list, options->id, &found);

	if (!status)
		status = show(found, options);
	found_end(&list);
	return status;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "png", required_argument, NULL, 'p' },
		{ 0 },
	};
	struct options options = { 0 };
	int option;

	while ((option = next_option(count, arguments, "jp:", known)) != -1) {
		if (option == '?')
			return STATUS_USAGE;
		options.json |= option == 'j';
		if (option == 'p')
			options.png = optarg;
	}
	if (optind + 1 != count)
		return misused("say one region, as `ashmem ls' calls it");
	if (options.json && options.png)
		return misused("--json and --png are two things");
	options.id = arguments[optind];
	return map(&options);
}

const struct verb verb_map = {
	.name = "map",
	.operands = "[-j | -p FILE] ID",
	.summary = "shows a region's pages as a picture",
	.help =
"Which pages are pinned, unpinned, purged, or have never been touched, in lines\n"
"from the start of the region to its end. Where there are many pages, each sign\n"
"stands for several, and shows what most of them are. No page is touched.\n"
"\n"
"  -j, --json           runs of pages that are alike, as JSON\n"
"  -p, --png FILE       writes the picture to a file\n",
	.run = run,
};
