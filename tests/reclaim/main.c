// SPDX-License-Identifier: MIT
/*
 * CONTRACT.md, section 5, on the portable engine: pressure on a cgroup purges
 * what is charged there before anything in it is killed. With the real ashmemd,
 * which this program's environment names (ASHMEMD), and the real kernel.
 *
 *	reclaim [rates]
 *
 * With "rates" it only measures.
 */
#include <ashmem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cgroup.h"
#include "tap.h"
#include "tenant.h"

/* Ashmemd is started from here, and so is in no cgroup that gets tight. */
static struct ashmem_region *start_ashmemd(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "first", MIB) ||
	    ashmem_region_map(region, 0, PROT_READ | PROT_WRITE, MAP_SHARED,
			      0) == MAP_FAILED ||
	    ashmem_region_unpin(region, 0, 0)) {
		perror("reclaim: the first region");
		exit(2);
	}
	return region;
}

/* What ashmemd has said is as a rule why a test has failed. */
static void show_log(void)
{
	static const char *const files[] = {
		"/run/ashmemd/log", "/run/user/0/ashmemd/log",
		"/tmp/ashmemd-0/log",
	};
	char line[256];
	FILE *file;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		file = fopen(files[i], "re");
		if (!file)
			continue;
		while (fgets(line, sizeof(line), file))
			tap_note("%.*s", (int)strcspn(line, "\n"), line);
		fclose(file);
	}
}

/* The kernel slows a process down above memory.high; here nothing else would
 * free anything. */
static void test_high(void)
{
	struct cgroup cgroup;
	struct tenant tenant;
	int64_t time;

	cgroup_make(&cgroup, "high", 96 * MIB, 128 * MIB);
	tenant = tenant_start(&cgroup, 80 * MIB);
	tenant_fill(&tenant, 80 * MIB);
	tenant_unpin(&tenant, 4 * MIB);
	time = tenant_eat(&tenant, 72 * MIB, 32 * MIB);
	tap_ok(time >= 0, "memory.high: who takes memory past it is not killed");
	tap_note("72 MiB took %.1f s, at 32 MiB/s as planned 2.3 s",
		 time / 1e6);
	tap_ok(tenant_resident(&tenant) <= (int64_t)(40 * MIB),
	       "its region shrank, to %.1f MiB",
	       tenant_resident(&tenant) / (double)MIB);
	tap_ok(tenant_intact(&tenant, 4 * MIB) == (int64_t)(4 * MIB),
	       "what is pinned is intact");
	tap_ok(tenant_end(&tenant) && !cgroup_kills(&cgroup), "nobody killed");
	cgroup_remove(&cgroup);
}

/* Nothing warns before memory.max. Slowly, as this machine may be emulated by
 * one that is busy: ashmemd then stands still for longer than can be allowed
 * for. */
static void test_max(void)
{
	struct cgroup cgroup;
	struct tenant tenant;

	cgroup_make(&cgroup, "max", 0, 256 * MIB);
	tenant = tenant_start(&cgroup, 208 * MIB);
	tenant_fill(&tenant, 208 * MIB);
	tenant_unpin(&tenant, 4 * MIB);
	tap_ok(tenant_eat(&tenant, 80 * MIB, 8 * MIB) >= 0,
	       "memory.max: who takes memory towards it is not killed");
	tap_ok(tenant_intact(&tenant, 4 * MIB) == (int64_t)(4 * MIB),
	       "what is pinned is intact");
	tap_ok(tenant_end(&tenant) && !cgroup_kills(&cgroup), "nobody killed");
	cgroup_remove(&cgroup);
}

