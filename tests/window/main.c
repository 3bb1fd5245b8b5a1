// SPDX-License-Identifier: MIT
/*
 * The window refresh of demo/window, part by part. Speaks TAP.
 *
 * Usage: window GOLDEN, the directory of the golden frames; window --write
 * GOLDEN writes them anew, to be looked at before they are kept; window
 * --compare ONE OTHER says whether two pictures look the same.
 */
#include "suites.h"

#include "painter.h"

#include "../tap.h"

#include <string.h>

int main(int argc, char **argv)
{
	int before;

	if (argc == 3 && !strcmp(argv[1], "--write")) {
		test_golden(argv[2], true);
		return tap_done();
	}
	if (argc == 4 && !strcmp(argv[1], "--compare"))
		return !golden_same(argv[2], argv[3]);
	if (argc != 2) {
		fprintf(stderr, "usage: window [--write] GOLDEN, or "
			"window --compare ONE OTHER\n");
		return 2;
	}
	test_golden(argv[1], false);
	test_pictures();
	test_caches();
	/* libashmem has its connection by now. */
	before = painter_descriptors();
	test_tearing();
	test_failing();
	test_viewing();
	tap_ok(painter_descriptors() == before,
	       "no descriptor is left of windows, screens and clients");
	return tap_done();
}
