// SPDX-License-Identifier: MIT
/*
 * The truth under pressure (CONTRACT.md, section 5): is what PIN says of a
 * page always so?
 *
 * Several processes pin pages of areas that they share and of areas of their
 * own, verify what they were told, write, unpin, close, end and are killed,
 * while memory is short and another process purges all. The ledger knows what
 * every page must hold.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "content.h"
#include "engine.h"
#include "killer.h"
#include "pressure.h"
#include "random.h"
#include "region.h"
#include "tap.h"
#include "worker.h"

#define DEFAULT_CHECKS		1000000
#define DEFAULT_SECONDS		45
#define DEFAULT_PROCESSES	4
#define DEFAULT_SEED		1

static const struct engine *const engines[] = {
	&device_engine, &library_device_engine, &library_portable_engine,
};

const struct engine *engine = &device_engine;
size_t page;
size_t content_page_size;

/**
 * struct options - what the user wants
 * @checks:    after that many verified pages the test ends, or
 * @seconds:   after that many seconds, whichever is first; 0 is never
 * @processes: how many workers
 * @seed:      of random choices; how processes meet is another matter
 */
struct options {
	unsigned long checks;
	unsigned long seconds;
	unsigned long processes;
	unsigned long seed;
};

/**
 * struct supervisor - who starts the others and sees them end
 * @options:   what the user wants
 * @ledger:    the ledger
 * @signals:   on which workers tell of their progress
 * @children:  readable when a child has ended
 * @shared:    the areas that all workers use
 * @workers:   their process numbers, by their place
 * @purger:    the process that purges all
 * @allocator: the process that makes pressure, or 0
 * @killer:    the process that kills ashmemd, or 0
 * @limited:   all run in a cgroup that can have a limit
 * @random:    the state of random choices
 */
struct supervisor {
	struct options options;
	struct ledger *ledger;
	struct signals signals;
	int children;
	struct region shared[LEDGER_SHARED_AREAS];
	pid_t workers[LEDGER_PROCESSES_MAX];
	pid_t purger;
	pid_t allocator;
	pid_t killer;
	bool limited;
	uint64_t random;
};

static const char *const claims[CLAIMS] = {
	[CLAIM_NOT_PURGED] = "PIN 0: all of the pages have their content",
	[CLAIM_PURGED]	= "PIN 1: one of the pages at least reads as zeros, the others have their content",
	[CLAIM_PINNED]	= "a page that is pinned is not purged, nor wiped by an earlier purge",
	[CLAIM_HELD]	= "a page that is held is not purged, nor wiped by an earlier purge",
	[CLAIM_STATUS]	= "GET_PIN_STATUS is 0 if any page is unpinned, else 1",
	[CLAIM_CLOSED]	= "once the last descriptor is closed nothing is purged",
	[CLAIM_PRIVATE]	= "a private mapping shows what is shared, and keeps its own copies",
	[CLAIM_CALLS]	= "no call fails, and no process dies by itself",
};

__attribute__((noreturn))
static void give_up(const char *what)
{
	fprintf(stderr, "truth: %s: %s\n", what, strerror(errno));
	exit(2);
}

static pid_t fork_child(void)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child < 0)
		give_up("fork");
	return child;
}

static void make_pipes(struct signals *signals)
{
	if (pipe(signals->purge) || pipe(signals->allocate) ||
	    pipe(signals->supervise) || pipe(signals->kill) ||
	    pipe(signals->begin))
		give_up("pipe");
	/* Who tells of progress never waits; who listens does. */
	fcntl(signals->purge[1], F_SETFL, O_NONBLOCK);
	fcntl(signals->allocate[1], F_SETFL, O_NONBLOCK);
	fcntl(signals->supervise[1], F_SETFL, O_NONBLOCK);
	fcntl(signals->kill[1], F_SETFL, O_NONBLOCK);
}

/* In a process that listens: nobody but workers may keep the pipes open. */
static void close_writing_ends(const struct signals *signals)
{
	close(signals->purge[1]);
	close(signals->allocate[1]);
	close(signals->supervise[1]);
	close(signals->kill[1]);
}

static void start_worker(struct supervisor *supervisor, unsigned int place)
{
	struct ledger *ledger = supervisor->ledger;
	struct job job = {
		.ledger = ledger,
		.place = &ledger->areas[LEDGER_SHARED_AREAS + place],
		.signals = supervisor->signals,
		.most_checks = supervisor->options.checks ?: ULONG_MAX,
		.seed = random_next(&supervisor->random),
	};

	for (unsigned int i = 0; i < LEDGER_SHARED_AREAS; i++)
		job.fds[i] = supervisor->shared[i].fd;
	supervisor->workers[place] = fork_child();
	if (!supervisor->workers[place])
		worker_run(&job);
}

