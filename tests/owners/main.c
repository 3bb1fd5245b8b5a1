// SPDX-License-Identifier: MIT
/*
 * One region, one pin map (docs/portable-engine.md): whatever users and
 * namespaces there are, the second ashmemd to be asked about a region answers
 * with an error, and nobody is told what is not so.
 *
 *	owners PATH
 *
 * with the path of ashmemd. Needs root, to become others.
 */
#include <ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"
#include "actor.h"

#define PAGES		(ACTOR_BYTES / sysconf(_SC_PAGESIZE))

/* Any two that are not root. */
#define ONE_USER	65531
#define OTHER_USER	65532

#define TEMPLATE	"/tmp/ashmem-owners-XXXXXX"

static char one_directory[] = TEMPLATE;
static char other_directory[] = TEMPLATE;

static struct actor_place one = { ONE_USER, one_directory, false, false };
static struct actor_place other = { OTHER_USER, other_directory, false,
				    false };

static void directory_make(char *template, uid_t user)
{
	if (mkdtemp(template) && chown(template, user, user) == 0)
		return;
	perror("owners: a directory");
	exit(2);
}

static void directory_remove(const char *directory)
{
	static const char *const names[] = {
		"ashmemd/socket", "ashmemd/lock", "ashmemd/log", "ashmemd",
	};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		remove(path);
	}
	rmdir(directory);
}

/* The first to unpin has the region; the second is refused. */
static void second_is_refused(const char *who)
{
	struct actor first = actor_start(&one), second = actor_start(&other);
	bool given = actor_give(&first, &second, TAKE) == 0;

	tap_ok(given && actor_do(&first, UNPIN) == 0,
	       "%s: the first unpins", who);
	tap_ok(actor_do(&second, PIN) == -EBUSY &&
	       actor_do(&second, UNPIN) == -EBUSY &&
	       actor_do(&second, HOLD) == -EBUSY,
	       "%s: the second is refused, be it to pin, unpin or hold", who);
	tap_ok(actor_do(&second, PURGE_ALL) == 0 &&
	       actor_do(&first, IS_INTACT) == 1,
	       "%s: the second's ashmemd purges nothing of it", who);
	tap_ok(actor_do(&first, PURGE_ALL) == PAGES &&
	       actor_do(&first, PIN) == 1,
	       "%s: the first's does, and says so", who);
	actor_end(&first);
	tap_ok(actor_do_in_time(&second, PIN) == 0,
	       "%s: when the first is gone, the second is served", who);
	actor_end(&second);
}

/* Who can start no ashmemd pins all the same, and keeps others from purging. */
static void without_ashmemd(void)
{
	struct actor_place alone = one;
	struct actor first, second;

	alone.alone = true;
	first = actor_start(&alone);
	second = actor_start(&other);
	tap_ok(actor_give(&first, &second, TAKE) == 0 &&
	       actor_do(&first, UNPIN) == 0 && actor_do(&first, PIN) == 0 &&
	       actor_do(&first, HOLD) == 0 && actor_do(&first, RELEASE) == 0,
	       "without ashmemd: everything works but purging");
	tap_ok(actor_do(&second, UNPIN) == -EBUSY,
	       "without ashmemd: nobody else's is let in beside");
	actor_end(&first);
	actor_end(&second);
}

static void after_ashmemd(void)
{
	struct actor_place alone = other;
	struct actor first, second;

	alone.alone = true;
	first = actor_start(&one);
	second = actor_start(&alone);
	tap_ok(actor_give(&first, &second, TAKE) == 0 &&
	       actor_do(&first, UNPIN) == 0 &&
	       actor_do(&second, PIN) == -EBUSY,
	       "without ashmemd: where another serves the region, an error");
	actor_end(&first);
	actor_end(&second);
}

