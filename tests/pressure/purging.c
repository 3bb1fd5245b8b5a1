// SPDX-License-Identifier: MIT
/* Where and how much is purged: daemon/scope.h, by way of daemon/pressure.h. */
#include "stage.h"
#include "tap.h"
#include "test.h"

#define LIMIT	(100 * MIB)

/* A process 1 in "/a" that has @used of LIMIT, most of that unpinned. */
static struct stage_cgroup *begin(struct stage *stage, uint64_t used)
{
	struct stage_cgroup *cgroup;

	stage_set(stage, mounts_v2);
	stage->settings.keep_available.percent = 10;
	cgroup = stage_cgroup(stage, "/a", used, 80 * MIB, "memory.max", LIMIT);
	stage_process(stage, 1, "/a");
	stage_start(stage);
	pressure_add(stage->pressure, 1);
	return cgroup;
}

static void test_room(void)
{
	struct stage stage;
	unsigned int looks;

	begin(&stage, LIMIT / 2);
	looks = stage_pass(&stage, 10 * SECOND);
	tap_ok(!stage.calls, "nothing is purged while there is room");
	tap_ok(looks >= 10 && looks <= 400, "looks in ten seconds: %u", looks);
	stage_clear(&stage);
}

static void test_tight(void)
{
	struct stage stage;
	struct stage_cgroup *tight, *other;

	tight = begin(&stage, 98 * MIB);
	other = stage_cgroup(&stage, "/b", LIMIT / 2, 40 * MIB, "memory.max",
			     LIMIT);
	stage_process(&stage, 2, "/b");
	pressure_add(stage.pressure, 2);
	stage_pass(&stage, SECOND);
	tap_ok(tight->used <= 90 * MIB && tight->used >= 85 * MIB,
	       "a tight cgroup is purged until there is room, no further");
	tap_ok(stage.largest <= MIB, "in steps");
	tap_ok(!other->freed && !stage.machine, "and nothing elsewhere");
	tight->used += 4 * MIB;
	stage_publish(&stage);
	stage_pass(&stage, SECOND);
	tap_ok(tight->used <= 90 * MIB, "again when it gets tight again");
	stage_clear(&stage);
}

static void test_high(void)
{
	struct stage stage;
	struct stage_cgroup *cgroup;

	cgroup = begin(&stage, LIMIT / 2);
	tree_put(&stage.tree, "sys/fs/cgroup/a/memory.high", "%ju\n",
		 (uintmax_t)(40 * MIB));
	stage_pass(&stage, 2 * SECOND);
	tap_ok(cgroup->used <= 36 * MIB, "memory.high is a limit as well");
	stage_clear(&stage);
}

static void test_v1(void)
{
	struct stage stage;
	struct stage_cgroup *cgroup;

	stage_set(&stage, mounts_hybrid);
	stage.settings.keep_available.bytes = 10 * MIB;
	cgroup = stage_cgroup(&stage, "/a", 98 * MIB, 80 * MIB,
			      "memory.limit_in_bytes", LIMIT);
	stage_process(&stage, 1, "/a");
	stage_start(&stage);
	pressure_add(stage.pressure, 1);
	stage_pass(&stage, SECOND);
	tap_ok(cgroup->used <= 90 * MIB && cgroup->used >= 85 * MIB,
	       "version 1, and room given in bytes");
	stage_clear(&stage);
}

static void test_nested(void)
{
	struct stage stage;
	struct stage_cgroup *parent, *child, *sibling;

	stage_set(&stage, mounts_v2);
	stage.settings.keep_available.percent = 10;
	parent = stage_cgroup(&stage, "/a", 98 * MIB, 0, "memory.max", LIMIT);
	child = stage_cgroup(&stage, "/a/b", 20 * MIB, 2 * MIB, "memory.max",
			     LIMIT);
	sibling = stage_cgroup(&stage, "/a/c", 70 * MIB, 60 * MIB, "memory.max",
			       0);
	stage_process(&stage, 1, "/a/b");
	stage_process(&stage, 2, "/a/c");
	stage_start(&stage);
	pressure_add(stage.pressure, 1);
	pressure_add(stage.pressure, 2);
	stage_pass(&stage, SECOND);
	tap_ok(parent->used <= 90 * MIB && child->freed && sibling->freed,
	       "a parent that is tighter: all below it are purged");
	stage_clear(&stage);
}