static void start_purger(struct supervisor *supervisor)
{
	supervisor->purger = fork_child();
	if (supervisor->purger)
		return;
	close_writing_ends(&supervisor->signals);
	pressure_purge(supervisor->ledger, supervisor->shared[0].fd,
		       supervisor->signals.purge[0]);
}

static bool has_daemon(void)
{
	return engine == &library_portable_engine;
}

static void start_killer(struct supervisor *supervisor)
{
	if (!has_daemon())
		return;
	supervisor->killer = fork_child();
	if (supervisor->killer)
		return;
	close_writing_ends(&supervisor->signals);
	killer_run(supervisor->ledger, supervisor->signals.kill[0],
		   supervisor->options.seed);
}

static void start_allocator(struct supervisor *supervisor)
{
	unsigned long processes = supervisor->options.processes;
	size_t pages = LEDGER_SHARED_AREAS * LEDGER_AREA_PAGES +
		       processes * WORKER_PAGES;

	supervisor->allocator = fork_child();
	if (supervisor->allocator)
		return;
	close_writing_ends(&supervisor->signals);
	pressure_allocate(supervisor->ledger, supervisor->signals.allocate[0],
			  supervisor->signals.begin[1],
			  pages * content_page_size, processes);
}

static void open_shared(struct supervisor *supervisor)
{
	struct ledger *ledger = supervisor->ledger;

	for (unsigned int i = 0; i < LEDGER_SHARED_AREAS; i++) {
		struct region *region = &supervisor->shared[i];
		int fd = region_open(ledger, &ledger->areas[i],
				     LEDGER_AREA_PAGES);

		region_map(region, ledger, &ledger->areas[i], fd);
		region_fill(region, &supervisor->random);
	}
}

