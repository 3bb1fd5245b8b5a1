// SPDX-License-Identifier: MIT
/*
 * On the device: the programs are in a cgroup, as in a container. At its limit
 * the kernel purges, as part of its own reclaim.
 */
#include "shortage.h"

#include "cgroup.h"
#include "telling.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CGROUP		"/sys/fs/cgroup/ashmem-demo"

static size_t in_cgroup(const char *file, const char *key)
{
	long value = cgroup_value(CGROUP, file, key);

	if (value < 0)
		fail("%s/%s has no %s", CGROUP, file, key ? key : "number");
	return (size_t)value;
}

static void prepare(void)
{
	if (cgroup_make(CGROUP, LIMIT))
		fail("cannot make the cgroup %s: %s: be root, with cgroups of "
		     "version 2 mounted at /sys/fs/cgroup", CGROUP,
		     strerror(errno));
}

static void introduce(void)
{
	printf("Some programs share a limit of %zu MiB, as in a container, and "
	       "will want more.\n"
	       "Ordinarily the kernel then has to kill one of them. But here "
	       "one keeps a cache\n"
	       "that it can make again, in ashmem: the kernel may take that, "
	       "and says so.\n"
	       "\n"
	       INDENT "engine: the device /dev/ashmem    who purges: the "
	       "kernel, in its reclaim\n", mib(LIMIT));
}

/* It is confined from the beginning. */
static void confine(size_t used)
{
	(void)used;
}

static void explain(void)
{
}

static size_t used(struct actor *const *actors, size_t count, size_t resident)
{
	(void)actors;
	(void)count;
	(void)resident;
	return in_cgroup("memory.current", NULL);
}

static void relieve(void)
{
}

static void check(void)
{
	if (in_cgroup("memory.events", "oom_kill"))
		fail("the kernel has killed for want of memory");
}

static void judge(void)
{
	printf(INDENT "All three live. memory.events: max %zu (limit met), "
	       "oom_kill %zu (killed)\n", in_cgroup("memory.events", "max"),
	       in_cgroup("memory.events", "oom_kill"));
}

static void blame(void)
{
}

static void conclude(void)
{
}

static void clear(void)
{
	cgroup_remove(CGROUP);
}

const struct shortage shortage_in_cgroup = {
	.purger = "the kernel",
	.terms = ", without swap",
	.tries = 1,
	.cgroup = CGROUP,
	.prepare = prepare,
	.introduce = introduce,
	.confine = confine,
	.explain = explain,
	.used = used,
	.relieve = relieve,
	.check = check,
	.blame = blame,
	.judge = judge,
	.conclude = conclude,
	.clear = clear,
};
