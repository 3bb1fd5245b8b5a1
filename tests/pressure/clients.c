// SPDX-License-Identifier: MIT
/* Who is watched, when processes come, go and are moved: daemon/pressure.h. */
#include <string.h>

#include "stage.h"
#include "tap.h"
#include "test.h"

#define LIMIT	(100 * MIB)

static bool is_in(const struct stage *stage, pid_t pid, const char *expected)
{
	const char *cgroup = pressure_cgroup_of(stage->pressure, pid);

	return cgroup && expected ? !strcmp(cgroup, expected) :
	       !cgroup && !expected;
}

/* A tight cgroup "/a", and "/b" with room; nobody in them. */
static struct stage_cgroup *begin(struct stage *stage)
{
	struct stage_cgroup *tight;

	stage_set(stage, mounts_v2);
	tight = stage_cgroup(stage, "/a", 99 * MIB, 80 * MIB, "memory.max",
			     LIMIT);
	stage_cgroup(stage, "/b", 50 * MIB, 40 * MIB, "memory.max", LIMIT);
	stage_start(stage);
	return tight;
}

static void test_count(void)
{
	struct stage stage;

	begin(&stage);
	tap_ok(pressure_look(stage.pressure) == UINT64_MAX,
	       "without clients nothing is looked at");
	stage_process(&stage, 1, "/b");
	pressure_add(stage.pressure, 1);
	pressure_add(stage.pressure, 1);
	pressure_remove(stage.pressure, 1);
	tap_ok(is_in(&stage, 1, "/b"), "added twice, removed once: still there");
	pressure_remove(stage.pressure, 2);
	pressure_remove(stage.pressure, 1);
	pressure_remove(stage.pressure, 1);
	tap_ok(is_in(&stage, 1, NULL) &&
	       pressure_look(stage.pressure) == UINT64_MAX,
	       "removed twice: gone, and nothing is looked at");
	stage_clear(&stage);
}

static void test_many(void)
{
	struct stage stage;
	bool known = true;

	begin(&stage);
	for (pid_t pid = 1; pid <= 40; pid++) {
		pid_t mixed = pid * 17 % 41;

		stage_process(&stage, mixed, mixed % 2 ? "/a" : "/b");
		pressure_add(stage.pressure, mixed);
	}
	for (pid_t pid = 3; pid <= 40; pid += 3)
		pressure_remove(stage.pressure, pid);
	stage_pass(&stage, SECOND);
	for (pid_t pid = 1; pid <= 40; pid++)
		known = known && is_in(&stage, pid, pid % 3 == 0 ? NULL :
				       pid % 2 ? "/a" : "/b");
	tap_ok(known, "many come and go, in any order");
	stage_clear(&stage);
}

static void test_moved(void)
{
	struct stage stage;
	struct stage_cgroup *tight;
	uint64_t freed;

	tight = begin(&stage);
	stage_process(&stage, 1, "/b");
	pressure_add(stage.pressure, 1);
	stage_pass(&stage, 5 * SECOND);
	tap_ok(!tight->freed, "nobody is in the tight cgroup: nothing purged");
	stage_process(&stage, 1, "/a");
	stage_pass(&stage, 5 * SECOND);
	tap_ok(is_in(&stage, 1, "/a") && tight->freed,
	       "a process was moved into it: it is seen, and purged");
	stage_process(&stage, 1, "/b");
	stage_pass(&stage, 3 * SECOND);
	freed = tight->freed;
	tight->used = 99 * MIB;
	stage_publish(&stage);
	stage_pass(&stage, 3 * SECOND);
	tap_ok(tight->freed == freed, "it was moved out: no more is purged");
	stage_clear(&stage);
}

static void test_vanished(void)
{
	struct stage stage;
	struct stage_cgroup *tight;
	uint64_t freed;

	tight = begin(&stage);
	stage_process(&stage, 1, "/a");
	pressure_add(stage.pressure, 1);
	stage_pass(&stage, SECOND);
	freed = tight->freed;
	tight->path = "/elsewhere";
	tree_drop(&stage.tree, "sys/fs/cgroup/a");
	stage_pass(&stage, 10 * SECOND);
	tap_ok(freed && tight->freed == freed, "the cgroup is gone");
	tight->path = "/a";
	tight->used = 99 * MIB;
	stage_publish(&stage);
	tree_put(&stage.tree, "sys/fs/cgroup/a/memory.max", "%ju\n",
		 (uintmax_t)LIMIT);
	stage_pass(&stage, 5 * SECOND);
	tap_ok(tight->freed > freed, "it was made again");
	tree_drop(&stage.tree, "proc/1");
	tight->used = 99 * MIB;
	stage_publish(&stage);
	stage_pass(&stage, 3 * SECOND);
	tap_ok(is_in(&stage, 1, NULL), "the process is gone: no cgroup");
	stage_clear(&stage);
}

static void test_malformed(void)
{
	struct stage stage;
	struct stage_cgroup *tight;
	unsigned int looks;

	tight = begin(&stage);
	stage_process(&stage, 1, "/a");
	stage_process(&stage, 2, "/../../x");
	pressure_add(stage.pressure, 1);
	pressure_add(stage.pressure, 2);
	pressure_add(stage.pressure, 3);
	tree_put(&stage.tree, "sys/fs/cgroup/a/memory.max", "\n");
	tree_put(&stage.tree, "proc/meminfo", "nothing\n");
	looks = stage_pass(&stage, 10 * SECOND);
	tap_ok(!tight->freed && looks < 100,
	       "nothing but malformed files: no purge, no busy loop");
	tap_ok(is_in(&stage, 2, NULL) && is_in(&stage, 3, NULL),
	       "a process outside of the namespace, and a dead one");
	stage_clear(&stage);
}

static void test_machine_only(void)
{
	struct stage stage;
	struct stage_cgroup *cgroup;

	stage_set(&stage, "");
	cgroup = stage_cgroup(&stage, "/a", 50 * MIB, 40 * MIB, "memory.max",
			      0);
	stage_process(&stage, 1, "/a");
	stage.used = STAGE_TOTAL - MIB;
	stage_publish(&stage);
	stage_start(&stage);
	pressure_add(stage.pressure, 1);
	stage_pass(&stage, SECOND);
	tap_ok(cgroup->freed, "no cgroups are mounted: the machine is watched");
	stage_clear(&stage);
}

void test_clients(void)
{
	test_count();
	test_many();
	test_moved();
	test_vanished();
	test_malformed();
	test_machine_only();
}
