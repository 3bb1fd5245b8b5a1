// SPDX-License-Identifier: MIT
#include "worker.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"
#include "region.h"

#define RUN_PAGES_MAX		16
#define PRIVATE_COPIES_MAX	8

/* Progress is told after so many steps. */
#define STEPS_TO_PURGE		1024
#define STEPS_TO_ALLOCATE	64
#define STEPS_TO_SUPERVISE	256
#define STEPS_TO_KILL		128

/**
 * struct worker - what the process has
 * @job:    what it was started with
 * @random: the state of its random choices
 * @steps:  how many it has done
 * @shared: the areas that all workers use
 * @own:    one that only it uses, and closes and opens again
 * @recent: the run that it has used last, of each area; @own comes last
 */
struct worker {
	const struct job *job;
	uint64_t random;
	unsigned long steps;
	struct region shared[LEDGER_SHARED_AREAS];
	struct region own;
	struct run recent[LEDGER_SHARED_AREAS + 1];
};

static bool one_in(struct worker *worker, unsigned long times)
{
	return !random_below(&worker->random, times);
}

static struct run random_run(struct worker *worker, struct run within,
			     unsigned long most)
{
	struct run run;

	run.start = within.start + random_below(&worker->random,
						within.end - within.start);
	if (most > within.end - run.start)
		most = within.end - run.start;
	run.end = run.start + 1 + random_below(&worker->random, most);
	return run;
}

/*
 * Half of the time the run that was used last, so that it is pinned while its
 * purge may be under way.
 */
static struct run choose_run(struct worker *worker, struct region *region,
			     struct run *recent)
{
	struct run all = { 0, region->area->count };

	if (recent->end && one_in(worker, 2))
		return *recent;
	if (one_in(worker, 256))
		*recent = all;
	else
		*recent = random_run(worker, all, RUN_PAGES_MAX);
	return *recent;
}

static void open_own(struct worker *worker)
{
	const struct job *job = worker->job;
	int fd = region_open(job->ledger, job->place, WORKER_PAGES);

	region_map(&worker->own, job->ledger, job->place, fd);
	if (one_in(worker, 2))
		region_map_private(&worker->own);
	region_fill(&worker->own, &worker->random);
}

static void tell(int pipe)
{
	/* A full pipe has told enough. */
	if (write(pipe, "", 1) < 0)
		return;
}

/* All of it unpinned together, so that it is purged at one go. */
static void provoke_purge(struct worker *worker)
{
	struct run all = { 0, WORKER_PAGES };

	region_pin(&worker->own, all, &worker->random);
	region_unpin(&worker->own, all, &worker->random);
	tell(worker->job->signals.purge[1]);
	region_await_purge(&worker->own);
}

static void close_own(struct worker *worker)
{
	if (one_in(worker, 2))
		provoke_purge(worker);
	region_close(&worker->own, worker->job->fds[0], &worker->random);
}

/* Something between nothing and a time slice. */
static void work_a_little(void *context)
{
	struct worker *worker = context;

	if (one_in(worker, 8))
		sched_yield();
	else if (one_in(worker, 4))
		for (volatile unsigned long left =
		     random_below(&worker->random, 4096); left; left--)
			;
}

/*
 * A child sees the same pages through the mappings that it inherits. It knows
 * what they must hold by a copy: the worker may be killed meanwhile, and its
 * place in the ledger be given to another.
 */
static void verify_in_child(struct worker *worker, struct run run)
{
	struct region inherited = worker->own;
	struct ledger_area copy = *inherited.area;
	pid_t child;
	int status;

	inherited.area = &copy;
	child = fork();
	if (child < 0) {
		ledger_fault(worker->job->ledger, CLAIM_CALLS, "fork: %m");
		_exit(1);
	}
	if (!child) {
		inherited.self = getpid();
		region_verify(&inherited, run, "after fork, in the child",
			      &worker->random);
		region_pin_again(&inherited, run);
		if (inherited.private)
			region_verify_private(&inherited, run,
					      &worker->random);
		_exit(0);
	}
	worker->job->ledger->counts.forks++;
	if (waitpid(child, &status, 0) != child || status) {
		ledger_fault(worker->job->ledger, CLAIM_CALLS,
			     "a child ended with wait status %#x", status);
		_exit(1);
	}
}

