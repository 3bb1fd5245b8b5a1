// SPDX-License-Identifier: MIT
/* Regions by inheritance, and descriptors that are copied out of a process. */
#include "inheritance.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"
#include "test.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open		434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd		438
#endif

static bool use_inherited(void *context)
{
	struct ashmem_region *region = context;
	char *at;

	must(at = region_map(region, PROT_READ | PROT_WRITE));
	must(is_filled(at, 0, PAGES, 'a'));
	memset(at, 'b', PAGE);
	must(ashmem_region_unpin(region, 0, 0) == 0);
	return true;
}

static bool by_fork(void)
{
	struct ashmem_region *region;
	char *at;

	must(region = region_make(&at));
	must(ashmem_region_pin(region, 0, 0) == ASHMEM_NOT_PURGED);
	must(in_child(SAME_USER, use_inherited, region));
	must(is_filled(at, 0, 1, 'b') && is_filled(at, 1, PAGES, 'a'));
	must(ashmem_region_pin_status(region, 0, 0) == ASHMEM_IS_UNPINNED);
	ashmem_region_close(region);
	return true;
}

/* What the program does that has inherited a descriptor. */
static bool use_heirloom(int fd)
{
	struct ashmem_region *region;
	uint64_t size;

	must(ashmem_region_import(&region, fd) == 0);
	must(ashmem_region_get_size(region, &size) == 0);
	must(size == REGION_BYTES);
	return use_inherited(region);
}

int inherit(const char *number)
{
	return !use_heirloom(atoi(number));
}

static bool execute(void *context)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", *(int *)context);
	execl("/proc/self/exe", "handover", HEIR, number, NULL);
	return false;
}

static bool by_exec(void)
{
	struct ashmem_region *region;
	char *at;
	int fd;

	must(region = region_make(&at));
	must(ashmem_region_pin(region, 0, 0) == ASHMEM_NOT_PURGED);
	must((fd = ashmem_region_duplicate(region, ASHMEM_ACCESS_WHOLE)) >= 0);
	must(fcntl(fd, F_SETFD, 0) == 0);
	must(in_child(SAME_USER, execute, &fd));
	must(is_filled(at, 0, 1, 'b') && is_filled(at, 1, PAGES, 'a'));
	must(ashmem_region_pin_status(region, 0, 0) == ASHMEM_IS_UNPINNED);
	close(fd);
	ashmem_region_close(region);
	return true;
}

