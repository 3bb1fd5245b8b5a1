// SPDX-License-Identifier: MIT
/*
 * Regions over the real /dev/binder, as ashmem_binder.h says, between processes.
 *
 *	binder device|portable [PART]	on that engine, where there is a binder
 *	binder without			where there is none
 *
 * Needs /dev/binder and /dev/other, which are two binders of their own, and root.
 * The portable engine takes ashmemd from ASHMEMD.
 */
#include <ashmem_binder.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tap.h"
#include "tests.h"

static const struct part {
	const char *name;
	void (*test)(void);
} parts[] = {
	/* First: it wants a process that has opened no binder. */
	{ "opening", test_opening },
	{ "naming", test_naming },
	{ "sharing", test_sharing },
	{ "serving", test_serving },
	{ "errors", test_errors },
	{ "death", test_death },
	{ "hostile", test_hostile },
};

static int run(const char *part)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (part && strcmp(part, parts[i].name) != 0)
			continue;
		alarm(LIMIT);
		parts[i].test();
	}
	return tap_done();
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "without")) {
		test_without_binder();
		return tap_done();
	}
	if (argc >= 2 && (!strcmp(argv[1], "device") ||
			  !strcmp(argv[1], "portable"))) {
		setenv("ASHMEM_ENGINE", argv[1], 1);
		return run(argv[2]);
	}
	fputs("usage: binder device|portable [PART], or binder without\n",
	      stderr);
	return 2;
}

/* A clear error, and no descriptor left. */
static void refuses(const char *path, int error, const char *why)
{
	struct ashmem_binder *binder = NULL;
	int before = dup(0), after;
	bool refused = ashmem_binder_open(&binder, path) < 0 &&
		       errno == error && !binder;

	if (!refused)
		tap_note("%s: %s", path ? path : "/dev/binder",
			 strerror(errno));
	close(before);
	after = dup(0);
	close(after);
	tap_ok(refused && before == after, "open: %s", why);
}

void test_without_binder(void)
{
	if (access("/dev/binder", F_OK) < 0)
		refuses(NULL, ENOENT, "where there is no /dev/binder");
	else
		tap_skip("open: where there is no /dev/binder",
			 "there is one");
	refuses("/nonesuch/binder", ENOENT, "at a path that is not there");
	refuses("/dev/null", ENODEV, "at another device");
	refuses("/proc/self/comm", ENODEV, "at a file");
	refuses("/proc/self", EISDIR, "at a folder");
}
