// SPDX-License-Identifier: MIT
#include "cgroup.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is @word one of the words in @list, which stand between commas? */
static bool listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (list) {
		if (!strncmp(list, word, length) &&
		    (!list[length] || list[length] == ','))
			return true;
		list = strchr(list, ',');
		if (list)
			list++;
	}
	return false;
}

static bool octal(const char *digits)
{
	for (int i = 0; i < 3; i++)
		if (digits[i] < '0' || digits[i] > '7')
			return false;
	return true;
}

/* The kernel writes blanks and backslashes in a path as \040. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; to++) {
		if (*text == '\\' && octal(text + 1)) {
			*to = (text[1] - '0') << 6 | (text[2] - '0') << 3 |
			      (text[3] - '0');
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* What a path has below @top, "" for @top itself; NULL if it is elsewhere. */
static const char *below(const char *top, const char *path)
{
	size_t length = strlen(top);

	if (!strcmp(top, "/"))
		return strcmp(path, "/") ? path : "";
	if (strncmp(top, path, length))
		return NULL;
	path += length;
	return !*path || *path == '/' ? path : NULL;
}

/* Does a namespace show this path for something outside of it? */
static bool outside(const char *path)
{
	return *path != '/' || !strcmp(path, "/..") ||
	       !strncmp(path, "/../", strlen("/../"));
}

/*
 * Takes a mount over the one that was found before if it is of version 1, or
 * the same version with more of the hierarchy in it.
 */
static int consider(struct cgroup_hierarchy *hierarchy,
		    enum cgroup_version version, const char *root,
		    const char *mount, const char *top)
{
	bool better = hierarchy->version == CGROUP_NONE ||
		      version < hierarchy->version ||
		      (version == hierarchy->version &&
		       strlen(top) < strlen(hierarchy->top));
	char *new_mount;
	char *new_top;

	if (!better || outside(top))
		return 0;
	new_top = strdup(top);
	if (!new_top)
		return -1;
	if (asprintf(&new_mount, "%s%s", root, mount) < 0) {
		free(new_top);
		errno = ENOMEM;
		return -1;
	}
	cgroup_forget(hierarchy);
	hierarchy->version = version;
	hierarchy->mount = new_mount;
	hierarchy->top = new_top;
	return 0;
}

static enum cgroup_version version_of(const char *type, const char *options)
{
	if (!strcmp(type, "cgroup2"))
		return CGROUP_V2;
	if (!strcmp(type, "cgroup") && listed(options, "memory"))
		return CGROUP_V1;
	return CGROUP_NONE;
}

/* One line of /proc/self/mountinfo; see proc_pid_mountinfo(5). */
static int consider_line(struct cgroup_hierarchy *hierarchy, const char *root,
			 const char *line)
{
	const char *rest = strstr(line, " - ");
	char *top = NULL, *mount = NULL, *type = NULL, *options = NULL;
	enum cgroup_version version;
	int result = 0;

	if (rest &&
	    sscanf(line, "%*s %*s %*s %ms %ms", &top, &mount) == 2 &&
	    sscanf(rest, " - %ms %*s %ms", &type, &options) == 2) {
		unescape(top);
		unescape(mount);
		version = version_of(type, options);
		if (version != CGROUP_NONE)
			result = consider(hierarchy, version, root, mount, top);
	}
	free(top);
	free(mount);
	free(type);
	free(options);
	return result;
}

int cgroup_find(struct cgroup_hierarchy *hierarchy, const char *proc,
		const char *root)
{
	char *path = NULL, *line = NULL;
	size_t size = 0;
	int result = 0;
	FILE *file;

	*hierarchy = (struct cgroup_hierarchy){ .proc = proc };
	if (asprintf(&path, "%s/self/mountinfo", proc) < 0) {
		errno = ENOMEM;
		return -1;
	}
	file = fopen(path, "re");
	free(path);
	if (!file)
		return 0;
	while (!result && getline(&line, &size, file) > 0)
		result = consider_line(hierarchy, root, line);
	free(line);
	fclose(file);
	return result;
}

void cgroup_forget(struct cgroup_hierarchy *hierarchy)
{
	free(hierarchy->mount);
	free(hierarchy->top);
	hierarchy->mount = NULL;
	hierarchy->top = NULL;
	hierarchy->version = CGROUP_NONE;
}

/*
 * The path in a line of /proc/PID/cgroup, "NUMBER:CONTROLLERS:PATH", if the
 * line is of the memory controller's hierarchy; else NULL.
 */
static const char *path_in(char *line, enum cgroup_version version)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;
	bool ours;

	if (!path)
		return NULL;
	*controllers++ = '\0';
	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	if (version == CGROUP_V1)
		ours = listed(controllers, "memory");
	else
		ours = !strcmp(line, "0") && !*controllers;
	return ours ? path : NULL;
}

/* The name that this program has for what the kernel calls @path. */
static char *name_of(const struct cgroup_hierarchy *hierarchy, const char *path)
{
	const char *name = outside(path) ? NULL : below(hierarchy->top, path);

	if (!name) {
		errno = ENXIO;
		return NULL;
	}
	return strdup(*name ? name : "/");
}

static char *read_cgroup(const struct cgroup_hierarchy *hierarchy, FILE *file)
{
	const char *path = NULL;
	char *line = NULL, *name;
	size_t size = 0;

	errno = 0;
	while (!path && getline(&line, &size, file) > 0)
		path = path_in(line, hierarchy->version);
	if (path) {
		name = name_of(hierarchy, path);
	} else {
		name = NULL;
		if (!errno)
			errno = ENXIO;
	}
	free(line);
	return name;
}

char *cgroup_of(const struct cgroup_hierarchy *hierarchy, pid_t pid)
{
	char *path, *name;
	int error;
	FILE *file;

	if (hierarchy->version == CGROUP_NONE) {
		errno = ENXIO;
		return NULL;
	}
	if (asprintf(&path, "%s/%jd/cgroup", hierarchy->proc,
		     (intmax_t)pid) < 0) {
		errno = ENOMEM;
		return NULL;
	}
	file = fopen(path, "re");
	free(path);
	if (!file)
		return NULL;
	name = read_cgroup(hierarchy, file);
	error = errno;
	fclose(file);
	errno = error;
	return name;
}

char *cgroup_file(const struct cgroup_hierarchy *hierarchy, const char *cgroup,
		  const char *name)
{
	const char *inner = below("/", cgroup);
	char *path;

	if (asprintf(&path, "%s%s/%s", hierarchy->mount, inner, name) < 0) {
		errno = ENOMEM;
		return NULL;
	}
	return path;
}

bool cgroup_to_parent(char *cgroup)
{
	char *slash = strrchr(cgroup, '/');

	if (!slash || !slash[1])
		return false;
	slash[slash == cgroup] = '\0';
	return true;
}

bool cgroup_contains(const char *cgroup, const char *other)
{
	return below(cgroup, other);
}
