// SPDX-License-Identifier: MIT
/*
 * The window refresh: three clients, a compositor, and memory that gets short.
 * docs/window-refresh.md tells how it works; demo/run sets up what it needs.
 */
#include "clients.h"
#include "show.h"

#include "../telling.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: window-refresh [--frames DIRECTORY] [--viewer PROGRAM] "
	"PICTURE\n"
	"\n"
	"Shows PICTURE, a PNG or JPEG file, in windows of several processes, "
	"has memory\n"
	"get short, and processes crash and hang.\n"
	"\n"
	"  --frames DIRECTORY  writes some frames there, as PNG, and not "
	"here\n"
	"  --viewer PROGRAM    shows the screen as it goes: "
	"build/demo/window/window-view\n";

static void parse(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "frames", required_argument, NULL, 'f' },
		{ "viewer", required_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'f':
			options->frames = optarg;
			break;
		case 'v':
			options->viewer = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (optind != argc - 1) {
		fputs(usage, stderr);
		exit(2);
	}
	options->picture = argv[optind];
}

int main(int argc, char **argv)
{
	struct options options = { .frames = "." };

	if (argc == 4 && !strcmp(argv[1], "--client"))
		clients_play(argv + 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	parse(&options, argc, argv);
	show(&options);
	check_output();
	return EXIT_SUCCESS;
}
