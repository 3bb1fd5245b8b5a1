// SPDX-License-Identifier: MIT
/*
 * CONTRACT.md, section 5: what pressure purges. A cgroup of 128 MiB, say, has
 * purgeable pages in it, and a process in it takes more memory than is left.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "area.h"
#include "cgroup.h"
#include "engine.h"
#include "meminfo.h"
#include "need.h"
#include "pressure.h"
#include "test.h"
#include "worker.h"

static size_t mib_pages(size_t mib)
{
	return mib * MIB / page;
}

/* The limit of a cgroup. */

static void at_the_limit(void)
{
	struct cgroup cgroup = cgroup_make("limit", 128 * MIB);
	struct area area = area_make(mib_pages(96));
	struct worker holder = worker_start_in(&cgroup);

	worker_fill(&holder, &area, 0, area.pages);
	worker_unpin_all(&holder, &area);
	worker_eat(&holder, 100 * MIB);
	must_be(cgroup_kills(&cgroup), 0);
	must(pages_purged(&area, 0, area.pages) >= mib_pages(64));
}

static void no_more_than_needed(void)
{
	struct cgroup cgroup = cgroup_make("steps", 128 * MIB);
	struct area area = area_make(mib_pages(96));
	struct worker holder = worker_start_in(&cgroup);
	size_t purged;

	worker_fill(&holder, &area, 0, area.pages);
	worker_unpin_all(&holder, &area);
	worker_eat(&holder, 32 * MIB);
	purged = pages_purged(&area, 0, area.pages);
	must(purged > 0);
	must(purged < area.pages / 2);
}

static void pinned_pages_stay(void)
{
	struct cgroup cgroup = cgroup_make("pinned", 128 * MIB);
	struct area area = area_make(mib_pages(96));
	struct worker holder = worker_start_in(&cgroup);

	worker_fill(&holder, &area, 0, area.pages);
	must_be(engine->unpin(area.fd, 0, 24 * MIB), 0);
	must_be(engine->unpin(area.fd, 56 * MIB, 40 * MIB), 0);
	worker_eat(&holder, 80 * MIB);
	must_be(cgroup_kills(&cgroup), 0);
	must_be(pages_purged(&area, mib_pages(24), mib_pages(56)), 0);
	must(pages_purged(&area, 0, area.pages) > 0);
}

static void touched_again(void)
{
	struct cgroup cgroup = cgroup_make("touched", 128 * MIB);
	struct area area = area_make(mib_pages(96));
	struct worker holder = worker_start_in(&cgroup);

	worker_fill(&holder, &area, 0, area.pages);
	worker_unpin_all(&holder, &area);
	must_be(engine->purge_all(area.fd), area.pages);
	worker_fill(&holder, &area, 0, area.pages);
	worker_eat(&holder, 100 * MIB);
	must_be(cgroup_kills(&cgroup), 0);
	must(area_pages_present(area.fd, area.pages * page) <= mib_pages(32));
	must_be(engine->pin(area.fd, 0, 0), 1);
}

static void again_and_again(void)
{
	struct cgroup cgroup = cgroup_make("again", 64 * MIB);
	struct area area = area_make(mib_pages(48));
	struct worker holder = worker_start_in(&cgroup);

	for (unsigned int round = 0; round < 4; round++) {
		struct worker eater = worker_start_in(&cgroup);

		worker_fill(&holder, &area, 0, area.pages);
		must_be(engine->pin(area.fd, 0, 0), round > 0);
		worker_fill(&holder, &area, 0, area.pages);
		worker_unpin_all(&holder, &area);
		worker_eat(&eater, 40 * MIB);
		worker_end(&eater);
	}
	must_be(cgroup_kills(&cgroup), 0);
	must(pages_purged(&area, 0, area.pages) > 0);
}

/* Who pays. */

static void unpinned_from_elsewhere(void)
{
	struct cgroup payer = cgroup_make("payer", 128 * MIB);
	struct cgroup other = cgroup_make("other", 128 * MIB);
	struct area area = area_make(mib_pages(96));
	struct worker toucher = worker_start_in(&payer);
	struct worker unpinner = worker_start_in(&other);

	worker_fill(&toucher, &area, 0, area.pages);
	worker_unpin_all(&unpinner, &area);
	worker_eat(&toucher, 100 * MIB);
	must_be(cgroup_kills(&payer), 0);
	must(pages_purged(&area, 0, area.pages) >= mib_pages(64));
}

