// SPDX-License-Identifier: MIT
#include "ashmemd.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

/* From where the tests stand in a build. */
#define FROM_TESTS	"/../../daemon/ashmemd"

/* The one of the whole machine is asked before any other. */
#define MACHINE_SOCKET	"/run/ashmemd/socket"

#define TEMPLATE	"/tmp/ashmem-conformance-XXXXXX"

static char directory[sizeof(TEMPLATE)];

static void look_beside_the_tests(void)
{
	char path[4096 + sizeof(FROM_TESTS)];
	ssize_t length = readlink("/proc/self/exe", path, 4096);
	char *name;

	path[length > 0 ? length : 0] = '\0';
	name = strrchr(path, '/');
	if (!name)
		return;
	strcpy(name, FROM_TESTS);
	setenv("ASHMEMD", path, 1);
}

const char *ashmemd_find(void)
{
	static char missing[4200];
	const char *path;

	if (!getenv("ASHMEMD"))
		look_beside_the_tests();
	path = getenv("ASHMEMD");
	if (!access(MACHINE_SOCKET, F_OK))
		return "an ashmemd serves the whole machine: end it first, or its clients' areas are purged and counted as well";
	if (path && !access(path, X_OK))
		return NULL;
	snprintf(missing, sizeof(missing),
		 "no ashmemd at %s: build it, or say in ASHMEMD where it is",
		 path ? path : "the place where it is built");
	return missing;
}

void ashmemd_prepare(void)
{
	strcpy(directory, TEMPLATE);
	must(mkdtemp(directory));
	setenv("XDG_RUNTIME_DIR", directory, 1);
	/* No settings but the default ones. */
	setenv("XDG_CONFIG_HOME", directory, 1);
}

static int remove_entry(const char *path, const struct stat *stat, int type,
			struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

void ashmemd_clear(void)
{
	nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