/* The machine's root has nothing to do with it: another user is another. */
static void read_only(void)
{
	struct actor_place reader_place = one;
	struct actor writer, reader;

	writer = actor_start(&one);
	reader = actor_start(&reader_place);
	tap_ok(actor_give(&writer, &reader, TAKE_READ_ONLY) == 0 &&
	       actor_do(&writer, UNPIN) == 0 && actor_do(&reader, HOLD) == 0 &&
	       actor_do(&writer, PURGE_ALL) == 0 &&
	       actor_do(&reader, IS_INTACT) == 1,
	       "read-only: a holder keeps what somebody else has unpinned");
	tap_ok(actor_do(&reader, UNPIN) == 0 &&
	       actor_do(&reader, IS_INTACT) == 1,
	       "read-only: to unpin gives back no more than it has pinned");
	actor_end(&reader);
	tap_ok(actor_do(&writer, PURGE_ALL) == PAGES,
	       "read-only: what it held ends with it");
	actor_end(&writer);
}

/* A price of handing out read-only that is told, not one that is paid in
 * silence: see ashmem_region_duplicate(3). */
static void without_permission(void)
{
	struct actor owner = actor_start(&one);
	struct actor reader = actor_start(&one);
	struct actor third = actor_start(&other);

	tap_ok(actor_give(&owner, &reader, TAKE_READ_ONLY) == 0 &&
	       actor_pass(&owner, &third, TAKE) == 0 &&
	       actor_do(&third, PIN) == -EACCES,
	       "read-only: another user's ashmemd is kept out, with an error");
	tap_ok(actor_do(&owner, PIN) == 0 && actor_do(&reader, HOLD) == 0,
	       "read-only: the owner's is not");
	actor_end(&owner);
	actor_end(&reader);
	actor_end(&third);
}

/* A region whose place is known, and whose pin map is not. */
static struct ashmem_region *region_new(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "owners", ACTOR_BYTES) == 0 &&
	    ashmem_region_descriptor(region) >= 0)
		return region;
	perror("owners: a region");
	_exit(2);
}

/* Leaves this process so many descriptors; returns how many it could have. */
static rlim_t leave_descriptors(int spare)
{
	struct rlimit limit;
	int next = dup(STDIN_FILENO);
	rlim_t before;

	close(next);
	getrlimit(RLIMIT_NOFILE, &limit);
	before = limit.rlim_cur;
	limit.rlim_cur = next + spare;
	setrlimit(RLIMIT_NOFILE, &limit);
	return before;
}

/* There is room for the pin map that comes, and not for the lock. */
static void attach_short_of_descriptors(void)
{
	struct ashmem_region *first = region_new(), *second = region_new();
	struct ashmem_region *third = region_new();
	struct rlimit limit;
	rlim_t before;
	int result, error;

	setenv("XDG_RUNTIME_DIR", one_directory, 1);
	if (ashmem_region_pin(first, 0, 0) != 0)
		_exit(1);
	before = leave_descriptors(1);
	result = ashmem_region_pin(second, 0, 0);
	error = errno;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = before;
	setrlimit(RLIMIT_NOFILE, &limit);
	_exit(result != -1 || error != EMFILE ||
	      ashmem_region_pin(third, 0, 0) != 0 ||
	      ashmem_region_pin(second, 0, 0) != 0);
}

static void after_failure(void)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setgid(ONE_USER) || setuid(ONE_USER))
			_exit(2);
		attach_short_of_descriptors();
	}
	tap_ok(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0,
	       "an attachment that fails leaves its place to others");
}

/* Containers of one user, who see neither each other's files nor sockets. */
static void apart(void)
{
	char here[] = TEMPLATE, there[] = TEMPLATE;
	struct actor_place users[] = { one, other };

	directory_make(here, 0);
	directory_make(there, 0);
	one = (struct actor_place){ 0, here, true, false };
	other = (struct actor_place){ 0, there, true, false };
	second_is_refused("two mount namespaces");
	one = users[0];
	other = users[1];
	directory_remove(here);
	directory_remove(there);
}

/* Where others can run it, whoever may look into the build. */
static void program_copy(const char *path, char *copy)
{
	struct stat stat;
	int from = open(path, O_RDONLY), to = mkstemp(copy);

	if (from < 0 || to < 0 || fstat(from, &stat) < 0 ||
	    sendfile(to, from, NULL, stat.st_size) != stat.st_size ||
	    fchmod(to, 0755) < 0 || close(to) < 0) {
		perror("owners: a copy of ashmemd");
		exit(2);
	}
	close(from);
	setenv("ASHMEMD", copy, 1);
}