static void prepare(struct supervisor *supervisor)
{
	sigset_t ended;

	make_pipes(&supervisor->signals);

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	supervisor->children = signalfd(-1, &ended, SFD_NONBLOCK);
	if (supervisor->children < 0)
		give_up("signalfd");
	/* Children of workers that were killed. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void start_all(struct supervisor *supervisor)
{
	open_shared(supervisor);
	if (supervisor->limited)
		start_allocator(supervisor);
	close(supervisor->signals.begin[1]);
	start_purger(supervisor);
	start_killer(supervisor);
	for (unsigned int i = 0; i < supervisor->options.processes; i++)
		start_worker(supervisor, i);
}

static void worker_ended(struct supervisor *supervisor, unsigned int place,
			 int status)
{
	struct ledger *ledger = supervisor->ledger;
	pid_t dead = supervisor->workers[place];

	supervisor->workers[place] = 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		for (unsigned int i = 0; i < LEDGER_SHARED_AREAS; i++)
			region_recover(&supervisor->shared[i], dead);
	else if (status)
		ledger_fault(ledger, CLAIM_CALLS,
			     "a worker ended with wait status %#x", status);
	if (ledger->stop)
		return;
	start_worker(supervisor, place);
	ledger->counts.successors++;
}

static void child_ended(struct supervisor *supervisor, pid_t child, int status)
{
	struct ledger *ledger = supervisor->ledger;

	if (child == supervisor->allocator) {
		supervisor->allocator = 0;
		if (!ledger->stop)
			start_allocator(supervisor);
		return;
	}
	if (child == supervisor->purger) {
		supervisor->purger = 0;
		if (status)
			ledger_fault(ledger, CLAIM_CALLS,
				     "the purger ended with wait status %#x",
				     status);
	}
	if (child == supervisor->killer)
		supervisor->killer = 0;
	for (unsigned int i = 0; i < supervisor->options.processes; i++)
		if (child == supervisor->workers[i])
			worker_ended(supervisor, i, status);
}

static void reap(struct supervisor *supervisor)
{
	pid_t child;
	int status;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0)
		child_ended(supervisor, child, status);
}

static bool has_children(const struct supervisor *supervisor)
{
	for (unsigned int i = 0; i < supervisor->options.processes; i++)
		if (supervisor->workers[i])
			return true;
	return supervisor->purger || supervisor->allocator ||
	       supervisor->killer;
}

/* Not ashmemd, which may be a child by now: it may wait for this to end. */
static void reap_all(struct supervisor *supervisor)
{
	pid_t child;
	int status;

	while (has_children(supervisor)) {
		child = waitpid(-1, &status, 0);
		if (child < 0)
			give_up("waitpid");
		child_ended(supervisor, child, status);
	}
}

/* Whatever a worker is doing, in the kernel or not: its death harms nobody. */
static void kill_one(struct supervisor *supervisor)
{
	unsigned int place = random_below(&supervisor->random,
					  supervisor->options.processes);

	if (supervisor->workers[place]) {
		kill(supervisor->workers[place], SIGKILL);
		supervisor->ledger->counts.kills++;
	}
}

static int milliseconds_until(const struct timespec *end)
{
	struct timespec now;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (end->tv_sec - now.tv_sec) * 1000 +
	       (end->tv_nsec - now.tv_nsec) / 1000000;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
}

static void supervise(struct supervisor *supervisor)
{
	struct pollfd sources[] = {
		{ .fd = supervisor->children, .events = POLLIN },
		{ .fd = supervisor->signals.supervise[0], .events = POLLIN },
	};
	struct timespec end;
	char buffer[4096];

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += supervisor->options.seconds ?: INT_MAX;
	while (!supervisor->ledger->stop) {
		if (!poll(sources, 2, milliseconds_until(&end)))
			supervisor->ledger->stop = true;
		if (sources[0].revents &&
		    read(sources[0].fd, buffer, sizeof(buffer)) > 0)
			reap(supervisor);
		if (sources[1].revents &&
		    read(sources[1].fd, buffer, sizeof(buffer)) > 0 &&
		    !random_below(&supervisor->random, 4))
			kill_one(supervisor);
	}
}

/* In a process of its own, so that whatever happens to it can be reported. */
__attribute__((noreturn))
static void run(const struct options *options, struct ledger *ledger,
		bool limited)
{
	struct supervisor supervisor = {
		.options = *options,
		.ledger = ledger,
		.limited = limited,
		.random = options->seed,
	};

	prepare(&supervisor);
	start_all(&supervisor);
	supervise(&supervisor);
	close_writing_ends(&supervisor.signals);
	reap_all(&supervisor);
	_exit(0);
}

static void note_counts(const struct ledger_counts *counts)
{
	tap_note("%lu checks of a page", counts->checks);
	tap_note("%lu pins of unpinned pages said \"not purged\"",
		 counts->pins_kept);
	tap_note("%lu pins said \"purged\", and found %lu pages that were",
		 counts->pins_purged, counts->pages_purged);
	tap_note("%lu times all was purged (%lu pages), %lu allocations",
		 counts->purge_alls, counts->purged_by_all,
		 counts->allocations);
	tap_note("%lu areas closed, %lu forks, %lu processes killed, %lu "
		 "replaced", counts->reopenings, counts->forks, counts->kills,
		 counts->successors);
	if (has_daemon())
		tap_note("%lu holds, %lu times ashmemd was killed, %lu calls "
			 "put off", counts->holds, counts->daemon_kills,
			 counts->put_off);
}

static void report_pressure(const struct ledger *ledger, const char *missing,
			    long kills)
{
	static const char name[] = "at a cgroup's limit unpinned pages are purged before anybody is killed";

	if (missing) {
		tap_skip(name, missing);
		return;
	}
	tap_ok(ledger->purging && ledger->counts.allocations && !kills, name);
	tap_note("%ld were killed", kills);
}

static void report_kills(const struct ledger_counts *counts)
{
	if (has_daemon())
		tap_ok(counts->daemon_kills, "ashmemd was killed, and replaced");
}

/* What only a run that was not cut short can tell. */
static void report_whole(const struct ledger *ledger, const char *missing,
			 long kills)
{
	const struct ledger_counts *counts = &ledger->counts;

	report_pressure(ledger, missing, kills);
	tap_ok(counts->pins_kept && counts->pins_purged,
	       "both answers of PIN were put to test");
	report_kills(counts);
}

static void report(const struct ledger *ledger, const char *missing,
		   long kills, int status)
{
	note_counts(&ledger->counts);
	for (unsigned int i = 0; i < CLAIMS; i++) {
		bool broken = ledger->fault_told && ledger->claim == i;

		tap_ok(!broken, "%s", claims[i]);
		if (broken)
			tap_note("%s", ledger->fault);
	}
	if (ledger->fault_told)
		return;
	report_whole(ledger, missing, kills);
	tap_ok(!status, "the supervisor saw all others end");
	if (status)
		tap_note("its wait status is %#x", status);
}

/* All processes have ended but this one, which has no area. */
static void report_release(void)
{
	unsigned int left;

	if (!has_daemon())
		return;
	tap_ok(killer_await_end(), "ashmemd ends once nobody needs it");
	left = killer_count_left();
	tap_ok(!left, "after the last process nothing is left");
	if (left)
		tap_note("%u descriptors are", left);
}

/* Says what is missing before anything begins. */
static void check_engine(void)
{
	int fd = engine->open();
	long purged;

	if (fd < 0) {
		errno = -fd;
		give_up(engine->advice);
	}
	purged = engine->purge_all(fd);
	if (purged < 0) {
		errno = -purged;
		give_up("not all can be purged; be root");
	}
	engine->close(fd);
}

/* Returns NULL once the test runs in a cgroup that can have a limit. */
static const char *enter_cgroup(void)
{
	return has_daemon() ?
	       "the kernel does not wait for ashmemd: tests/reclaim" :
	       pressure_enter();
}

static int test(const struct options *options)
{
	struct ledger *ledger = ledger_create();
	const char *missing = enter_cgroup();
	pid_t child;
	long kills;
	int status;

	tap_note("%lu processes, seed %lu", options->processes, options->seed);
	ledger->purging = missing != NULL;
	child = fork_child();
	if (!child)
		run(options, ledger, !missing);
	if (waitpid(child, &status, 0) != child)
		give_up("waitpid");
	kills = pressure_kills();
	report(ledger, missing, kills, status);
	report_release();
	if (!missing)
		pressure_leave();
	return tap_done();
}

static unsigned long number(const char *option, const char *text,
			    unsigned long least, unsigned long most)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || *end || end == text || strchr(text, '-') ||
	    value < least || value > most) {
		fprintf(stderr, "truth: --%s %s: give a whole number from %lu "
			"to %lu\n", option, text, least, most);
		exit(2);
	}
	return value;
}

