// SPDX-License-Identifier: MIT
#include "worker.h"

#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "test.h"

int worker_socket = -1;

__attribute__((noreturn))
static void work(int jobs, int results)
{
	struct job job;

	while (read(jobs, &job, sizeof(job)) == sizeof(job) && job.run) {
		long result = job.run(&job);

		if (write(results, &result, sizeof(result)) != sizeof(result))
			break;
	}
	_exit(0);
}

/* Only after fork() do libraries know that they are in a child. */
static pid_t clone_or_fork(unsigned long flags, pid_t pid)
{
	struct clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
		.set_tid = pid ? (uintptr_t)&pid : 0,
		.set_tid_size = pid ? 1 : 0,
	};

	return flags || pid ? syscall(SYS_clone3, &args, sizeof(args)) : fork();
}

/**
 * worker_start_cloned - fork a worker in a special way
 * @flags: for clone(), such as CLONE_NEWPID
 * @pid:   the number that it shall have, or 0
 *
 * Return: the worker; a @pid of -1 with errno set if it cannot be made.
 */
struct worker worker_start_cloned(unsigned long flags, pid_t pid)
{
	int jobs[2], results[2], sockets[2];
	struct worker worker;

	must(!pipe(jobs));
	must(!pipe(results));
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	worker = (struct worker){
		.pid = clone_or_fork(flags, pid),
		.jobs = jobs[1],
		.results = results[0],
		.socket = sockets[0],
	};
	if (!worker.pid) {
		close(jobs[1]);
		close(results[0]);
		close(sockets[0]);
		worker_socket = sockets[1];
		work(jobs[0], results[1]);
	}
	close(jobs[0]);
	close(results[1]);
	close(sockets[1]);
	return worker;
}

/**
 * worker_start - fork a worker
 *
 * It has all that the test has mapped and opened so far.
 */
struct worker worker_start(void)
{
	struct worker worker = worker_start_cloned(0, 0);

	must(worker.pid > 0);
	return worker;
}

static long enter(const struct job *job)
{
	cgroup_enter((const struct cgroup *)job->at);
	return 0;
}

/**
 * worker_start_in - fork a worker that moves into a cgroup at once
 * @cgroup: where
 */
struct worker worker_start_in(const struct cgroup *cgroup)
{
	struct worker worker = worker_start();

	worker_do(&worker, &(struct job){ enter, .at = (char *)cgroup });
	return worker;
}

/**
 * worker_try - have a worker do something that may be its end
 * @worker: the worker
 * @job:    what
 * @result: what it returned
 *
 * Return: false if the worker ended instead.
 */
bool worker_try(const struct worker *worker, const struct job *job,
		long *result)
{
	signal(SIGPIPE, SIG_IGN);
	return write(worker->jobs, job, sizeof(*job)) == sizeof(*job) &&
	       read(worker->results, result, sizeof(*result)) ==
		       sizeof(*result);
}

/**
 * worker_do - have a worker do something
 * @worker: the worker; if it ends instead, the test has failed
 * @job:    what
 *
 * Return: what the job returned.
 */
long worker_do(const struct worker *worker, const struct job *job)
{
	long result = 0;
	bool alive = worker_try(worker, job, &result);

	must(alive);
	return result;
}

/**
 * worker_end - end a worker and wait until it is gone
 * @worker: the worker
 */
void worker_end(struct worker *worker)
{
	const struct job none = { NULL };

	/* Closing the pipe is not enough: younger workers have it as well. */
	must(write(worker->jobs, &none, sizeof(none)) == sizeof(none));
	close(worker->jobs);
	close(worker->results);
	close(worker->socket);
	must(waitpid(worker->pid, NULL, 0) == worker->pid);
}

/**
 * child_await - wait for a forked child that is to end well
 * @child: its number; if it ends otherwise, the test has failed
 */
void child_await(pid_t child)
{
	int status;

	must(waitpid(child, &status, 0) == child);
	must_be(status, 0);
}

/**
 * descriptor_send - send a descriptor over a Unix socket
 * @socket: the socket
 * @fd:     what; stays open here
 */
void descriptor_send(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(fd))];
	} control = { 0 };
	struct iovec data = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	must(sendmsg(socket, &message, 0) == 1);
}

/**
 * descriptor_receive - wait for a descriptor on a Unix socket
 * @socket: the socket
 *
 * Return: the descriptor.
 */
int descriptor_receive(int socket)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};
	int fd;

	must(recvmsg(socket, &message, 0) == 1);
	must(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}