/* Gives this process a /run that only its children see. Returns false where
 * others would see it as well: the root is not a mount, but a directory that
 * somebody has gone into by chroot(2). */
static bool run_make(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		goto fail;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		if (errno == EINVAL)
			return false;
		goto fail;
	}
	if (mount("owners", "/run", "tmpfs", 0, NULL) == 0)
		return true;
fail:
	perror("owners: a /run of its own");
	exit(2);
}

static pid_t machine_start(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl(getenv("ASHMEMD"), "ashmemd", "--machine", NULL);
		_exit(2);
	}
	return pid;
}

static bool machine_listens(void)
{
	struct timespec pause = { .tv_nsec = 100000000 };

	for (int tries = 0; tries < 300; tries++) {
		if (access("/run/ashmemd/socket", F_OK) == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* A region that was handed out read-only, so that other users cannot open its
 * file anew for writing. */
static void whole_beside_read_only(const struct actor *writer)
{
	struct actor third = actor_start(&other);

	tap_ok(actor_pass(writer, &third, TAKE) == 0 &&
	       actor_do(&third, PIN) == 1 && actor_do(&third, UNPIN) == 0,
	       "the machine's: another user who has it whole pins it, and is told");
	actor_end(&third);
}

/* One ashmemd for all users: who can only read can hold, and nothing else. */
static void machine(void)
{
	struct actor writer, reader;
	int status;
	pid_t pid;

	if (!run_make()) {
		tap_skip("the machine's ashmemd",
			 "needs a root directory that is a mount");
		return;
	}
	pid = machine_start();
	tap_ok(pid > 0 && machine_listens(), "the machine's: it listens");
	writer = actor_start(&one);
	reader = actor_start(&other);
	tap_ok(actor_give(&writer, &reader, TAKE_READ_ONLY) == 0 &&
	       actor_do(&writer, UNPIN) == 0 && actor_do(&reader, HOLD) == 0,
	       "the machine's: two users have one region");
	tap_ok(actor_do(&reader, WRITE_PIN_MAP) == 0,
	       "the machine's: a reader has no way to write the pin map");
	tap_ok(actor_do(&writer, PURGE_ALL) == 0 &&
	       actor_do(&reader, IS_INTACT) == 1,
	       "the machine's: what a reader holds stays");
	tap_ok(actor_do(&reader, PURGE_ALL) == 0 &&
	       actor_do(&reader, RELEASE) == 0 &&
	       actor_do(&reader, PURGE_ALL) == 0,
	       "the machine's: a reader cannot purge another user's");
	tap_ok(actor_do(&writer, PURGE_ALL) == PAGES &&
	       actor_do(&reader, HOLD) == 1,
	       "the machine's: the writer can, and the reader is told");
	whole_beside_read_only(&writer);
	actor_end(&writer);
	actor_end(&reader);
	kill(pid, SIGTERM);
	tap_ok(waitpid(pid, &status, 0) == pid && status == 0,
	       "the machine's: SIGTERM ends it well");
}

int main(int argc, char **argv)
{
	char program[] = "/tmp/ashmem-owners-XXXXXX";

	if (argc != 2 || access(argv[1], X_OK)) {
		fprintf(stderr, "usage: owners PATH, with the path of ashmemd\n");
		return 2;
	}
	if (geteuid()) {
		tap_skip("one region, one pin map", "needs root");
		return tap_done();
	}
	program_copy(argv[1], program);
	setenv("ASHMEM_ENGINE", "portable", 1);
	directory_make(one_directory, ONE_USER);
	directory_make(other_directory, OTHER_USER);
	second_is_refused("two users");
	without_ashmemd();
	after_ashmemd();
	read_only();
	without_permission();
	after_failure();
	apart();
	machine();
	directory_remove(one_directory);
	directory_remove(other_directory);
	unlink(program);
	return tap_done();
}
