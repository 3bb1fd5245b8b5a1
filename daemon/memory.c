// SPDX-License-Identifier: MIT
#include "memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"

/* More than the files of any kernel up to now; what is sought stands early. */
#define MAX_TEXT	8192

/* Reads a file of the kernel's, which makes it at the first read. */
static int read_text(const char *path, char text[MAX_TEXT])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;
	int error;

	if (fd < 0)
		return -1;
	do {
		got = read(fd, text + length, MAX_TEXT - 1 - length);
		if (got > 0)
			length += got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	error = errno;
	close(fd);
	text[length] = '\0';
	errno = error;
	return got < 0 ? -1 : 0;
}

/* A number at the start of @text. "max" is MEMORY_UNLIMITED. */
static int parse(uint64_t *value, const char *text)
{
	char *end;

	if (!strncmp(text, "max", strlen("max"))) {
		*value = MEMORY_UNLIMITED;
		return 0;
	}
	errno = EPROTO;
	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || (*end && !isspace((unsigned char)*end))) {
		errno = EPROTO;
		return -1;
	}
	return 0;
}

/* The number in the line that begins with @key and blanks. */
static int find(uint64_t *value, const char *text, const char *key)
{
	size_t length = strlen(key);

	while (text) {
		if (!strncmp(text, key, length) &&
		    isblank((unsigned char)text[length])) {
			text += length;
			return parse(value, text + strspn(text, " \t"));
		}
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	errno = EPROTO;
	return -1;
}

static uint64_t find_or_zero(const char *text, const char *key)
{
	uint64_t value;

	return find(&value, text, key) ? 0 : value;
}

static uint64_t less(uint64_t from, uint64_t taken)
{
	return from > taken ? from - taken : 0;
}

/*
 * What lies free in the processors' own lists of pages, in bytes. The kernel
 * does not call it free, nor available, though it is as soon as memory is short.
 * Since Linux 6.7 that can be some hundred MiB for each processor; and what is
 * purged is put there first, and would seem to have changed nothing.
 */
static uint64_t free_in_lists(const char *proc)
{
	char line[256], *path;
	uint64_t pages = 0, count;
	FILE *zones;

	if (asprintf(&path, "%s/zoneinfo", proc) < 0)
		return 0;
	zones = fopen(path, "re");
	free(path);
	if (!zones)
		return 0;
	while (fgets(line, sizeof(line), zones))
		if (sscanf(line, " count: %ju", &count) == 1)
			pages += count;
	fclose(zones);
	return pages * sysconf(_SC_PAGESIZE);
}

int memory_of_machine(struct memory *memory, const char *proc)
{
	uint64_t total, available;
	char text[MAX_TEXT];
	char *path;
	int result;

	if (asprintf(&path, "%s/meminfo", proc) < 0) {
		errno = ENOMEM;
		return -1;
	}
	result = read_text(path, text);
	free(path);
	if (result || find(&total, text, "MemTotal:") ||
	    find(&available, text, "MemAvailable:"))
		return -1;
	memory->limit = total * 1024;
	memory->used = less(less(total, available) * 1024,
			    free_in_lists(proc));
	memory->shmem = find_or_zero(text, "Shmem:") * 1024;
	return 0;
}

static int read_file(char text[MAX_TEXT],
		     const struct cgroup_hierarchy *hierarchy,
		     const char *cgroup, const char *name)
{
	char *path = cgroup_file(hierarchy, cgroup, name);
	int result;

	if (!path)
		return -1;
	result = read_text(path, text);
	free(path);
	return result;
}

static int read_number(uint64_t *value,
		       const struct cgroup_hierarchy *hierarchy,
		       const char *cgroup, const char *name)
{
	char text[MAX_TEXT];

	if (read_file(text, hierarchy, cgroup, name))
		return -1;
	return parse(value, text);
}

static int read_limit(uint64_t *limit,
		      const struct cgroup_hierarchy *hierarchy,
		      const char *cgroup)
{
	/* What version 1 calls no limit: LONG_MAX in whole pages. */
	const uint64_t none = INT64_MAX / 65536 * 65536;
	uint64_t high;

	if (hierarchy->version == CGROUP_V1) {
		if (read_number(limit, hierarchy, cgroup,
				"memory.limit_in_bytes"))
			return -1;
		if (*limit >= none)
			*limit = MEMORY_UNLIMITED;
		return 0;
	}
	if (read_number(limit, hierarchy, cgroup, "memory.max"))
		return -1;
	if (!read_number(&high, hierarchy, cgroup, "memory.high") &&
	    high < *limit)
		*limit = high;
	return 0;
}

/**
 * struct names - what a version calls the same things
 * @current:  file of what is taken
 * @active:   key in memory.stat, of this cgroup and all below, as the others
 * @inactive: likewise
 * @shmem:    likewise
 */
struct names {
	const char *current;
	const char *active;
	const char *inactive;
	const char *shmem;
};

static const struct names names_v1 = {
	.current = "memory.usage_in_bytes",
	.active = "total_active_file",
	.inactive = "total_inactive_file",
	.shmem = "total_shmem",
};

static const struct names names_v2 = {
	.current = "memory.current",
	.active = "active_file",
	.inactive = "inactive_file",
	.shmem = "shmem",
};

int memory_of_cgroup(struct memory *memory,
		     const struct cgroup_hierarchy *hierarchy,
		     const char *cgroup)
{
	const struct names *names = hierarchy->version == CGROUP_V1 ?
				    &names_v1 : &names_v2;
	uint64_t current, cache;
	char text[MAX_TEXT];

	*memory = (struct memory){ .limit = MEMORY_UNLIMITED };
	if (hierarchy->version == CGROUP_NONE) {
		errno = ENOENT;
		return -1;
	}
	if (read_limit(&memory->limit, hierarchy, cgroup))
		return -1;
	if (memory->limit == MEMORY_UNLIMITED)
		return 0;
	if (read_number(&current, hierarchy, cgroup, names->current))
		return -1;
	/* Without it, all of what is taken counts. */
	if (read_file(text, hierarchy, cgroup, "memory.stat"))
		*text = '\0';
	/* Shared memory is on the anonymous lists, not on these two. */
	cache = find_or_zero(text, names->active) +
		find_or_zero(text, names->inactive);
	memory->used = less(current, cache);
	memory->shmem = find_or_zero(text, names->shmem);
	return 0;
}