static void test_inner_first(void)
{
	struct stage stage;
	struct stage_cgroup *parent, *child, *sibling;

	stage_set(&stage, mounts_v2);
	stage.settings.keep_available.percent = 10;
	parent = stage_cgroup(&stage, "/a", 98 * MIB, 0, "memory.max", LIMIT);
	sibling = stage_cgroup(&stage, "/a/c", 40 * MIB, 40 * MIB, "memory.max",
			       0);
	child = stage_cgroup(&stage, "/a/b", 58 * MIB, 50 * MIB, "memory.max",
			     50 * MIB);
	stage_process(&stage, 1, "/a/b");
	stage_process(&stage, 2, "/a/c");
	stage_start(&stage);
	pressure_add(stage.pressure, 2);
	pressure_add(stage.pressure, 1);
	stage_pass(&stage, SECOND);
	tap_ok(child->freed && parent->used <= 90 * MIB && !sibling->freed,
	       "both tight: what the inner one gives is enough for the outer");
	stage_clear(&stage);
}

static void test_machine(void)
{
	struct stage stage;
	struct stage_cgroup *cgroup;

	cgroup = begin(&stage, LIMIT / 2);
	cgroup->unpinned = 0;
	stage_pass(&stage, SECOND);
	stage.used = STAGE_TOTAL - STAGE_TOTAL / 10 + MIB;
	cgroup->unpinned = 40 * MIB;
	stage_publish(&stage);
	stage_pass(&stage, 2 * SECOND);
	tap_ok(cgroup->freed && stage.machine == stage.calls,
	       "the machine is tight: purged wherever it is oldest");
	stage_clear(&stage);
}

static void test_empty(void)
{
	struct stage stage;
	struct stage_cgroup *cgroup;
	unsigned int calls;

	cgroup = begin(&stage, 98 * MIB);
	cgroup->unpinned = 0;
	pressure_look(stage.pressure);
	tap_ok(stage.calls == 2, "nothing to purge: asked twice");
	stage_pass(&stage, 10 * SECOND);
	calls = stage.calls;
	tap_ok(calls > 20 && calls < 500, "then seldom: %u times in 10 s",
	       calls);
	cgroup->unpinned = 50 * MIB;
	stage_pass(&stage, SECOND / 5);
	tap_ok(cgroup->used <= 90 * MIB, "what is unpinned then is purged");
	stage_clear(&stage);
}

static void test_elsewhere(void)
{
	struct stage stage;
	struct stage_cgroup *cgroup;

	cgroup = begin(&stage, 98 * MIB);
	stage.elsewhere = true;
	stage_pass(&stage, SECOND);
	tap_ok(cgroup->freed && cgroup->freed <= 10 * MIB,
	       "charged elsewhere: %ju MiB are purged in vain, not all",
	       (uintmax_t)(cgroup->freed / MIB));
	stage_pass(&stage, 20 * SECOND);
	tap_ok(cgroup->freed <= 14 * MIB, "then a step now and then: %ju MiB",
	       (uintmax_t)(cgroup->freed / MIB));
	stage.elsewhere = false;
	stage_pass(&stage, 20 * SECOND);
	tap_ok(cgroup->used <= 90 * MIB, "and all that is needed once it helps");
	stage_clear(&stage);
}

static void test_quota(void)
{
	struct stage stage;
	struct stage_cgroup *cgroup;

	cgroup = begin(&stage, 98 * MIB);
	stage.settings.most_per_second = 2 * MIB;
	stage_pass(&stage, SECOND);
	tap_ok(cgroup->freed >= 2 * MIB && cgroup->freed <= 4 * MIB,
	       "no more in a second than is allowed");
	stage_pass(&stage, 9 * SECOND);
	tap_ok(cgroup->used <= 90 * MIB, "it takes longer, and is done");
	stage_clear(&stage);
}

void test_purging(void)
{
	test_room();
	test_tight();
	test_high();
	test_v1();
	test_nested();
	test_inner_first();
	test_machine();
	test_empty();
	test_elsewhere();
	test_quota();
}
