// SPDX-License-Identifier: MIT
#include "cgroup.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

#define ROOT	"/sys/fs/cgroup"
#define OURS	ROOT "/ashmem-conformance"

static long put(const char *directory, const char *file, const char *text)
{
	char path[256];
	ssize_t length = strlen(text);
	long result;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	result = or_errno(write(fd, text, length));
	close(fd);
	return result == length ? 0 : result;
}

static void get(const char *directory, const char *file, char *text,
		size_t size)
{
	char path[256];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_RDONLY);
	must(fd >= 0);
	length = read(fd, text, size - 1);
	must(length >= 0);
	text[length] = '\0';
	close(fd);
}

/**
 * cgroup_missing - can there be cgroups with a limit on memory here?
 *
 * Return: NULL, or why not.
 */
const char *cgroup_missing(void)
{
	char controllers[256];

	if (access(ROOT "/cgroup.controllers", R_OK))
		return "no cgroup version 2 at " ROOT;
	get(ROOT, "cgroup.controllers", controllers, sizeof(controllers));
	if (!strstr(controllers, "memory"))
		return "cgroups at " ROOT " have no memory controller";
	if (put(ROOT, "cgroup.subtree_control", "+memory"))
		return "the memory controller at " ROOT " cannot be handed on";
	return NULL;
}

static void set_limit(const struct cgroup *cgroup, size_t limit)
{
	char text[32];
	long error;

	snprintf(text, sizeof(text), "%zu", limit);
	must_be(put(cgroup->path, "memory.max", text), 0);
	/* Memory that can be swapped out need not be purged. */
	error = put(cgroup->path, "memory.swap.max", "0");
	must(!error || error == -ENOENT);
}

/**
 * cgroup_make - a new cgroup
 * @name:  of one test
 * @limit: in bytes; at this, somebody in it is killed
 */
struct cgroup cgroup_make(const char *name, size_t limit)
{
	struct cgroup cgroup;

	must_be(put(ROOT, "cgroup.subtree_control", "+memory"), 0);
	if (mkdir(OURS, 0755))
		must_be(-errno, -EEXIST);
	must_be(put(OURS, "cgroup.subtree_control", "+memory"), 0);
	snprintf(cgroup.path, sizeof(cgroup.path), OURS "/%s", name);
	must(!mkdir(cgroup.path, 0755));
	set_limit(&cgroup, limit);
	return cgroup;
}

/**
 * cgroup_make_below - a new cgroup, with no limit but its parent's
 * @parent: may have no processes from now on
 * @name:   of one test
 */
struct cgroup cgroup_make_below(const struct cgroup *parent, const char *name)
{
	struct cgroup cgroup;
	int length;

	must_be(put(parent->path, "cgroup.subtree_control", "+memory"), 0);
	length = snprintf(cgroup.path, sizeof(cgroup.path), "%s/%s",
			  parent->path, name);
	must(length < (int)sizeof(cgroup.path));
	must(!mkdir(cgroup.path, 0755));
	return cgroup;
}

/**
 * cgroup_enter - move the calling process
 * @cgroup: there
 */
void cgroup_enter(const struct cgroup *cgroup)
{
	must_be(put(cgroup->path, "cgroup.procs", "0"), 0);
}

/**
 * cgroup_remove - remove a cgroup that no process is in
 * @cgroup: the cgroup; memory may be left in it
 */
void cgroup_remove(const struct cgroup *cgroup)
{
	must(!rmdir(cgroup->path));
}

static int remove_directory(const char *path, const struct stat *stat,
			    int type, struct FTW *ftw)
{
	(void)stat;
	(void)ftw;
	if (type == FTW_DP)
		rmdir(path);
	return 0;
}

/**
 * cgroup_clear - remove all that a test has made
 *
 * Its processes must be gone.
 */
void cgroup_clear(void)
{
	nftw(OURS, remove_directory, 8, FTW_DEPTH | FTW_PHYS);
}

/**
 * cgroup_bytes - the memory charged to a cgroup
 * @cgroup: the cgroup
 */
size_t cgroup_bytes(const struct cgroup *cgroup)
{
	char text[32];

	get(cgroup->path, "memory.current", text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/**
 * cgroup_kills - how many processes were killed for want of memory
 * @cgroup: in it, or below it
 */
long cgroup_kills(const struct cgroup *cgroup)
{
	char text[512];
	const char *line;

	get(cgroup->path, "memory.events", text, sizeof(text));
	line = strstr(text, "oom_kill ");
	must(line);
	return strtol(line + strlen("oom_kill "), NULL, 10);
}