static void pressure_elsewhere(void)
{
	struct cgroup payer = cgroup_make("payer", 128 * MIB);
	struct cgroup other = cgroup_make("other", 64 * MIB);
	struct area area = area_make(mib_pages(96));
	struct area others = area_make(mib_pages(40));
	struct worker toucher = worker_start_in(&payer);
	struct worker unpinner = worker_start_in(&other);

	worker_fill(&toucher, &area, 0, area.pages);
	worker_unpin_all(&unpinner, &area);
	worker_fill(&unpinner, &others, 0, others.pages);
	worker_unpin_all(&unpinner, &others);
	worker_eat(&unpinner, 40 * MIB);
	must_be(cgroup_kills(&other), 0);
	must(pages_purged(&others, 0, others.pages) > 0);
	must_be(pages_purged(&area, 0, area.pages), 0);
}

static void one_area_of_two_payers(void)
{
	struct cgroup first = cgroup_make("first", 128 * MIB);
	struct cgroup second = cgroup_make("second", 64 * MIB);
	struct area area = area_make(mib_pages(64));
	struct worker one = worker_start_in(&first);
	struct worker two = worker_start_in(&second);
	size_t purged = 0;

	worker_fill_every_second(&one, &area, 0);
	worker_fill_every_second(&two, &area, 1);
	worker_unpin_all(&one, &area);
	worker_eat(&two, 48 * MIB);
	must_be(cgroup_kills(&second), 0);
	for (size_t i = 0; i < area.pages; i += 2) {
		must_be(pages_purged(&area, i, i + 1), 0);
		purged += pages_purged(&area, i + 1, i + 2);
	}
	must(purged >= mib_pages(12));
}

static void both_halves_of_one_area(void)
{
	struct cgroup first = cgroup_make("first", 64 * MIB);
	struct cgroup second = cgroup_make("second", 64 * MIB);
	struct area area = area_make(mib_pages(80));
	struct worker one = worker_start_in(&first);
	struct worker two = worker_start_in(&second);

	worker_fill(&one, &area, 0, mib_pages(40));
	worker_fill(&two, &area, mib_pages(40), mib_pages(80));
	worker_unpin_all(&one, &area);
	worker_eat(&two, 40 * MIB);
	must_be(area_pages_present(area.fd, 40 * MIB), mib_pages(40));
	worker_eat(&one, 40 * MIB);
	must_be(cgroup_kills(&first), 0);
	must_be(cgroup_kills(&second), 0);
	must(pages_purged(&area, 0, mib_pages(40)) > 0);
	must(pages_purged(&area, mib_pages(40), mib_pages(80)) > 0);
}

/* Its own death is what it has coming; others' pages would not help it. */
static void nothing_of_its_own(void)
{
	struct cgroup rich = cgroup_make("rich", 128 * MIB);
	struct cgroup poor = cgroup_make("poor", 32 * MIB);
	struct area area = area_make(mib_pages(96));
	struct worker owner = worker_start_in(&rich);
	struct worker eater = worker_start_in(&poor);

	worker_fill(&eater, &area, 0, 1);
	worker_fill(&owner, &area, 1, area.pages);
	worker_unpin_all(&owner, &area);
	must(!worker_try_eat(&eater, 40 * MIB));
	must_be(cgroup_kills(&poor), 1);
	must_be(cgroup_kills(&rich), 0);
	must_be(pages_purged(&area, 1, area.pages), 0);
}

/* Looking for something to purge where nothing is must come to an end. */
static void nothing_but_holes(void)
{
	struct cgroup cgroup = cgroup_make("holes", 32 * MIB);
	struct area area = {
		.fd = area_open_sized((size_t)(1ull << 46)),
		.pages = 2,
	};
	struct worker eater;

	area.at = area_map(area.fd, area.pages * page, PROT_READ | PROT_WRITE,
			   MAP_SHARED);
	eater = worker_start_in(&cgroup);
	worker_fill(&eater, &area, 0, 1);
	must_be(engine->unpin64(area.fd, page, 0), 0);
	must(!worker_try_eat(&eater, 40 * MIB));
	must_be(cgroup_kills(&cgroup), 1);
	must(page_holds(area.at, 0, FILLING));
}

/* So many of the largest areas that their pages sum up to more than 2^63. */
#define LARGEST_AREAS	4200

static long unpin_largest_areas(const struct job *job)
{
	const struct rlimit files = { 2 * LARGEST_AREAS, 2 * LARGEST_AREAS };

	(void)job;
	must(!setrlimit(RLIMIT_NOFILE, &files));
	for (unsigned int i = 0; i < LARGEST_AREAS; i++) {
		int fd = area_open_sized((size_t)INT64_MAX / page * page);
		char *at = area_map(fd, page, PROT_READ | PROT_WRITE,
				    MAP_SHARED);

		*at = 1;
		must(!munmap(at, page));
		must_be(engine->unpin64(fd, page, 0), 0);
	}
	return 0;
}