/* The descriptors that nobody has said are to be inherited. */
static bool not_by_itself(void)
{
	struct ashmem_region *region;
	int fd;

	must(region = region_make(NULL));
	must((fd = ashmem_region_descriptor(region)) >= 0);
	must(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ashmem_region_close(region);
	return true;
}

/**
 * struct other - a process with a region, which does what it is told
 * @socket: to tell it, and to hear which descriptor the region has
 */
struct other {
	pid_t pid;
	int socket;
	int fd;
};

/* Unpins when it is told, and says whether all is pinned when it is asked. */
static int play_other(int socket)
{
	struct ashmem_region *region = region_make(NULL);
	int fd = region ? ashmem_region_descriptor(region) : -1;
	char cue;

	if (send(socket, &fd, sizeof(fd), 0) < 0)
		return 1;
	while (recv(socket, &cue, 1, 0) == 1) {
		int result = cue == 'u' ?
			     ashmem_region_unpin(region, 0, 0) :
			     ashmem_region_pin_status(region, 0, 0);

		if (send(socket, &result, sizeof(result), 0) < 0)
			return 1;
	}
	return 0;
}

static bool other_start(struct other *other)
{
	struct pair pair;

	must(pair_open(&pair, SOCK_SEQPACKET));
	must((other->pid = fork_limited()) >= 0);
	if (!other->pid) {
		close(pair.from);
		_exit(play_other(pair.to));
	}
	close(pair.to);
	other->socket = pair.from;
	must(recv(pair.from, &other->fd, sizeof(other->fd), 0) ==
	     sizeof(other->fd));
	return true;
}

static int tell(const struct other *other, char cue)
{
	int result = -1;

	if (send(other->socket, &cue, 1, 0) < 0 ||
	    recv(other->socket, &result, sizeof(result), 0) < 0)
		return -1;
	return result;
}

static bool other_end(struct other *other)
{
	int status;

	close(other->socket);
	must(waitpid(other->pid, &status, 0) == other->pid && status == 0);
	return true;
}

/* The copy reaches the same pages, and the same pin map. */
static bool is_the_same(const struct other *other, int fd)
{
	struct ashmem_region *region;
	char *at;

	must(ashmem_region_import(&region, fd) == 0);
	must(at = region_map(region, PROT_READ));
	must(is_filled(at, 0, PAGES, 'a'));
	must(tell(other, 'u') == 0);
	must(ashmem_region_pin_status(region, 0, 0) == ASHMEM_IS_UNPINNED);
	must(ashmem_region_pin(region, 0, 0) == ASHMEM_NOT_PURGED);
	must(tell(other, 's') == ASHMEM_IS_PINNED);
	must(tell(other, 'u') == 0);
	must(ashmem_purge_all(region) == PAGES);
	must(is_filled(at, 0, PAGES, 0));
	ashmem_region_close(region);
	return true;
}

static bool by_pidfd(void)
{
	struct other other;
	int pidfd, fd;

	must(other_start(&other));
	must((pidfd = syscall(SYS_pidfd_open, other.pid, 0)) >= 0);
	must((fd = syscall(SYS_pidfd_getfd, pidfd, other.fd, 0)) >= 0);
	must(is_the_same(&other, fd));
	close(fd);
	close(pidfd);
	return other_end(&other);
}

/* On the device that would open a new region. */
static bool by_proc_fd(void)
{
	struct other other;
	char path[64];
	int fd;

	must(other_start(&other));
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", other.pid, other.fd);
	must((fd = open(path, O_RDWR | O_CLOEXEC)) >= 0);
	must(is_the_same(&other, fd));
	close(fd);
	return other_end(&other);
}

/* What a child has of a region that its parent has closed: its pin map may be
 * another by now. */
static bool after_the_parent(void)
{
	struct ashmem_region *region, *again;
	int fd, cue[2], status;
	pid_t pid;
	char byte;

	must(region = region_make(NULL));
	must(ashmem_region_unpin(region, 0, 0) == 0 && pipe(cue) == 0);
	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(read(cue[0], &byte, 1) != 1 ||
		      ashmem_region_pin_status(region, 0, 0) !=
		      ASHMEM_IS_PINNED ||
		      ashmem_region_pin(region, 0, 0) != ASHMEM_NOT_PURGED);
	must((fd = ashmem_region_duplicate(region, ASHMEM_ACCESS_WHOLE)) >= 0);
	ashmem_region_close(region);
	must(ashmem_region_import(&again, fd) == 0 && close(fd) == 0);
	must(ashmem_region_pin(again, 0, 0) == ASHMEM_NOT_PURGED);
	must(write(cue[1], "c", 1) == 1);
	must(waitpid(pid, &status, 0) == pid && status == 0);
	must(close(cue[0]) == 0 && close(cue[1]) == 0);
	ashmem_region_close(again);
	return true;
}

/**
 * struct heir - a child that has a region of its parent's
 * @cue:     a pipe to tell it
 * @runtime: where ashmemd is to be reached
 * @program: of it
 */
struct heir {
	struct ashmem_region *region;
	pid_t pid;
	int cue[2];
	const char *runtime;
	const char *program;
};

/* For this process only there is an ashmemd, or none. */
static void set_reachable(const struct heir *heir, bool reachable)
{
	setenv("XDG_RUNTIME_DIR", reachable ? heir->runtime : "/nonexistent",
	       1);
	setenv("ASHMEMD", reachable ? heir->program : "/nonexistent", 1);
}

/* Is not to be had as long as others have another pin map; then comes to that.
 * ashmemd is not looked for all the time. */
static bool comes_to_another(struct heir *heir)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int purged;

	must_fail(ashmem_region_pin(heir->region, 0, 0), EAGAIN);
	set_reachable(heir, true);
	do {
		must(nanosleep(&pause, NULL) == 0);
		purged = ashmem_region_pin(heir->region, 0, 0);
	} while (purged < 0 && errno == EAGAIN);
	must(purged == ASHMEM_WAS_PURGED);
	return true;
}

static bool is_told_of_loss(struct heir *heir)
{
	must(ashmem_region_pin(heir->region, 0, 0) == ASHMEM_WAS_PURGED);
	return true;
}

