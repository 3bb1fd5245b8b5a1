// SPDX-License-Identifier: MIT
/*
 * CONTRACT.md, section 8: where no ashmemd can be reached or started, all works
 * but purging.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES	8

static char ashmemd[4096];

/* libashmem looks for it at the first call that needs it. */
static void hide_ashmemd(void)
{
	const char *path = getenv("ASHMEMD");

	must(path && strlen(path) < sizeof(ashmemd));
	strcpy(ashmemd, path);
	setenv("ASHMEMD", "/nonexistent/ashmemd", 1);
}

static struct area make_alone(void)
{
	struct area area;

	hide_ashmemd();
	area = area_make(PAGES);
	pages_fill(area.at, 0, PAGES, 'a');
	return area;
}

static void unpin_succeeds(void)
{
	struct area area = make_alone();

	must_be(engine->unpin(area.fd, page, 2 * page), 0);
	must_be(engine->status(area.fd, page, page), 0);
	must_be(engine->status(area.fd, 3 * page, 0), 1);
	must_be(engine->pin(area.fd, 0, 0), 0);
	must_be(engine->status(area.fd, 0, 0), 1);
	must(pages_hold(area.at, 0, PAGES, 'a'));
}

static void pages_stay(void)
{
	struct area area = make_alone();

	must_be(engine->unpin(area.fd, 0, 0), 0);
	must(engine->purge_all(area.fd) < 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
	must_be(engine->pin(area.fd, 0, 0), 0);
}

static void holds_are_kept(void)
{
	struct area area = make_alone();

	must_be(engine->unpin(area.fd, 0, 0), 0);
	must_be(engine->hold(area.fd, 0, page), 0);
	must_be(engine->release(area.fd, page, page), -EINVAL);
	must_be(engine->renew(area.fd, 0, page), 0);
	must_be(engine->release(area.fd, 0, page), 0);
	must_be(engine->release(area.fd, 0, page), -EINVAL);
}

static void bad_runs(void)
{
	struct area area = make_alone();

	must_be(engine->unpin(area.fd, 1, page), -EINVAL);
	must_be(engine->pin(area.fd, 0, (PAGES + 1) * page), -EINVAL);
	must_be(engine->status(area.fd, PAGES * page, 0), -EINVAL);
}

static long unpin_and_pin(const struct job *job)
{
	must_be(engine->unpin(job->fd, 0, 0), 0);
	return engine->pin(job->fd, 0, 0);
}

static void by_two_processes(void)
{
	struct area area = make_alone();
	struct worker other = worker_start();

	must_be(engine->unpin(area.fd, 0, 0), 0);
	must_be(worker_do(&other, &(struct job){ unpin_and_pin, area.fd }), 0);
	must_be(engine->pin(area.fd, 0, 0), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
}

/* It is not looked for all the time; if it never is, the limit ends this. */
static void found_later(void)
{
	struct area area = make_alone();
	int other = area_open();

	must_be(engine->unpin(area.fd, 0, 0), 0);
	setenv("ASHMEMD", ashmemd, 1);
	while (engine->purge_all(other) < 0)
		sched_yield();
	/* What was pinned without it stays out of its reach. */
	must_be(engine->unpin(area.fd, page, 2 * page), 0);
	must_be(engine->purge_all(other), 0);
	must_be(engine->pin(area.fd, 0, 0), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
	/* A new area is in its reach. */
	area = area_make(PAGES);
	must_be(engine->unpin(area.fd, page, 2 * page), 0);
	must_be(engine->purge_all(other), 2);
	must_be(engine->pin(area.fd, 0, 0), 1);
	must_be(engine->pin(area.fd, 0, 0), 0);
}

/* Where libashmem looks for it before it starts one. */
static pid_t start_ashmemd(void)
{
	char socket[4096];
	pid_t pid = fork();

	if (!pid) {
		execl(getenv("ASHMEMD"), "ashmemd", NULL);
		_exit(1);
	}
	snprintf(socket, sizeof(socket), "%s/ashmemd/socket",
		 getenv("XDG_RUNTIME_DIR"));
	while (access(socket, F_OK)) {
		must_be(waitpid(pid, NULL, WNOHANG), 0);
		sched_yield();
	}
	return pid;
}

/* Who asks the next one brings along what it has unpinned. */
static void killed_before_purge_all(void)
{
	pid_t ashmemd = start_ashmemd();
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(engine->unpin(area.fd, 0, 2 * page), 0);
	must(!kill(ashmemd, SIGKILL));
	must(waitpid(ashmemd, NULL, 0) == ashmemd);
	must_be(engine->purge_all(area.fd), 2);
	must_be(engine->pin(area.fd, 0, 0), 1);
	must(pages_hold(area.at, 0, 2, 0) &&
	     pages_hold(area.at, 2, PAGES, 'a'));
}

static const struct test tests[] = {
	{ "8 no ashmemd: pin, unpin and status work", unpin_succeeds,
	  { need_ashmemd } },
	{ "8 no ashmemd: unpinned pages stay", pages_stay, { need_ashmemd } },
	{ "8 no ashmemd: holds work", holds_are_kept, { need_ashmemd } },
	{ "8 no ashmemd: what is no run of pages is EINVAL", bad_runs,
	  { need_ashmemd } },
	{ "8 no ashmemd: two processes get along", by_two_processes,
	  { need_ashmemd } },
	{ "8 no ashmemd: one that comes later purges areas opened then",
	  found_later, { need_ashmemd } },
	{ "8 ashmemd killed: the next one purges all the same",
	  killed_before_purge_all, { need_ashmemd } },
};

const struct test_group alone_tests = TEST_GROUP(tests);