static void choose_engine(const char *name)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (!strcmp(engines[i]->name, name)) {
			engine = engines[i];
			return;
		}
	fprintf(stderr, "truth: --engine %s: say device, library-device or "
		"library-portable\n", name);
	exit(2);
}

/* Its end is waited for. */
static void set_idle_exit(void)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/ashmemd.conf",
		 getenv("XDG_CONFIG_HOME"));
	file = fopen(path, "w");
	if (!file || fputs("[daemon]\nidle-exit = 1\n", file) < 0 ||
	    fclose(file))
		give_up(path);
}

/* Says what the engine lacks before anything begins. */
static void start_engine(void)
{
	const char *missing = engine->start ? engine->start() : NULL;

	if (missing) {
		fprintf(stderr, "truth: %s\n", missing);
		exit(2);
	}
	if (engine->prepare)
		engine->prepare();
	if (has_daemon())
		set_idle_exit();
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "checks",    required_argument, NULL, 'c' },
		{ "processes", required_argument, NULL, 'p' },
		{ "seconds",   required_argument, NULL, 's' },
		{ "seed",      required_argument, NULL, 'e' },
		{ "engine",    required_argument, NULL, 'n' },
		{ 0 }
	};
	struct options options = {
		.processes = DEFAULT_PROCESSES,
		.seed = DEFAULT_SEED,
	};
	int option, failed;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'c')
			options.checks = number("checks", optarg, 1, LONG_MAX);
		else if (option == 'p')
			options.processes = number("processes", optarg, 1,
						   LEDGER_PROCESSES_MAX);
		else if (option == 's')
			options.seconds = number("seconds", optarg, 1, INT_MAX);
		else if (option == 'e')
			options.seed = number("seed", optarg, 0, ULONG_MAX);
		else if (option == 'n')
			choose_engine(optarg);
		else
			optind = argc + 1;
	}
	if (optind != argc) {
		fprintf(stderr, "usage: truth [--checks N] [--seconds N] "
			"[--processes N] [--seed N] [--engine NAME]\n");
		return 2;
	}
	if (!options.checks && !options.seconds) {
		options.checks = DEFAULT_CHECKS;
		options.seconds = DEFAULT_SECONDS;
	}
	page = sysconf(_SC_PAGESIZE);
	content_page_size = page;
	start_engine();
	check_engine();
	failed = test(&options);
	if (engine->clear)
		engine->clear();
	return failed;
}
