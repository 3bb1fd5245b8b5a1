// SPDX-License-Identifier: MIT
/* Which cgroup a process is in: daemon/cgroup.h. */
#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "test.h"
#include "tree.h"

/* What cgroup_of() answers with these two files; NULL is for an error. */
static bool is_in(const char *mounts, const char *cgroups, const char *expected)
{
	struct cgroup_hierarchy hierarchy;
	struct tree tree;
	char *cgroup;
	bool same;

	tree_make(&tree);
	tree_put(&tree, "proc/self/mountinfo", "%s", mounts);
	tree_put(&tree, "proc/7/cgroup", "%s", cgroups);
	cgroup_find(&hierarchy, tree.proc, tree.root);
	cgroup = cgroup_of(&hierarchy, 7);
	same = cgroup && expected ? !strcmp(cgroup, expected) :
	       !cgroup && !expected;
	if (!same)
		tap_note("it is %s", cgroup ? cgroup : "not known");
	free(cgroup);
	cgroup_forget(&hierarchy);
	tree_remove(&tree);
	return same;
}

static void test_versions(void)
{
	tap_ok(is_in(mounts_v2, "0::/a/b\n", "/a/b"), "version 2");
	tap_ok(is_in(mounts_v1, "4:cpu:/c\n3:hugetlb,memory:/a/b\n0::/\n",
		     "/a/b"), "version 1, with another controller beside it");
	tap_ok(is_in(mounts_hybrid, "4:memory:/one\n0::/two\n", "/one"),
	       "both, the memory controller in version 1");
	tap_ok(is_in("31 1 0:28 / /sys/fs/cgroup/cpu rw - cgroup c rw,cpu\n"
		     "41 1 0:38 / /sys/fs/cgroup/unified rw - cgroup2 c rw\n",
		     "4:cpu:/one\n0::/two\n", "/two"),
	       "both, the memory controller in version 2");
	tap_ok(is_in("22 1 0:21 / /proc rw - proc proc rw\n", "0::/a\n", NULL),
	       "no cgroups are mounted: not known");
	tap_ok(is_in(mounts_v2, "0::/a:b/c d\n", "/a:b/c d"),
	       "a colon and a blank in a cgroup's name");
}

static void test_outside(void)
{
	const char part[] =
		"29 1 0:26 /pod/x /sys/fs/cgroup rw - cgroup2 c rw\n";

	tap_ok(is_in(mounts_v2, "0::/../..\n", NULL),
	       "outside of the namespace: not known");
	tap_ok(is_in(mounts_v2, "0::/../x\n", NULL),
	       "beside the namespace's root: not known");
	tap_ok(is_in(mounts_v2, "0::/..x\n", "/..x"),
	       "a name that only begins like that");
	tap_ok(is_in(part, "0::/pod/x/y\n", "/y"),
	       "of a mounted part, what is below it");
	tap_ok(is_in(part, "0::/pod/x\n", "/"), "the root of a mounted part");
	tap_ok(is_in(part, "0::/pod/xy\n", NULL),
	       "beside a mounted part: not known");
}

static void test_malformed(void)
{
	tap_ok(is_in("\n - \nx y\n1 2 3 / - cgroup2\n", "0::/a\n", NULL),
	       "malformed mountinfo: not known");
	tap_ok(is_in(mounts_v2, "", NULL), "an empty list of cgroups");
	tap_ok(is_in(mounts_v2, "0:\n:\n\n0::\nx", NULL),
	       "a malformed list of cgroups");
}

static void test_dead(void)
{
	struct cgroup_hierarchy hierarchy;
	struct tree tree;
	char *cgroup;

	tree_make(&tree);
	tree_put(&tree, "proc/self/mountinfo", "%s", mounts_v2);
	cgroup_find(&hierarchy, tree.proc, tree.root);
	cgroup = cgroup_of(&hierarchy, 7);
	tap_ok(!cgroup && errno == ENOENT, "of a dead process: ENOENT");
	cgroup_forget(&hierarchy);
	tree_remove(&tree);
}

static void test_paths(void)
{
	struct cgroup_hierarchy hierarchy = { .mount = "/m", .top = "/" };
	char path[] = "/a/b", *inner, *root;

	tap_ok(cgroup_contains("/", "/") && cgroup_contains("/", "/a") &&
	       cgroup_contains("/a", "/a") && cgroup_contains("/a", "/a/b"),
	       "a cgroup contains itself, and what is below it");
	tap_ok(!cgroup_contains("/a", "/") && !cgroup_contains("/a", "/ab") &&
	       !cgroup_contains("/a/b", "/a"),
	       "and nothing above or beside it");
	tap_ok(cgroup_to_parent(path) && !strcmp(path, "/a") &&
	       cgroup_to_parent(path) && !strcmp(path, "/") &&
	       !cgroup_to_parent(path), "from parent to parent, up to the root");
	inner = cgroup_file(&hierarchy, "/a", "f");
	root = cgroup_file(&hierarchy, "/", "f");
	tap_ok(!strcmp(inner, "/m/a/f") && !strcmp(root, "/m/f"),
	       "where its files are");
	free(inner);
	free(root);
}

void test_cgroup(void)
{
	test_versions();
	test_outside();
	test_malformed();
	test_dead();
	test_paths();
}
