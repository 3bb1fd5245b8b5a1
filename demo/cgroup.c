// SPDX-License-Identifier: MIT
/* A control group of version 2 with a limit on its memory, and none of swap. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_value(const char *directory, const char *file,
		       const char *value)
{
	char path[PATH_MAX];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	written = write(fd, value, strlen(value));
	close(fd);
	return written < 0 ? -1 : 0;
}

/**
 * cgroup_make - makes a cgroup, below one that may hand on memory control
 * @path:  its directory, which must be empty of processes if it exists
 * @limit: bytes that may be charged to it
 *
 * Return: 0, or -1 with errno, and there is no cgroup.
 */
int cgroup_make(const char *path, size_t limit)
{
	char parent[PATH_MAX];
	char value[32];

	snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	if (write_value(parent, "cgroup.subtree_control", "+memory"))
		return -1;
	cgroup_remove(path);
	if (mkdir(path, 0755))
		return -1;
	snprintf(value, sizeof(value), "%zu", limit);
	if (write_value(path, "memory.max", value))
		goto remove;
	/* A kernel without swap has no such file. */
	if (write_value(path, "memory.swap.max", "0") && errno != ENOENT)
		goto remove;
	return 0;
remove:
	cgroup_remove(path);
	return -1;
}

/* Moves the calling process into the cgroup. 0, or -1 with errno. */
int cgroup_join(const char *path)
{
	return write_value(path, "cgroup.procs", "0");
}

/* Removes a cgroup that no process is in. 0, or -1 with errno. */
int cgroup_remove(const char *path)
{
	return rmdir(path);
}

/**
 * cgroup_value - a number that the kernel keeps about a cgroup
 * @path: its directory
 * @file: as "memory.current"
 * @key:  the line of a file that has several, as "oom_kill"; else NULL
 *
 * Return: the number, or -1 if there is none.
 */
long cgroup_value(const char *path, const char *file, const char *key)
{
	char name[PATH_MAX];
	char line[128];
	long value = -1;
	size_t length = key ? strlen(key) : 0;
	FILE *stream;

	snprintf(name, sizeof(name), "%s/%s", path, file);
	stream = fopen(name, "re");
	if (!stream)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), stream)) {
		if (!key)
			value = strtol(line, NULL, 10);
		else if (!strncmp(line, key, length) && line[length] == ' ')
			value = strtol(line + length, NULL, 10);
	}
	fclose(stream);
	return value;
}
