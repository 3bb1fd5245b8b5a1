// SPDX-License-Identifier: MIT
/* What is purged when all is to be, and what is not. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "holdmap.h"
#include "loss.h"
#include "peer.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

#define PAGES	1000

/* Is a page all zeros, or all as it was written? */
static bool has(const struct peer_region *region, uint64_t page, char content)
{
	const char *memory = region->memory + page * PEER_PAGE;

	for (int i = 0; i < PEER_PAGE; i++)
		if (memory[i] != content)
			return false;
	return true;
}

static bool all_have(const struct peer_region *region, uint64_t first,
		     uint64_t end, char content)
{
	for (; first < end; first++)
		if (!has(region, first, content))
			return false;
	return true;
}

static void test_exact(struct peer *peer)
{
	struct peer_region region;

	region_make(&region, PAGES);
	region_attach(peer, &region, 0, 0);
	tap_ok(peer_purge_all(peer) == 0, "all is pinned: nothing is purged");
	region_unpin(peer, &region, 3, 5, peer_now());
	region_unpin(peer, &region, 100, 333, peer_now());
	region_unpin(peer, &region, 999, 1000, peer_now());
	tap_ok(region_pin(&region, 200, 201) == 0, "one is pinned again");
	tap_ok(peer_purge_all(peer) == 235, "the unpinned pages are purged");
	tap_ok(all_have(&region, 0, 3, 'x') && all_have(&region, 3, 5, 0) &&
	       all_have(&region, 5, 100, 'x') &&
	       all_have(&region, 100, 200, 0) && has(&region, 200, 'x') &&
	       all_have(&region, 201, 333, 0) &&
	       all_have(&region, 333, 999, 'x') && has(&region, 999, 0),
	       "these, and no others");
	tap_ok(peer_purge_all(peer) == 0, "once");
	tap_ok(region_pin(&region, 5, 100) == 0 &&
	       region_pin(&region, 4, 100) == 1 &&
	       region_pin(&region, 4, 100) == 0 &&
	       region_pin(&region, 0, PAGES) == 1 &&
	       region_pin(&region, 0, PAGES) == 0,
	       "who pins is told, once");
	region_detach(peer, &region);
	region_end(&region);
}

static void test_whole(struct peer *peer)
{
	struct peer_region region;

	region_make(&region, PAGES);
	region_attach(peer, &region, 0, 0);
	region_unpin(peer, &region, 0, PAGES, peer_now());
	tap_ok(peer_purge_all(peer) == PAGES && region_resident(&region) == 0,
	       "a region that was unpinned as a whole has no memory any more");
	tap_ok(region_pin(&region, 0, PAGES) == 1, "who pins it is told");
	region_unpin(peer, &region, 0, PAGES, peer_now());
	tap_ok(peer_purge_all(peer) == PAGES,
	       "pages that have no memory count as well");
	region_detach(peer, &region);
	region_end(&region);
}

/* Has ashmemd run for a short while and then stand still, again and again,
 * until this is killed: so all takes it long, on any machine. */
static pid_t slow_down(pid_t ashmemd)
{
	pid_t parent = getpid(), pid;

	/* Before anything is asked of it. */
	kill(ashmemd, SIGSTOP);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent) {
		for (int i = 0; i < 60; i++)
			subject_pause();
		kill(ashmemd, SIGCONT);
		subject_pause();
		kill(ashmemd, SIGSTOP);
	}
	_exit(0);
}

static void test_long(struct peer *peer, const struct subject *subject)
{
	const uint64_t pages = 65536;
	struct peer_region region;
	int64_t some, sum = 0;
	bool more = false, parts = false;
	pid_t slower;

	region_make(&region, pages);
	region_attach(peer, &region, 0, 0);
	for (uint64_t i = 0; i < pages; i += 2)
		region_unpin(peer, &region, i, i + 1, peer_now());
	slower = slow_down(subject->pid);
	do {
		some = peer_purge_some(peer, &more);
		parts |= more && some > 0 && some < (int64_t)pages / 2;
		sum += some;
	} while (more && some >= 0);
	kill(slower, SIGKILL);
	waitpid(slower, NULL, 0);
	kill(subject->pid, SIGCONT);
	tap_ok(parts, "what takes long is told of in parts");
	tap_ok(sum == (int64_t)pages / 2 && has(&region, 0, 0) &&
	       has(&region, 1, 'x'), "and the parts are the whole");
	region_detach(peer, &region);
	region_end(&region);
}

