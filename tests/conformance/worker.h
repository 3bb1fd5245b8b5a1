/* SPDX-License-Identifier: MIT */
/*
 * A second process, forked from the test, that does what it is told and says
 * when it has: what another holder of an area does, what somebody in another
 * cgroup does, what may be killed.
 */
#ifndef ASHMEM_TESTS_CONFORMANCE_WORKER_H
#define ASHMEM_TESTS_CONFORMANCE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct cgroup;

/**
 * struct job - something that a worker does
 * @run:    in the worker; may not refer to memory newer than the worker, except
 *          shared memory
 * @fd:     and the rest: whatever @run wants
 */
struct job {
	long (*run)(const struct job *job);
	int fd;
	char *at;
	size_t offset;
	size_t length;
};

/**
 * struct worker - a process that waits for jobs
 * @pid:     its number
 * @jobs:    takes them
 * @results: gives what each returned
 * @socket:  a Unix socket whose other end the worker has as worker_socket
 */
struct worker {
	pid_t pid;
	int jobs;
	int results;
	int socket;
};

/* In a worker: its end of the socket. */
extern int worker_socket;

struct worker worker_start(void);
struct worker worker_start_in(const struct cgroup *cgroup);
struct worker worker_start_cloned(unsigned long flags, pid_t pid);
long worker_do(const struct worker *worker, const struct job *job);
bool worker_try(const struct worker *worker, const struct job *job,
		long *result);
void worker_end(struct worker *worker);

void child_await(pid_t child);

void descriptor_send(int socket, int fd);
int descriptor_receive(int socket);

#endif /* ASHMEM_TESTS_CONFORMANCE_WORKER_H */