static void test_two(void)
{
	struct cgroup tight, roomy;
	struct tenant one, other;

	cgroup_make(&tight, "tight", 96 * MIB, 0);
	cgroup_make(&roomy, "roomy", 0, 256 * MIB);
	one = tenant_start(&tight, 64 * MIB);
	other = tenant_start(&roomy, 64 * MIB);
	/* What the other has unpinned is older: it would go first. */
	tenant_fill(&other, 64 * MIB);
	tenant_unpin(&other, 0);
	tenant_fill(&one, 64 * MIB);
	tenant_unpin(&one, 0);
	tenant_eat(&one, 64 * MIB, 32 * MIB);
	tap_ok(tenant_resident(&one) <= (int64_t)(40 * MIB),
	       "of two cgroups the tight one's region is purged");
	tap_ok(tenant_resident(&other) == (int64_t)(64 * MIB),
	       "the other's is not, though it is older");
	tap_ok(tenant_end(&one) && tenant_end(&other), "nobody killed");
	cgroup_remove(&tight);
	cgroup_remove(&roomy);
}

/* The limit of a parent is for all below it. */
static void test_parent(void)
{
	struct cgroup parent, child;
	struct tenant tenant;

	cgroup_make(&parent, "parent", 0, 256 * MIB);
	cgroup_delegate(&parent);
	cgroup_make(&child, "parent/child", 0, 0);
	tenant = tenant_start(&child, 208 * MIB);
	tenant_fill(&tenant, 208 * MIB);
	tenant_unpin(&tenant, 0);
	tap_ok(tenant_eat(&tenant, 80 * MIB, 8 * MIB) >= 0,
	       "a parent's memory.max: nobody killed");
	tenant_end(&tenant);
	cgroup_remove(&child);
	cgroup_remove(&parent);
}

/*
 * Lets one process fill a cache of 1 GiB under these limits, at @rate or as fast
 * as it can. Returns at how many MiB per second it did, or 0 if it was killed.
 */
static double try_rate(uint64_t rate, uint64_t high, uint64_t max,
		       const char *limits)
{
	double reached = 0;
	struct cgroup cgroup;
	struct tenant tenant;
	uint64_t bytes = rate * 3 < 512 * MIB ? 512 * MIB : rate * 3;
	int64_t time;

	cgroup_make(&cgroup, "rate", high, max);
	tenant = tenant_start(&cgroup, 1024 * MIB);
	time = tenant_stream(&tenant, bytes, rate);
	if (time > 0)
		reached = bytes / (double)MIB / time * 1e6;
	tap_note("%s, at most %ju MiB/s: %s %.0f MiB/s, %ju MiB in all", limits,
		 (uintmax_t)(rate / MIB), time < 0 ? "killed," : "lived, at",
		 reached, (uintmax_t)(bytes / MIB));
	tenant_end(&tenant);
	cgroup_remove(&cgroup);
	return reached;
}

static void test_rates(void)
{
	static const uint64_t rates[] = { 16, 32, 64, 128, 256, 512, 1024 };
	double held = 0, reached;

	try_rate(0, 0, 0, "no limit");
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		reached = try_rate(rates[i] * MIB, 0, 256 * MIB, "memory.max");
		if (reached > held)
			held = reached;
		/* It was killed, or cannot be any faster. */
		if (reached < rates[i] / 2)
			break;
	}
	tap_ok(held > 0, "memory.max: it keeps up with %.0f MiB/s", held);
	tap_ok(try_rate(0, 224 * MIB, 256 * MIB, "memory.high") > 0,
	       "memory.high: nobody is too fast");
}

int main(int count, char **arguments)
{
	bool all = count < 2 || strcmp(arguments[1], "rates");
	struct ashmem_region *first;

	setvbuf(stdout, NULL, _IOLBF, 0);
	setenv("ASHMEM_ENGINE", "portable", true);
	first = start_ashmemd();
	if (all) {
		test_high();
		test_max();
		test_two();
		test_parent();
	}
	test_rates();
	if (tap_failed || getenv("ASHMEM_SHOW_LOG"))
		show_log();
	ashmem_region_close(first);
	return tap_done();
}
