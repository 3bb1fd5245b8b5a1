// SPDX-License-Identifier: MIT
/*
 * The whole test runs in a cgroup of its own. Once all areas are full it gets
 * a limit at which three eighths of that memory must go whenever the allocator
 * has what it wants; what may stay is more than what is ever pinned. So it is
 * by the shrinker that pages are purged first, before any worker begins; only
 * when a pin has seen that does anybody purge all.
 */
#include "pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"
#define CGROUP		CGROUP_ROOT "/ashmem-truth"

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* The number after @key in a file, or alone in it if @key is empty; or -1. */
static long get(const char *path, const char *key)
{
	char text[512] = "";
	const char *found;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		found = NULL;
	else
		found = strstr(text, key);
	if (fd >= 0)
		close(fd);
	return found ? strtol(found + strlen(key), NULL, 10) : -1;
}

/* Waits for a signal; ends the process when nobody can send any more. */
static void await(int signals)
{
	char buffer[4096];

	if (read(signals, buffer, sizeof(buffer)) <= 0)
		_exit(0);
}

/**
 * pressure_purge - purge all, again and again
 * @ledger:  the ledger
 * @fd:      of any area
 * @signals: when to
 */
void pressure_purge(struct ledger *ledger, int fd, int signals)
{
	while (!ledger->stop) {
		long purged;

		await(signals);
		if (!ledger->purging)
			continue;
		purged = engine->purge_all(fd);
		if (purged == -ECONNRESET) {
			ledger->counts.put_off++;
			continue;
		}
		if (purged < 0) {
			ledger_fault(ledger, CLAIM_CALLS, "purging all: %s",
				     strerror(-purged));
			_exit(1);
		}
		ledger->counts.purge_alls++;
		ledger->counts.purged_by_all += purged;
	}
	_exit(0);
}

/**
 * pressure_enter - move this process into a new cgroup
 *
 * Return: NULL, or why there cannot be one.
 */
const char *pressure_enter(void)
{
	if (access(CGROUP_ROOT "/cgroup.controllers", R_OK))
		return "no cgroup version 2 at " CGROUP_ROOT;
	put(CGROUP_ROOT "/cgroup.subtree_control", "+memory");
	if (mkdir(CGROUP, 0755) && errno != EEXIST)
		return "no cgroup can be made; be root";
	if (access(CGROUP "/memory.max", W_OK))
		return "cgroups have no memory controller";
	/* Memory that can be swapped out need not be purged. */
	put(CGROUP "/memory.swap.max", "0");
	put(CGROUP "/memory.max", "max");
	if (!put(CGROUP "/cgroup.procs", "0"))
		return "the cgroup cannot be entered";
	return NULL;
}

/**
 * pressure_leave - undo pressure_enter()
 *
 * All other processes in the cgroup must be gone.
 */
void pressure_leave(void)
{
	put(CGROUP_ROOT "/cgroup.procs", "0");
	rmdir(CGROUP);
}

/**
 * pressure_kills - how often the kernel killed for want of memory, or -1
 */
long pressure_kills(void)
{
	return get(CGROUP "/memory.events", "oom_kill ");
}

/* Leaves room for most of what will be allocated; once and for all. */
static void limit_memory(size_t bytes)
{
	char text[32];
	long used = get(CGROUP "/memory.current", "");

	if (get(CGROUP "/memory.max", "") > 0)
		return;
	snprintf(text, sizeof(text), "%zu", used + bytes / 8 * 5);
	if (used < 0 || !put(CGROUP "/memory.max", text)) {
		fprintf(stderr, "truth: no limit can be set on the memory of "
			CGROUP ": %s\n", strerror(errno));
		exit(2);
	}
}

static void allocate(struct ledger *ledger, size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		exit(2);
	for (size_t i = 0; i < bytes && !ledger->stop; i += 4096)
		((volatile char *)memory)[i] = 1;
	munmap(memory, bytes);
	ledger->counts.allocations++;
}

/**
 * pressure_allocate - take and free memory, again and again
 * @ledger:  the ledger
 * @signals: when to
 * @begin:   closed after the first time
 * @bytes:   how much; what all areas have together
 * @workers: how many there are
 */
void pressure_allocate(struct ledger *ledger, int signals, int begin,
		       size_t bytes, unsigned int workers)
{
	/* If anybody has to be killed, it is this one. */
	put("/proc/self/oom_score_adj", "1000");
	while (ledger->ready < workers && !ledger->stop)
		await(signals);
	limit_memory(bytes);
	allocate(ledger, bytes);
	close(begin);
	while (!ledger->stop) {
		await(signals);
		allocate(ledger, bytes);
	}
	_exit(0);
}
