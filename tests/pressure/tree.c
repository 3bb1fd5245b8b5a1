// SPDX-License-Identifier: MIT
#include "tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char mounts_v2[] =
	"22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
	"29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";

const char mounts_v1[] =
	"31 23 0:28 / /sys/fs/cgroup/cpu rw shared:4 - cgroup cgroup rw,cpu\n"
	"35 23 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

const char mounts_hybrid[] =
	"41 23 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
	"35 23 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

static void must(int succeeded, const char *what)
{
	if (succeeded)
		return;
	fprintf(stderr, "pressure: %s: %s\n", what, strerror(errno));
	exit(2);
}

void tree_make(struct tree *tree)
{
	strcpy(tree->root, "/tmp/ashmem-pressure-XXXXXX");
	must(!!mkdtemp(tree->root), tree->root);
	snprintf(tree->proc, sizeof(tree->proc), "%s/proc", tree->root);
}

static int drop(const char *path, const struct stat *stat, int type,
		struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	must(!remove(path), path);
	return 0;
}

void tree_remove(struct tree *tree)
{
	must(!nftw(tree->root, drop, 8, FTW_DEPTH | FTW_PHYS), tree->root);
}

void tree_drop(const struct tree *tree, const char *path)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%s/%s", tree->root, path);
	must(!nftw(whole, drop, 8, FTW_DEPTH | FTW_PHYS), whole);
}

static void make_directories(const struct tree *tree, char *whole)
{
	char *slash = whole + strlen(tree->root);

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		must(!mkdir(whole, 0755) || errno == EEXIST, whole);
		*slash = '/';
	}
}

void tree_put(const struct tree *tree, const char *path, const char *text,
	      ...)
{
	char whole[512];
	va_list arguments;
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", tree->root, path);
	make_directories(tree, whole);
	file = fopen(whole, "we");
	must(!!file, whole);
	va_start(arguments, text);
	vfprintf(file, text, arguments);
	va_end(arguments);
	must(!fclose(file), whole);
}
