// SPDX-License-Identifier: MIT
/* Who is sent a region has its pin state too: two processes, one region. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"
#include "test.h"

/**
 * struct two - a region in this process, on its way to another
 * @pair: to send it by
 */
struct two {
	struct pair pair;
	struct ashmem_region *region;
	char *at;
};

static bool two_open(struct two *two)
{
	must(two->region = region_make(&two->at));
	must(pair_open(&two->pair, SOCK_STREAM));
	must(ashmem_region_send(two->region, two->pair.from,
				ASHMEM_ACCESS_WHOLE) == 0);
	return true;
}

static bool two_end(struct two *two)
{
	pair_close(&two->pair);
	ashmem_region_close(two->region);
	return true;
}

static struct ashmem_region *receive(const struct two *two)
{
	struct ashmem_region *received;

	return ashmem_region_receive(&received, two->pair.to) < 0 ? NULL :
								    received;
}

static bool sees_unpinned(void *context)
{
	struct ashmem_region *received;

	must(received = receive(context));
	must(ashmem_region_pin_status(received, 0, 0) == ASHMEM_IS_UNPINNED);
	must(ashmem_region_pin_status(received, 0, PAGE) == ASHMEM_IS_PINNED);
	must(ashmem_region_pin(received, 0, 0) == ASHMEM_NOT_PURGED);
	return true;
}

static bool unpinned_here(void)
{
	struct two two;

	must(two_open(&two));
	must(ashmem_region_unpin(two.region, PAGE, 0) == 0);
	must(in_child(SAME_USER, sees_unpinned, &two));
	must(ashmem_region_pin_status(two.region, 0, 0) == ASHMEM_IS_PINNED);
	return two_end(&two);
}

static bool unpins(void *context)
{
	struct ashmem_region *received;

	must(received = receive(context));
	must(ashmem_region_unpin(received, 0, 0) == 0);
	return true;
}

static bool unpinned_there(void)
{
	struct two two;

	must(two_open(&two));
	must(ashmem_region_pin(two.region, 0, 0) == ASHMEM_NOT_PURGED);
	must(in_child(SAME_USER, unpins, &two));
	must(ashmem_region_pin_status(two.region, 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	return two_end(&two);
}

static bool is_told(void *context)
{
	struct ashmem_region *received;
	char *at;

	must(received = receive(context));
	must(at = region_map(received, PROT_READ));
	must(ashmem_region_pin(received, 0, PAGE) == ASHMEM_NOT_PURGED);
	must(ashmem_region_pin(received, 0, 0) == ASHMEM_WAS_PURGED);
	must(is_filled(at, 0, 1, 'a') && is_filled(at, 1, PAGES, 0));
	return true;
}

static bool purged_here(void)
{
	struct two two;

	must(two_open(&two));
	must(ashmem_region_unpin(two.region, PAGE, 0) == 0);
	must(ashmem_purge_all(two.region) == PAGES - 1);
	must(in_child(SAME_USER, is_told, &two));
	must(ashmem_region_pin(two.region, 0, 0) == ASHMEM_NOT_PURGED);
	return two_end(&two);
}

static bool purges(void *context)
{
	struct ashmem_region *received;

	must(received = receive(context));
	must(ashmem_purge_all(received) == PAGES);
	return true;
}

static bool purged_there(void)
{
	struct two two;

	must(two_open(&two));
	must(ashmem_region_unpin(two.region, 0, 0) == 0);
	must(in_child(SAME_USER, purges, &two));
	must(is_filled(two.at, 0, PAGES, 0));
	must(ashmem_region_pin(two.region, 0, 0) == ASHMEM_WAS_PURGED);
	return two_end(&two);
}

/* Moves the socket, so that no ashmemd can be reached, and back. */
static bool hide(bool hidden)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	char path[128], other[sizeof(path) + 1], log[128];

	snprintf(path, sizeof(path), "%s/ashmemd/socket", directory);
	snprintf(other, sizeof(other), "%s.", path);
	setenv("ASHMEMD", "/nonexistent", hidden);
	/* Of the one that could not be started. */
	snprintf(log, sizeof(log), "%s/ashmemd/log", directory);
	if (!hidden)
		unlink(log);
	return rename(hidden ? path : other, hidden ? other : path) == 0;
}

static bool is_cut_off_and_holds(struct ashmem_region *region, char *at)
{
	const struct timespec pause = { .tv_nsec = 100000000 };

	must(ashmem_region_pin_status(region, 0, 0) == ASHMEM_IS_UNPINNED);
	must(hang_up());
	must(nanosleep(&pause, NULL) == 0);
	must_fail(ashmem_region_hold(region, 0, 0), EBUSY);
	must(is_filled(at, 0, PAGES, 'a'));
	return true;
}

/* ashmemd goes on with a region of which others are, and does not look for the
 * holds of one that it has dropped and that cannot come back. */
static bool held_unseen(void)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct ashmem_region *region, *copy;
	int fd, cues[2][2], status;
	pid_t pid;
	bool held;
	char *at, cue;

	must(pipe(cues[0]) == 0 && pipe(cues[1]) == 0);
	must((region = region_make(&at)));
	must((fd = ashmem_region_duplicate(region, ASHMEM_ACCESS_WHOLE)) >= 0);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(cues[0][0]);
		close(cues[1][1]);
		must(ashmem_region_import(&copy, fd) == 0);
		_exit(ashmem_region_unpin(copy, 0, 0) != 0 ||
		      write(cues[0][1], "u", 1) != 1 ||
		      read(cues[1][0], &cue, 1) != 1 ||
		      ashmem_purge_all(copy) != PAGES);
	}
	must(read(cues[0][0], &cue, 1) == 1);
	must(hide(true));
	held = is_cut_off_and_holds(region, at);
	must(hide(false));
	must(write(cues[1][1], "p", 1) == 1);
	must(waitpid(pid, &status, 0) == pid && status == 0 && held);
	for (int i = 0; i < 4; i++)
		close(cues[i / 2][i % 2]);
	close(fd);
	/* It is not looked for all the time. */
	while (ashmem_purge_all(region) < 0)
		must(nanosleep(&pause, NULL) == 0);
	ashmem_region_close(region);
	return true;
}