/* A part is left: whatever is asked next begins anew. */
static void test_broken_off(struct peer *peer, const struct subject *subject)
{
	const uint64_t pages = 65536;
	struct peer_region region;
	bool more = false;
	pid_t slower;
	int64_t some;

	region_make(&region, pages);
	region_attach(peer, &region, 0, 0);
	for (uint64_t i = 0; i < pages; i += 2)
		region_unpin(peer, &region, i, i + 1, peer_now());
	slower = slow_down(subject->pid);
	some = peer_purge_some(peer, &more);
	kill(slower, SIGKILL);
	waitpid(slower, NULL, 0);
	kill(subject->pid, SIGCONT);
	region_pin(&region, 0, 1);
	region_unpin(peer, &region, 0, 1, peer_now());
	tap_ok(more && peer_purge_all(peer) == (int64_t)pages / 2 - some + 1,
	       "one that is begun anew misses nothing");
	region_detach(peer, &region);
	region_end(&region);
}

/* What has memory is found without looking at all the rest. */
static void test_sparse(struct peer *peer)
{
	const uint64_t pages = UINT64_C(1) << 28;
	struct peer_region region;
	struct stat pins;
	uint64_t since;
	int64_t purged;

	region = (struct peer_region){
		.fd = peer_memfd("sparse", pages * PEER_PAGE,
				 F_SEAL_SHRINK | F_SEAL_GROW),
		.pages = pages,
		.locks = -1,
		.pins = -1,
	};
	for (uint64_t i = 0; i < 100; i++)
		if (pwrite(region.fd, "x", 1, i * 2684354 * PEER_PAGE) != 1)
			break;
	tap_ok(region_attach(peer, &region, 0, 0) == 0 &&
	       region_resident(&region) == 100, "a region of 1 TiB");
	region_unpin(peer, &region, 0, pages, peer_now());
	region_pin(&region, 0, 1);
	since = peer_now();
	purged = peer_purge_all(peer);
	tap_note("%ju us", (uintmax_t)(peer_now() - since) / 1000);
	fstat(region.pins, &pins);
	tap_ok(purged >= 99 && purged < 100 * PINMAP_CELL_PAGES &&
	       region_resident(&region) == 1 &&
	       pins.st_blocks * 512 / PEER_PAGE < 200,
	       "what has memory goes, and only that is looked at");
	tap_ok(region_pin(&region, 2684354, 2684355) == 1 &&
	       region_pin(&region, 0, 1) == 0,
	       "who pins it is told");
	region_detach(peer, &region);
	region_end(&region);
}

/* All who knew have gone, and the pin map with them. */
static void test_untold(struct peer *peer)
{
	struct peer_region region;

	region_make(&region, PAGES);
	region_attach(peer, &region, 0, 0);
	region_unpin(peer, &region, 10, 20, peer_now());
	tap_ok(peer_purge_all(peer) == 10 && loss_is_noted(region.fd),
	       "that pages were purged is noted in the file");
	region_detach(peer, &region);
	region_forget(&region);
	region_attach(peer, &region, 0, 0);
	tap_ok(region_pin(&region, 0, 10) == 0 &&
	       region_pin(&region, 10, 20) == 1 &&
	       region_pin(&region, 0, PAGES) == 0,
	       "who attaches later is told as well");
	region_detach(peer, &region);
	tap_ok(!loss_is_noted(region.fd), "all were told: the note is gone");
	region_end(&region);
}

/* Leaves this process so much more address space. */
static bool limit_space(uint64_t bytes)
{
	struct rlimit limit = { 0 };
	uint64_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file)
		return false;
	if (fscanf(file, "%ju", (uintmax_t *)&pages) != 1)
		pages = 0;
	fclose(file);
	limit.rlim_cur = limit.rlim_max = pages * PEER_PAGE + bytes;
	return pages && setrlimit(RLIMIT_AS, &limit) == 0;
}

/* What is in the file is found without being mapped: a page of it that is
 * punched meanwhile may be one that there is no memory for. */
static void recall_unmapped(void)
{
	const uint64_t pages = (UINT64_C(32) << 20) / PEER_PAGE;
	struct peer_region region;
	struct pinmap map;
	void *memory;

	region_make(&region, pages);
	memset(region.memory + 3 * PEER_PAGE, 0, 2 * PEER_PAGE);
	memory = calloc(1, pinmap_bytes(pages));
	if (!memory || !limit_space(UINT64_C(8) << 20) ||
	    loss_note(region.fd, true) < 0)
		_exit(1);
	map = pinmap_at(memory, pages);
	pinmap_init(&map, PEER_PAGE);
	if (loss_recall(region.fd, &map) < 0)
		_exit(2);
	for (size_t i = 0; i < map.cell_count; i++)
		if (pinmap_purged(&map, i) != (i ? 0 : 0x18))
			_exit(3);
	_exit(0);
}

static void test_recall(void)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		recall_unmapped();
	tap_ok(waitpid(pid, &status, 0) == pid && status == 0,
	       "what was purged is found by reading the file");
}

