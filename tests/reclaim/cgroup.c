// SPDX-License-Identifier: MIT
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT	"/sys/fs/cgroup"

static void fail(const char *what)
{
	fprintf(stderr, "reclaim: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Returns false if there is no such file. */
static bool put(const char *directory, const char *file, const char *text)
{
	char path[256];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return false;
	written = fd < 0 ? -1 : write(fd, text, strlen(text));
	if (written < 0)
		fail(path);
	close(fd);
	return true;
}

static void limit(const struct cgroup *cgroup, const char *file,
		  uint64_t bytes)
{
	char text[32];

	if (!bytes)
		return;
	snprintf(text, sizeof(text), "%" PRIu64, bytes);
	put(cgroup->path, file, text);
}

void cgroup_make(struct cgroup *cgroup, const char *name, uint64_t high,
		 uint64_t max)
{
	put(ROOT, "cgroup.subtree_control", "+memory");
	snprintf(cgroup->path, sizeof(cgroup->path), ROOT "/%s", name);
	if (mkdir(cgroup->path, 0755))
		fail(cgroup->path);
	limit(cgroup, "memory.high", high);
	limit(cgroup, "memory.max", max);
	put(cgroup->path, "memory.swap.max", "0");
}

void cgroup_delegate(const struct cgroup *cgroup)
{
	put(cgroup->path, "cgroup.subtree_control", "+memory");
}

void cgroup_enter(const struct cgroup *cgroup)
{
	put(cgroup->path, "cgroup.procs", "0");
}

void cgroup_remove(const struct cgroup *cgroup)
{
	if (rmdir(cgroup->path))
		fail(cgroup->path);
}

uint64_t cgroup_number(const struct cgroup *cgroup, const char *file,
		       const char *key)
{
	char path[256], line[256];
	size_t length = strlen(key);
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", cgroup->path, file);
	stream = fopen(path, "re");
	if (!stream)
		fail(path);
	while (fgets(line, sizeof(line), stream)) {
		if (strncmp(line, key, length) ||
		    (length && line[length] != ' '))
			continue;
		fclose(stream);
		return strtoull(line + length, NULL, 10);
	}
	errno = EPROTO;
	fail(path);
	return 0;
}

uint64_t cgroup_kills(const struct cgroup *cgroup)
{
	return cgroup_number(cgroup, "memory.events", "oom_kill");
}