#define LONG_PAGES	16384u

/* Has ashmemd run for a short while and then stand still, again and again,
 * until this is killed. */
static pid_t slow_down(void)
{
	const struct timespec still = { .tv_nsec = 80000000 };
	const struct timespec running = { .tv_nsec = 1000000 };
	pid_t parent = getpid(), pid;

	/* Before anything is asked of it. */
	kill(daemon_pid, SIGSTOP);
	pid = fork();
	if (pid)
		return pid;
	while (getppid() == parent) {
		nanosleep(&still, NULL);
		kill(daemon_pid, SIGCONT);
		nanosleep(&running, NULL);
		kill(daemon_pid, SIGSTOP);
	}
	_exit(0);
}

/* ashmemd tells of it in parts. */
static bool purged_for_long(void)
{
	struct ashmem_region *region;
	int64_t purged;
	pid_t slower;
	char *at;

	must(ashmem_region_create(&region, NULL,
				  (uint64_t)LONG_PAGES * PAGE) == 0);
	at = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE, MAP_SHARED,
			       0);
	must(at != MAP_FAILED);
	for (unsigned int i = 0; i < LONG_PAGES; i++)
		at[(size_t)i * PAGE] = 'a';
	for (uint64_t i = 0; i < LONG_PAGES; i += 2)
		must(ashmem_region_unpin(region, i * PAGE, PAGE) == 0);
	slower = slow_down();
	purged = ashmem_purge_all(region);
	kill(slower, SIGKILL);
	waitpid(slower, NULL, 0);
	kill(daemon_pid, SIGCONT);
	must(purged == LONG_PAGES / 2);
	must(!at[0] && at[PAGE] == 'a');
	ashmem_region_close(region);
	return true;
}

/* What is on its way keeps the region, its content and its pin state. */
static bool on_its_way(void)
{
	struct ashmem_region *received;
	struct two two;
	char *at;

	must(two_open(&two));
	ashmem_region_close(two.region);
	munmap(two.at, REGION_BYTES);
	must(received = receive(&two));
	must(at = region_map(received, PROT_READ));
	must(is_filled(at, 0, PAGES, 'a'));
	must(ashmem_region_pin(received, 0, 0) == ASHMEM_NOT_PURGED);
	ashmem_region_close(received);
	pair_close(&two.pair);
	return true;
}

static const struct test tests[] = {
	{ "pin state: unpinned here, seen and pinned there", unpinned_here,
	  ANY },
	{ "pin state: unpinned there, seen here", unpinned_there, ANY },
	{ "pin state: purged here, told there, and once", purged_here, ANY },
	{ "pin state: purged there, told here", purged_there, ANY },
	{ "pin state: a hold that ashmemd cannot be told of is none",
	  held_unseen, PORTABLE },
	{ "pin state: a purge that takes long is counted to its end",
	  purged_for_long, PORTABLE },
	{ "pin state: a region on its way keeps its content", on_its_way,
	  ANY },
};

const struct test_group pinning_tests = TEST_GROUP(tests);