static void memory_among_holes(void)
{
	struct cgroup cgroup = cgroup_make("among", 256 * MIB);
	struct area area = area_make(mib_pages(64));
	struct worker holder = worker_start_in(&cgroup);

	worker_fill(&holder, &area, 0, area.pages);
	worker_unpin_all(&holder, &area);
	must_be(worker_do(&holder, &(struct job){ unpin_largest_areas }), 0);
	worker_eat(&holder, 256 * MIB - cgroup_bytes(&cgroup) + 16 * MIB);
	must_be(cgroup_kills(&cgroup), 0);
	must(pages_purged(&area, 0, area.pages) >= mib_pages(16));
}

static void limit_of_the_parent(void)
{
	struct cgroup parent = cgroup_make("parent", 128 * MIB);
	struct cgroup payer = cgroup_make_below(&parent, "payer");
	struct cgroup other = cgroup_make_below(&parent, "other");
	struct area area = area_make(mib_pages(96));
	struct worker toucher = worker_start_in(&payer);
	struct worker eater = worker_start_in(&other);

	worker_fill(&toucher, &area, 0, area.pages);
	worker_unpin_all(&toucher, &area);
	worker_eat(&eater, 100 * MIB);
	must_be(cgroup_kills(&parent), 0);
	must(pages_purged(&area, 0, area.pages) >= mib_pages(64));
}

static void limit_of_the_parent_of_a_removed(void)
{
	struct cgroup parent = cgroup_make("parent", 128 * MIB);
	struct cgroup payer = cgroup_make_below(&parent, "payer");
	struct cgroup other = cgroup_make_below(&parent, "other");
	struct area area = area_make(mib_pages(96));
	struct worker toucher = worker_start_in(&payer);
	struct worker eater;

	worker_fill(&toucher, &area, 0, area.pages);
	worker_unpin_all(&toucher, &area);
	worker_end(&toucher);
	cgroup_remove(&payer);
	eater = worker_start_in(&other);
	worker_eat(&eater, 100 * MIB);
	must_be(cgroup_kills(&parent), 0);
	must(pages_purged(&area, 0, area.pages) >= mib_pages(64));
}

static void unpinned_after_the_removal(void)
{
	struct cgroup parent = cgroup_make("parent", 128 * MIB);
	struct cgroup payer = cgroup_make_below(&parent, "payer");
	struct cgroup other = cgroup_make_below(&parent, "other");
	struct area area = area_make(mib_pages(96));
	struct worker toucher = worker_start_in(&payer);
	struct worker eater;

	worker_fill(&toucher, &area, 0, area.pages);
	worker_end(&toucher);
	cgroup_remove(&payer);
	eater = worker_start_in(&other);
	worker_unpin_all(&eater, &area);
	worker_eat(&eater, 100 * MIB);
	must_be(cgroup_kills(&parent), 0);
	must(pages_purged(&area, 0, area.pages) >= mib_pages(64));
}

static long enter(const struct job *job)
{
	cgroup_enter((const struct cgroup *)job->at);
	return 0;
}

static void toucher_has_moved(void)
{
	struct cgroup payer = cgroup_make("payer", 128 * MIB);
	struct cgroup other = cgroup_make("other", 64 * MIB);
	struct area area = area_make(mib_pages(96));
	struct worker toucher = worker_start_in(&payer);
	struct worker eater = worker_start_in(&payer);

	worker_fill(&toucher, &area, 0, area.pages);
	worker_do(&toucher, &(struct job){ enter, .at = (char *)&other });
	worker_unpin_all(&toucher, &area);
	worker_eat(&eater, 100 * MIB);
	must_be(cgroup_kills(&payer), 0);
	must(pages_purged(&area, 0, area.pages) >= mib_pages(64));
}

/* Closed. */

static long drop(const struct job *job)
{
	area_close(job->fd);
	return 0;
}

static void closed_area_stays(void)
{
	struct cgroup cgroup = cgroup_make("closed", 128 * MIB);
	struct area closed = area_make(mib_pages(32));
	struct area open = area_make(mib_pages(64));
	struct worker holder = worker_start_in(&cgroup);

	worker_fill(&holder, &closed, 0, closed.pages);
	worker_fill(&holder, &open, 0, open.pages);
	worker_unpin_all(&holder, &closed);
	worker_unpin_all(&holder, &open);
	must(!worker_do(&holder, &(struct job){ drop, closed.fd }));
	area_close(closed.fd);
	worker_eat(&holder, 64 * MIB);
	must_be(cgroup_kills(&cgroup), 0);
	must(pages_hold(closed.at, 0, closed.pages, FILLING));
	must(pages_purged(&open, 0, open.pages) > 0);
}