static bool goes_on(struct heir *heir)
{
	must(ashmem_region_pin(heir->region, PAGE, 0) == ASHMEM_NOT_PURGED);
	must(ashmem_region_pin_status(heir->region, 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	return true;
}

/* An unpinned region, and a child that has it too, and does this when it is
 * told to. */
static bool heir_start(struct heir *heir, bool (*run)(struct heir *heir))
{
	char byte;

	heir->runtime = getenv("XDG_RUNTIME_DIR");
	heir->program = getenv("ASHMEMD");
	must(heir->region = region_make(NULL));
	must(ashmem_region_unpin(heir->region, 0, 0) == 0);
	must(pipe(heir->cue) == 0);
	must((heir->pid = fork_limited()) >= 0);
	if (heir->pid)
		return true;
	heir->runtime = strdup(heir->runtime);
	heir->program = strdup(heir->program);
	set_reachable(heir, false);
	_exit(read(heir->cue[0], &byte, 1) != 1 || !run(heir));
}

static bool heir_end(const struct heir *heir)
{
	int status;

	must(write(heir->cue[1], "c", 1) == 1);
	must(waitpid(heir->pid, &status, 0) == heir->pid && status == 0);
	must(close(heir->cue[0]) == 0 && close(heir->cue[1]) == 0);
	return true;
}

/* The region anew, which has got another pin map, and is purged by that. */
static struct ashmem_region *purged_anew(struct ashmem_region *region)
{
	int fd = ashmem_region_duplicate(region, ASHMEM_ACCESS_WHOLE);
	struct ashmem_region *again;

	ashmem_region_close(region);
	if (fd < 0 || ashmem_region_import(&again, fd) < 0)
		return NULL;
	close(fd);
	if (ashmem_region_unpin(again, 0, 0) == 0 &&
	    ashmem_purge_all(again) == PAGES)
		return again;
	ashmem_region_close(again);
	return NULL;
}

static bool cut_off_from_another(void)
{
	struct ashmem_region *again;
	struct heir heir;

	must(heir_start(&heir, comes_to_another));
	must(again = purged_anew(heir.region));
	must(heir_end(&heir));
	must(ashmem_region_pin_status(again, 0, 0) == ASHMEM_IS_PINNED);
	ashmem_region_close(again);
	return true;
}

/* The other pin map has gone again. */
static bool cut_off_later(void)
{
	struct ashmem_region *again;
	struct heir heir;

	must(heir_start(&heir, is_told_of_loss));
	must(again = purged_anew(heir.region));
	ashmem_region_close(again);
	must(heir_end(&heir));
	return true;
}

static bool cut_off_with_others(void)
{
	struct heir heir;

	must(heir_start(&heir, goes_on));
	must(heir_end(&heir));
	must(ashmem_region_pin_status(heir.region, PAGE, 0) ==
	     ASHMEM_IS_PINNED);
	ashmem_region_close(heir.region);
	return true;
}

/* Has ashmemd stand still for a while. Returns the process that ends that, and
 * ends then. */
static pid_t hold_up(void)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	pid_t pid;

	kill(daemon_pid, SIGSTOP);
	pid = fork_limited();
	if (pid)
		return pid;
	nanosleep(&pause, NULL);
	_exit(kill(daemon_pid, SIGCONT));
}

static bool purges_nothing(void *context)
{
	must(ashmem_purge_all(context) == 0);
	return true;
}

/* ashmemd does not see yet that the connection has broken: this process does,
 * by asking. */
static bool holds_anew(struct heir *heir)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int status;
	pid_t pid;

	set_reachable(heir, true);
	must(ashmem_region_pin_status(heir->region, 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	must((pid = hold_up()) > 0);
	must(hang_up());
	must(ashmem_region_hold(heir->region, 0, 0) == ASHMEM_NOT_PURGED);
	must(waitpid(pid, &status, 0) == pid && status == 0);
	/* It drops the connection that has broken. */
	must(nanosleep(&pause, NULL) == 0);
	must(in_child(SAME_USER, purges_nothing, heir->region));
	return true;
}

static bool held_by_a_child(void)
{
	struct heir heir;

	must(heir_start(&heir, holds_anew));
	must(heir_end(&heir));
	ashmem_region_close(heir.region);
	return true;
}

static const struct test tests[] = {
	{ "inheritance: by fork", by_fork, ANY },
	{ "inheritance: by fork, the parent having closed the region",
	  after_the_parent, PORTABLE },
	{ "inheritance: no ashmemd to be reached, others pin in the same map",
	  cut_off_with_others, PORTABLE },
	{ "inheritance: no ashmemd to be reached, others pin in another map",
	  cut_off_from_another, PORTABLE },
	{ "inheritance: no ashmemd to be reached, what was purged since then",
	  cut_off_later, PORTABLE },
	{ "inheritance: held by a child just when its connection breaks",
	  held_by_a_child, PORTABLE },
	{ "inheritance: by exec", by_exec, ANY },
	{ "inheritance: by exec, only what is said to be", not_by_itself,
	  ANY },
	{ "pidfd: a copied descriptor has the same pages and pin state",
	  by_pidfd, ANY },
	{ "/proc/PID/fd: so has one that is opened there", by_proc_fd,
	  PORTABLE },
};

const struct test_group inheritance_tests = TEST_GROUP(tests);
