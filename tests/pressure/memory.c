// SPDX-License-Identifier: MIT
/* How full a cgroup is, and the machine: daemon/memory.h. */
#include "memory.h"

#include <errno.h>
#include <unistd.h>

#include "cgroup.h"
#include "tap.h"
#include "test.h"
#include "tree.h"

#define V1	"sys/fs/cgroup/memory/"
#define V2	"sys/fs/cgroup/"

static int read_cgroup(const struct tree *tree, const char *mounts,
		       struct memory *memory)
{
	struct cgroup_hierarchy hierarchy;
	int result;

	tree_put(tree, "proc/self/mountinfo", "%s", mounts);
	cgroup_find(&hierarchy, tree->proc, tree->root);
	result = memory_of_cgroup(memory, &hierarchy, "/a");
	cgroup_forget(&hierarchy);
	return result;
}

static void test_v2(void)
{
	struct memory memory;
	struct tree tree;

	tree_make(&tree);
	tap_ok(read_cgroup(&tree, mounts_v2, &memory) && errno == ENOENT,
	       "a vanished cgroup: ENOENT");
	tree_put(&tree, V2 "a/memory.max", "max\n");
	tap_ok(!read_cgroup(&tree, mounts_v2, &memory) &&
	       memory.limit == MEMORY_UNLIMITED, "version 2, no limit");
	tree_put(&tree, V2 "a/memory.max", "1000\n");
	tree_put(&tree, V2 "a/memory.current", "700\n");
	tap_ok(!read_cgroup(&tree, mounts_v2, &memory) &&
	       memory.limit == 1000 && memory.used == 700,
	       "version 2, memory.max; without memory.stat all counts");
	tree_put(&tree, V2 "a/memory.high", "900\n");
	tree_put(&tree, V2 "a/memory.stat", "anon 1\nfile 500\nshmem 300\n"
		 "inactive_anon 300\nactive_file 150\ninactive_file 50\n");
	tap_ok(!read_cgroup(&tree, mounts_v2, &memory) && memory.limit == 900,
	       "version 2, memory.high is nearer");
	tap_ok(memory.used == 500 && memory.shmem == 300,
	       "version 2, file cache is not taken, shared memory is");
	tree_put(&tree, V2 "a/memory.high", "2000\n");
	tap_ok(!read_cgroup(&tree, mounts_v2, &memory) && memory.limit == 1000,
	       "version 2, memory.max is nearer");
	tree_remove(&tree);
}

static void test_v1(void)
{
	struct memory memory;
	struct tree tree;

	tree_make(&tree);
	tree_put(&tree, V1 "a/memory.limit_in_bytes", "9223372036854771712\n");
	tap_ok(!read_cgroup(&tree, mounts_v1, &memory) &&
	       memory.limit == MEMORY_UNLIMITED, "version 1, no limit");
	tree_put(&tree, V1 "a/memory.limit_in_bytes", "1000\n");
	tree_put(&tree, V1 "a/memory.usage_in_bytes", "700\n");
	tree_put(&tree, V1 "a/memory.stat", "active_file 1\ninactive_file 1\n"
		 "total_active_file 150\ntotal_inactive_file 50\n"
		 "total_shmem 300\n");
	tap_ok(!read_cgroup(&tree, mounts_v1, &memory) &&
	       memory.limit == 1000 && memory.used == 500 &&
	       memory.shmem == 300, "version 1, of all below it");
	tree_remove(&tree);
}

static bool refused(const struct tree *tree, const char *file,
		    const char *text)
{
	struct memory memory;

	tree_put(tree, file, "%s", text);
	return read_cgroup(tree, mounts_v2, &memory) && errno == EPROTO;
}

static void test_malformed(void)
{
	struct memory memory;
	struct tree tree;

	tree_make(&tree);
	tap_ok(refused(&tree, V2 "a/memory.max", "") &&
	       refused(&tree, V2 "a/memory.max", "-1\n") &&
	       refused(&tree, V2 "a/memory.max", "12x\n") &&
	       refused(&tree, V2 "a/memory.max", "99999999999999999999\n"),
	       "a malformed limit: EPROTO");
	tree_put(&tree, V2 "a/memory.max", "100\n");
	tap_ok(refused(&tree, V2 "a/memory.current", "many\n"),
	       "a malformed number of what is taken: EPROTO");
	tree_put(&tree, V2 "a/memory.current", "70\n");
	tree_put(&tree, V2 "a/memory.high", "?\n");
	tree_put(&tree, V2 "a/memory.stat", "active_file\ninactive_file x\n");
	tap_ok(!read_cgroup(&tree, mounts_v2, &memory) && memory.limit == 100 &&
	       memory.used == 70, "what else is malformed is done without");
	tree_put(&tree, V2 "a/memory.stat", "active_file 100\n");
	tap_ok(!read_cgroup(&tree, mounts_v2, &memory) && !memory.used,
	       "more file cache than is taken at all leaves nothing");
	tree_remove(&tree);
}

static void test_machine(void)
{
	struct memory memory;
	struct tree tree;

	tree_make(&tree);
	tree_put(&tree, "proc/meminfo", "MemTotal:        1000 kB\n"
		 "MemFree: 1 kB\nMemAvailable:     300 kB\nShmem: 50 kB\n");
	tap_ok(!memory_of_machine(&memory, tree.proc) &&
	       memory.limit == 1000 * 1024 && memory.used == 700 * 1024 &&
	       memory.shmem == 50 * 1024, "the machine's memory");
	tree_put(&tree, "proc/zoneinfo", "Node 0, zone   Normal\n"
		 "  pages free     5\n  pagesets\n"
		 "    cpu: 0\n              count:    2\n"
		 "              high:     100\n"
		 "    cpu: 1\n              count:    3\n");
	tap_ok(!memory_of_machine(&memory, tree.proc) &&
	       memory.used == 700 * 1024 - 5 * (uint64_t)sysconf(_SC_PAGESIZE),
	       "what is in the processors' lists is free as well");
	tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
	tap_ok(memory_of_machine(&memory, tree.proc) && errno == EPROTO,
	       "without MemAvailable: EPROTO");
	tree_remove(&tree);
}

void test_memory(void)
{
	test_v2();
	test_v1();
	test_malformed();
	test_machine();
}
