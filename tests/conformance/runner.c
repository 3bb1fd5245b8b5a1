// SPDX-License-Identifier: MIT
/*
 * Runs one test after the other, each in a process of its own, so that a crash
 * or a hang fails that test only and what it leaves behind ends with it.
 */
#include "test.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"
#include "cgroup.h"
#include "engine.h"
#include "runner.h"

/*
 * No test waits for anything but another process. This is only for those that
 * would wait for ever, on the slowest machine: a debug kernel in emulation.
 */
#define LIMIT_SECONDS	300

enum { PASSED, FAILED, SKIPPED = 77 };

/* Where a test's process leaves the reason why it cannot run here. */
static char *skip_reason;
#define SKIP_REASON_SIZE 256

void test_fail(const char *file, int line, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tap_note("%s:%d: %s", file, line, text);
	_exit(FAILED);
}

void test_skip(const char *reason)
{
	snprintf(skip_reason, SKIP_REASON_SIZE, "%s", reason);
	_exit(SKIPPED);
}

void must_hold(const char *file, int line, const char *condition, bool holds)
{
	if (!holds)
		test_fail(file, line, "not so: %s (last error: %s)", condition,
			  strerror(errno));
}

static const char *number_name(char *room, size_t size, long long number)
{
	const char *name = NULL;

	if (number < 0 && number > -4096)
		name = strerrorname_np(-number);
	if (name)
		snprintf(room, size, "-%s", name);
	else
		snprintf(room, size, "%lld", number);
	return room;
}

void must_equal(const char *file, int line, const char *expression,
		long long seen, long long wanted)
{
	char seen_name[32], wanted_name[32];

	if (seen == wanted)
		return;
	test_fail(file, line, "%s is %s, and should be %s", expression,
		  number_name(seen_name, sizeof(seen_name), seen),
		  number_name(wanted_name, sizeof(wanted_name), wanted));
}

/**
 * runner_init - get ready to run tests
 *
 * The caller becomes the one who reaps all that the tests start.
 */
void runner_init(void)
{
	sigset_t child;

	skip_reason = mmap(NULL, SKIP_REASON_SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (skip_reason == MAP_FAILED) {
		perror("conformance: cannot map a page");
		exit(2);
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	cgroup_clear();
}

__attribute__((noreturn))
static void run_body(const struct test *test)
{
	const struct rlimit no_core = { 0 };
	sigset_t none;

	setrlimit(RLIMIT_CORE, &no_core);
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	test->body();
	_exit(PASSED);
}

/* Waits for the process of a test. Returns false at the limit. */
static bool await(pid_t pid, int *status)
{
	struct timespec limit = { .tv_sec = LIMIT_SECONDS };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		pid_t ended = waitpid(-1, status, WNOHANG);

		if (ended == pid)
			return true;
		/* An orphan's end interrupts the wait and starts it anew. */
		if (ended <= 0 &&
		    sigtimedwait(&child, NULL, &limit) < 0 && errno == EAGAIN)
			return false;
	}
}

/* Those that have left the group: without a parent they are the runner's. */
static void kill_children(void)
{
	FILE *file = fopen("/proc/thread-self/children", "r");
	int child;

	if (!file)
		return;
	while (fscanf(file, "%d", &child) == 1)
		kill(child, SIGKILL);
	fclose(file);
}

static void end_all(pid_t group)
{
	kill(-group, SIGKILL);
	do
		kill_children();
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
	cgroup_clear();
	if (engine->clear)
		engine->clear();
}

static const char *unmet_need(const struct test *test)
{
	for (size_t i = 0; i < sizeof(test->needs) / sizeof(test->needs[0]);
	     i++) {
		const char *reason = test->needs[i] ? test->needs[i]() : NULL;

		if (reason)
			return reason;
	}
	return NULL;
}

static void report(const struct test *test, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
		tap_skip(test->name, skip_reason);
		return;
	}
	if (WIFSIGNALED(status))
		tap_note("ended by %s", strsignal(WTERMSIG(status)));
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == PASSED, "%s",
	       test->name);
}

/**
 * runner_run - run one test and report it
 * @test: which
 */
void runner_run(const struct test *test)
{
	const char *reason = unmet_need(test);
	int status;
	pid_t pid;

	if (reason) {
		tap_skip(test->name, reason);
		return;
	}
	if (engine->prepare)
		engine->prepare();
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		tap_note("fork: %s", strerror(errno));
		tap_ok(false, "%s", test->name);
		return;
	}
	if (!pid)
		run_body(test);
	setpgid(pid, pid);
	if (await(pid, &status)) {
		end_all(pid);
		report(test, status);
		return;
	}
	tap_note("still running after %d seconds", LIMIT_SECONDS);
	end_all(pid);
	tap_ok(false, "%s", test->name);
}
