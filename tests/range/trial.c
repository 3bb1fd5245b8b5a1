// SPDX-License-Identifier: MIT
/*
 * A sequence that fails may do so by an abort, by a report of the address
 * sanitizer, or by never ending. So all of them run in child processes, which
 * tell through shared memory how far they came.
 */
#include "trial.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "subject.h"

/* Processor time for a sequence, which needs milliseconds, before it hangs. */
#define SEQUENCE_SECONDS	2

static struct trial *share_trial(void)
{
	struct trial *shared = mmap(NULL, sizeof(*shared),
				    PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return shared;
}

static void limit_time(void)
{
	const struct itimerval limit = {
		.it_value = { .tv_sec = SEQUENCE_SECONDS },
	};

	setitimer(ITIMER_VIRTUAL, &limit, NULL);
}

static void run_one(const struct sequence *sequence, bool thorough,
		    struct trial *shared)
{
	struct verdict verdict;

	limit_time();
	shared->sequences++;
	shared->length = sequence->length;
	verdict = subject_run(sequence, thorough);
	shared->steps += verdict.step;
	if (!verdict.fault)
		return;
	shared->length = verdict.step;
	strncpy(shared->fault, verdict.fault, sizeof(shared->fault) - 1);
	_exit(1);
}

/* Waits for the child; what it did not say itself, its end says. */
static struct trial collect(pid_t child, struct trial *shared)
{
	struct trial trial;
	int status;

	if (waitpid(child, &status, 0) != child) {
		perror("waitpid");
		exit(2);
	}
	trial = *shared;
	munmap(shared, sizeof(*shared));

	trial.failed = status != 0;
	if (!trial.failed || trial.fault[0])
		return trial;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM)
		strcpy(trial.fault, "it does not end");
	else if (WIFSIGNALED(status))
		snprintf(trial.fault, sizeof(trial.fault), "killed by a %s",
			 strsignal(WTERMSIG(status)));
	else
		strcpy(trial.fault, "stopped by a sanitizer, see above");
	return trial;
}

static pid_t fork_child(void)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(2);
	}
	return child;
}

/**
 * trial_run - run one sequence
 * @sequence: the sequence
 * @quiet:    throw away what it writes about its fault
 */
struct trial trial_run(const struct sequence *sequence, bool quiet)
{
	struct trial *shared = share_trial();
	pid_t child = fork_child();

	if (child)
		return collect(child, shared);
	if (quiet && !freopen("/dev/null", "w", stderr))
		_exit(2);
	run_one(sequence, true, shared);
	_exit(0);
}

/**
 * trial_search - run random sequences
 * @seed:  the first one's; each next one's is one more
 * @steps: operations to do before all is well
 */
struct trial trial_search(uint64_t seed, unsigned long steps)
{
	struct trial *shared = share_trial();
	pid_t child = fork_child();

	if (child)
		return collect(child, shared);
	while (shared->steps < steps) {
		struct sequence sequence;

		sequence_generate(&sequence, seed++);
		run_one(&sequence, false, shared);
		sequence_free(&sequence);
	}
	/* Not _exit(): now the leak sanitizer has its say. */
	exit(0);
}

/* Takes out @count operations from @at on, if what is left fails as well. */
static bool cut(struct sequence *sequence, struct trial *trial,
		size_t at, size_t count)
{
	struct operation kept[sequence->length];
	struct sequence shorter = *sequence;
	struct trial again;

	memcpy(kept, sequence->operations, at * sizeof(kept[0]));
	memcpy(kept + at, sequence->operations + at + count,
	       (sequence->length - at - count) * sizeof(kept[0]));
	shorter.operations = kept;
	shorter.length = sequence->length - count;
	again = trial_run(&shorter, true);
	if (!again.failed)
		return false;
	*trial = again;
	sequence->length = again.length;
	memcpy(sequence->operations, kept, again.length * sizeof(kept[0]));
	return true;
}

/**
 * trial_shrink - make a failing sequence short
 * @sequence: it fails, and does so afterwards, but not with one operation less
 * @trial:    how it fails; brought up to date
 */
void trial_shrink(struct sequence *sequence, struct trial *trial)
{
	size_t count;

	sequence->length = trial->length;
	for (count = sequence->length / 2; count; count /= 2) {
		bool shorter = false;
		size_t at = 0;

		while (at + count <= sequence->length) {
			if (cut(sequence, trial, at, count))
				shorter = true;
			else
				at += count;
		}
		/* What is left may allow cuts that failed before. */
		if (shorter && count == 1)
			count = 2;
	}
}