/* The whole machine. */

static void set_oom_score(int score)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	must(file);
	fprintf(file, "%d\n", score);
	must(!fclose(file));
}

static long offer_to_be_killed(const struct job *job)
{
	(void)job;
	set_oom_score(1000);
	return 0;
}

/*
 * A process that is the first to be killed takes all memory that is available,
 * and three quarters of what can be purged. How much of that others free, or
 * leave below the kernel's reserves, is the kernel's business.
 */
static void must_purge_for_the_machine(const struct area *area)
{
	struct worker eater = worker_start();

	worker_do(&eater, &(struct job){ offer_to_be_killed });
	worker_eat(&eater, meminfo_kib("MemAvailable") * (size_t)1024 +
			   area->pages / 4 * 3 * page);
	worker_end(&eater);
	must(pages_purged(area, 0, area->pages) >= area->pages / 4);
}

static size_t quarter_of_memory(void)
{
	return meminfo_kib("MemAvailable") / 4 * (size_t)1024 / page;
}

static void machine(void)
{
	struct area area = area_make(quarter_of_memory());

	pages_fill(area.at, 0, area.pages, FILLING);
	must_be(engine->unpin(area.fd, 0, 0), 0);
	must_purge_for_the_machine(&area);
}

static void machine_and_cgroup(void)
{
	struct cgroup cgroup = cgroup_make("machine", 4096 * (MIB - 1));
	struct area area = area_make(quarter_of_memory());
	struct worker holder = worker_start_in(&cgroup);

	worker_fill(&holder, &area, 0, area.pages);
	worker_unpin_all(&holder, &area);
	must_purge_for_the_machine(&area);
}

static const struct test tests[] = {
	{ "5 cgroup: at memory.max its unpinned pages are purged, nobody dies",
	  at_the_limit, { need_synchronous_reclaim, need_cgroups } },
	{ "5 cgroup: a small shortage does not purge everything",
	  no_more_than_needed, { need_synchronous_reclaim, need_cgroups } },
	{ "5 cgroup: pinned pages are never purged", pinned_pages_stay,
	  { need_synchronous_reclaim, need_cgroups } },
	{ "5 cgroup: pages touched after they were purged are purged again",
	  touched_again,
	  { need_synchronous_reclaim, need_cgroups, need_purging_twice } },
	{ "5 cgroup: pinned, filled, unpinned and purged again and again",
	  again_and_again, { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: pressure in the cgroup that pays purges, whoever unpinned",
	  unpinned_from_elsewhere,
	  { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: pressure in the cgroup of the unpinner purges nothing",
	  pressure_elsewhere, { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: of an area of two payers, page for page the payer's",
	  one_area_of_two_payers,
	  { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: of an area of two payers, each one's half at its limit",
	  both_halves_of_one_area,
	  { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: a cgroup with nothing of its own ends soon, and alone",
	  nothing_of_its_own, { need_synchronous_reclaim, need_cgroups } },
	{ "5 cgroup: pages without memory keep nobody waiting",
	  nothing_but_holes,
	  { need_synchronous_reclaim, need_64_bit, need_cgroups } },
	{ "5 cgroup: pages without memory hide none that have some",
	  memory_among_holes, { need_device, need_64_bit, need_cgroups } },
	{ "5 charge: a parent's limit purges what its child pays for",
	  limit_of_the_parent, { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: a parent's limit purges what a removed child paid for",
	  limit_of_the_parent_of_a_removed,
	  { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: pages unpinned after their payer was removed",
	  unpinned_after_the_removal,
	  { need_synchronous_reclaim, need_cgroups } },
	{ "5 charge: a toucher that has moved leaves its pages behind",
	  toucher_has_moved, { need_synchronous_reclaim, need_cgroups } },
	{ "5 closed: an area without a descriptor is not purged",
	  closed_area_stays, { need_synchronous_reclaim, need_cgroups } },
	{ "5 machine: at its limit unpinned pages are purged, nobody dies",
	  machine, { need_synchronous_reclaim, need_own_machine } },
	{ "5 machine: at its limit a cgroup's unpinned pages are purged",
	  machine_and_cgroup,
	  { need_synchronous_reclaim, need_own_machine, need_cgroups } },
};

const struct test_group reclaim_tests = TEST_GROUP(tests);
