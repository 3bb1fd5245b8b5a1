// SPDX-License-Identifier: MIT
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE	2

static const char help[] =
	"Usage: ashmemd [OPTION]...\n"
	"Frees unpinned pages of shared memory when memory gets tight.\n"
	"\n"
	"  -m, --machine       serve all users of the machine, not only this one\n"
	"  -s, --socket=PATH   listen at PATH, which begins with '/'\n"
	"  -c, --config=FILE   read settings from FILE\n"
	"  -M, --metrics=[ADDRESS:]PORT\n"
	"                      serve metrics to Prometheus over HTTP, by default\n"
	"                      to this machine only, at 127.0.0.1\n"
	"  -v, --verbose       say more\n"
	"  -h, --help          show this\n"
	"  -V, --version       show the version\n"
	"\n"
	"It is started when it is needed, and has not to be started by hand.\n"
	"ashmemd(8) tells more.\n";

static const struct option longs[] = {
	{ "machine", no_argument, NULL, 'm' },
	{ "socket", required_argument, NULL, 's' },
	{ "config", required_argument, NULL, 'c' },
	{ "metrics", required_argument, NULL, 'M' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static int show(const char *text)
{
	fputs(text, stdout);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Returns a status, or -1 to go on. */
static int take(struct options *options, int option)
{
	switch (option) {
	case 'm':
		options->machine = true;
		return -1;
	case 's':
		options->socket = optarg;
		return -1;
	case 'c':
		options->config = optarg;
		return -1;
	case 'M':
		options->metrics = optarg;
		return -1;
	case 'v':
		options->verbose = true;
		return -1;
	case 'h':
		return show(help);
	case 'V':
		return show("ashmemd " ASHMEM_VERSION "\n");
	}
	return -1;
}

int options_parse(struct options *options, int count, char **arguments)
{
	int option, status;

	*options = (struct options){ 0 };
	opterr = 0;
	while ((option = getopt_long(count, arguments, ":ms:c:M:vhV", longs,
				     NULL)) >= 0) {
		if (option == ':' || option == '?') {
			fprintf(stderr, "ashmemd: '%s' %s; 'ashmemd --help' "
				"shows what can be said\n",
				arguments[optind - 1], option == ':' ?
				"needs a value" : "is no option");
			return EXIT_USAGE;
		}
		status = take(options, option);
		if (status >= 0)
			return status;
	}
	if (optind == count)
		return -1;
	fprintf(stderr, "ashmemd: '%s' is no option; 'ashmemd --help' shows "
		"what can be said\n", arguments[optind]);
	return EXIT_USAGE;
}