/* Nor does a pin map that was there before, and is brought again. */
static void test_untold_by_older(struct peer *peer)
{
	struct peer_region region, older;

	region_make(&region, PAGES);
	region_share(&older, &region, true);
	region_attach(peer, &older, 1, 0);
	region_detach(peer, &older);
	region_attach(peer, &region, 0, 0);
	region_unpin(peer, &region, 10, 20, peer_now());
	tap_ok(peer_purge_all(peer) == 10, "purged by another pin map");
	region_detach(peer, &region);
	tap_ok(region_attach(peer, &older, 1, 0) == 0 &&
	       region_pin(&older, 0, 10) == 0 &&
	       region_pin(&older, 10, 20) == 1 &&
	       region_pin(&older, 0, PAGES) == 0,
	       "who brings an older one is told as well");
	region_detach(peer, &older);
	region_end(&older);
	region_end(&region);
}

static void test_holds(struct peer *owner, struct peer *holder)
{
	const uint64_t window = sizeof(struct procmap);
	holdmap_word *holds = (holdmap_word *)((char *)holder->procmap +
					       window);
	struct peer_region region, held;

	region_make(&region, PAGES);
	region_share(&held, &region, false);
	region_attach(owner, &region, 0, 0);
	region_attach(holder, &held, 0, window);
	holdmap_take(holds, 10, 50);
	region_unpin(owner, &region, 0, PAGES, peer_now());
	tap_ok(peer_purge_all(owner) == PAGES - 40 &&
	       all_have(&region, 10, 50, 'x') && has(&region, 9, 0) &&
	       has(&region, 50, 0), "what somebody holds stays");
	holdmap_give(holds, 10, 20);
	tap_ok(peer_purge_all(owner) == 10 && has(&region, 19, 0) &&
	       has(&region, 20, 'x'), "until it is released");
	peer_hang_up(holder);
	while (!atomic_load(&holder->procmap->dropped))
		subject_pause();
	tap_ok(peer_purge_all(owner) == 30 && all_have(&region, 20, 50, 0),
	       "who has gone holds nothing");
	region_detach(owner, &region);
	region_end(&held);
	region_end(&region);
}

static void test_sealed(struct peer *peer)
{
	struct peer_region region;

	region_make(&region, PAGES);
	region_attach(peer, &region, 0, 0);
	region_unpin(peer, &region, 0, 500, peer_now());
	fcntl(region.fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE);
	tap_ok(peer_purge_all(peer) == 0 && has(&region, 0, 'x'),
	       "what is sealed against writing is not purged");
	tap_ok(region_pin(&region, 0, PAGES) == 0,
	       "and nobody is told that it was");
	region_detach(peer, &region);
	region_end(&region);
}

/* A process that pins, looks, writes and unpins, all the while. */
static void use(const char *socket, const struct peer_region *from, char mark)
{
	struct peer_region region;
	struct peer peer;
	uint64_t end = peer_now() + 1000000000;

	peer_open(&peer, socket);
	region_share(&region, from, true);
	region.memory = from->memory;
	region_attach(&peer, &region, 0, 0);
	for (uint64_t page = mark; peer_now() < end; page = (page + 7) % 64) {
		int purged = region_pin(&region, page, page + 1);

		if (purged < 0 || (!purged && !has(&region, page, 'x')))
			_exit(1);
		memset(region.memory + page * PEER_PAGE, 'x', PEER_PAGE);
		region_unpin(&peer, &region, page, page + 1, peer_now());
	}
	_exit(0);
}

static void test_truth(struct peer *peer, const char *socket)
{
	struct peer_region region;
	int64_t pages = 0;
	pid_t pid;
	int status = -1;

	region_make(&region, 64);
	region_attach(peer, &region, 0, 0);
	pid = fork();
	if (!pid)
		use(socket, &region, 1);
	while (waitpid(pid, &status, WNOHANG) == 0)
		pages += peer_purge_all(peer);
	tap_ok(status == 0 && pages > 64,
	       "who pins while all is being purged is told the truth");
	tap_note("%jd pages purged", (intmax_t)pages);
	region_detach(peer, &region);
	region_end(&region);
}

void test_purging(void)
{
	struct subject subject;
	struct peer one, two;

	subject_prepare(&subject);
	tap_ok(subject_start(&subject, NULL), "an ashmemd to purge");
	peer_open(&one, subject.socket);
	peer_open(&two, subject.socket);
	test_exact(&one);
	test_whole(&one);
	test_long(&one, &subject);
	test_broken_off(&one, &subject);
	test_sparse(&one);
	test_untold(&one);
	test_recall();
	test_untold_by_older(&one);
	test_holds(&one, &two);
	test_sealed(&one);
	test_truth(&one, subject.socket);
	peer_close(&one);
	peer_close(&two);
	subject_remove(&subject);
}