static void use_private(struct worker *worker, struct region *region,
			struct run run)
{
	if (region->copies < PRIVATE_COPIES_MAX && one_in(worker, 16))
		region_write_private(region, run.start);
	region_verify_private(region, run, &worker->random);
}

/* What is done with pages that are pinned. */
static void use(struct worker *worker, struct region *region, struct run run)
{
	for (unsigned long i = run.start; i < run.end; i++)
		if (one_in(worker, 4))
			region_write(region, i);
	work_a_little(worker);
	region_verify(region, run, "wiped after a successful pin",
		      &worker->random);
	if (one_in(worker, 8))
		region_pin_again(region, run);
	if (region->private && one_in(worker, 8))
		use_private(worker, region, run);
	if (region == &worker->own && one_in(worker, 512))
		verify_in_child(worker, run);
}

static void unpin(struct worker *worker, struct region *region, struct run run)
{
	if (one_in(worker, 8))
		return;
	if (one_in(worker, 8))
		run = random_run(worker, run, run.end - run.start);
	region_unpin(region, run, &worker->random);
	if (one_in(worker, 8))
		region_unpin(region, run, &worker->random);
	if (one_in(worker, 16))
		region_write_unpinned(region, run.start);
	if (one_in(worker, 16))
		work_a_little(worker);
}

static void step(struct worker *worker)
{
	unsigned long which = random_below(&worker->random,
					   LEDGER_SHARED_AREAS + 1);
	struct region *region = which < LEDGER_SHARED_AREAS ?
				&worker->shared[which] : &worker->own;
	struct run run = choose_run(worker, region, &worker->recent[which]);

	if (!ledger_take(region->area, run, region->self)) {
		/* Its owner may need this processor to come to an end. */
		sched_yield();
		return;
	}
	if (one_in(worker, 8))
		region_check_status(region, run);
	if (one_in(worker, 4))
		region_hold(region, run, work_a_little, worker,
			    &worker->random);
	region_pin(region, run, &worker->random);
	use(worker, region, run);
	unpin(worker, region, run);
	ledger_give(region->area, run);
}

static void tell_progress(struct worker *worker)
{
	const struct job *job = worker->job;

	worker->steps++;
	if (worker->steps % STEPS_TO_PURGE == 0)
		tell(job->signals.purge[1]);
	if (worker->steps % STEPS_TO_ALLOCATE == 0)
		tell(job->signals.allocate[1]);
	if (worker->steps % STEPS_TO_SUPERVISE == 0)
		tell(job->signals.supervise[1]);
	if (worker->steps % STEPS_TO_KILL == 0)
		tell(job->signals.kill[1]);
	if (job->ledger->counts.checks >= job->most_checks)
		job->ledger->stop = true;
}

/* What all have filled is purged under pressure once before anybody pins. */
static void await_beginning(const struct job *job)
{
	char nothing;

	job->ledger->ready++;
	tell(job->signals.allocate[1]);
	if (read(job->signals.begin[0], &nothing, 1))
		_exit(2);
}

/**
 * worker_run - use areas until the test ends, or for a while
 * @job: what it needs
 *
 * Ends the process: with 0, or with 1 if the ledger has a fault.
 */
void worker_run(const struct job *job)
{
	struct worker worker = { .job = job, .random = job->seed };

	for (unsigned int i = 0; i < LEDGER_SHARED_AREAS; i++) {
		region_map(&worker.shared[i], job->ledger,
			   &job->ledger->areas[i], job->fds[i]);
		if (one_in(&worker, 2))
			region_map_private(&worker.shared[i]);
	}
	open_own(&worker);
	await_beginning(job);
	while (!job->ledger->stop && !one_in(&worker, 8192)) {
		step(&worker);
		tell_progress(&worker);
		if (one_in(&worker, 1024)) {
			close_own(&worker);
			open_own(&worker);
		}
	}
	close_own(&worker);
	_exit(0);
}
