// SPDX-License-Identifier: MIT
/* Requests and answers, and the loop that serves them. */
#include <ashmem_binder.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tap.h"
#include "peer.h"
#include "state.h"
#include "tester.h"
#include "tests.h"

#define MOMENT		50

#define CALLERS		4
#define CALLS		200

static const struct tester provider = {
	.name = "provider", .manager = true, .letter = 'P',
};

static const struct tester threaded = {
	.name = "threaded", .letter = 'T', .threads = 3,
};

/* Is what comes back what was sent? */
static bool echoes(struct ashmem_binder_service *service, size_t length)
{
	struct ashmem_binder_message request = {
		.code = TESTER_ECHO, .length = length,
	};
	struct ashmem_binder_message answer;
	char *bytes = malloc(length + 1);
	bool same;

	for (size_t i = 0; i < length; i++)
		bytes[i] = i * 7 + i / 256;
	request.bytes = bytes;
	same = ashmem_binder_call(service, &request, &answer, PATIENCE) == 0;
	if (same) {
		same = answer.length == length && !answer.code &&
		       !memcmp(answer.bytes, bytes, length);
		ashmem_binder_message_free(&answer);
	}
	free(bytes);
	return same;
}

static void bytes(struct ashmem_binder_service *service)
{
	bool all = true;

	for (size_t length = 0; length < 40; length++)
		all &= echoes(service, length);
	tap_ok(all, "bytes: few");
	tap_ok(echoes(service, ASHMEM_BINDER_MOST_BYTES - 1) &&
	       echoes(service, ASHMEM_BINDER_MOST_BYTES),
	       "bytes: as many as there may be");
	tap_ok(tester_call(service, TESTER_SAY_NOTHING) == 0,
	       "a handler that does not answer: an empty answer");
	tap_ok(tester_ask(service, TESTER_UID) == (int64_t)geteuid() &&
	       tester_ask(service, TESTER_PID) == getpid(),
	       "the service is told who calls");
}

static int refused(struct ashmem_binder_service *service, int32_t number,
		   uint32_t *code)
{
	struct ashmem_binder_message request = {
		.code = TESTER_REFUSE,
		.bytes = &number,
		.length = sizeof(number),
	};
	struct ashmem_binder_message answer;
	int error = 0;

	if (ashmem_binder_call(service, &request, &answer, PATIENCE) < 0)
		error = errno;
	*code = answer.code;
	ashmem_binder_message_free(&answer);
	return error;
}

static void refusals(struct ashmem_binder_service *service)
{
	uint32_t code;

	tap_ok(refused(service, ENOTTY, &code) == ENOTTY && code == ENOTTY,
	       "a refusal: its number arrives");
	tap_ok(refused(service, EPIPE, &code) == EPIPE && code == EPIPE,
	       "a refusal: it is told from an error of the driver");
	tap_ok(refused(service, -1, &code) == EIO &&
	       refused(service, 4096, &code) == EIO,
	       "a refusal by what is no errno: EIO");
	tap_ok(tester_call(service, 12345) == ENOSYS,
	       "a wrong code: ENOSYS");
	tap_ok(tester_call(service, TESTER_ANSWER_TWICE) == 0 &&
	       tester_is_well(service), "a second answer fails in the handler");
	tap_ok(tester_ask(service, TESTER_ANSWER_TOO_LONG) == EMSGSIZE,
	       "an answer that is too long fails in the handler");
	tap_ok(tester_ask(service, TESTER_SERVE) == EDEADLK &&
	       tester_ask(service, TESTER_PUBLISH) == EDEADLK &&
	       tester_is_well(service),
	       "a handler can neither serve nor publish");
}

static void calls_another(struct ashmem_binder *binder)
{
	struct tester_call call = {
		.name = "provider", .code = TESTER_SAY_NOTHING,
		.timeout = PATIENCE,
	};
	struct ashmem_binder_message request = {
		.code = TESTER_CALL, .bytes = &call, .length = sizeof(call),
	};
	struct ashmem_binder_service *service = tester_find(binder,
							    "threaded");

	tap_ok(tester_ask_with(service, &request) == 0,
	       "a handler can find and call another service");
	call.code = 12345;
	tap_ok(tester_ask_with(service, &request) == ENOSYS,
	       "and is told that service's refusal");
	ashmem_binder_service_close(service);
}

/* A service that was found, and how many calls of a thread went well. */
struct caller {
	struct ashmem_binder_service *service;
	int well;
};

static void *call_often(void *context)
{
	struct caller *caller = context;

	for (size_t i = 0; i < CALLS; i++)
		caller->well += echoes(caller->service, i);
	return NULL;
}

static void threads(struct ashmem_binder *binder)
{
	struct ashmem_binder_service *service = tester_find(binder,
							    "threaded");
	struct caller callers[CALLERS];
	pthread_t ids[CALLERS];
	int well = 0;

	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ .service = service };
		if (pthread_create(&ids[i], NULL, call_often, &callers[i]))
			peer_fail("pthread_create");
	}
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(ids[i], NULL);
		well += callers[i].well;
	}
	tap_ok(well == CALLERS * CALLS,
	       "threads: each is given its own answers");
	ashmem_binder_service_close(service);
}

static void *call_once(void *context)
{
	struct caller *caller = context;

	caller->well += tester_is_well(caller->service);
	return NULL;
}

static void threads_that_end(struct ashmem_binder_service *service)
{
	struct caller caller = { .service = service };
	int before = state_threads(getpid());
	pthread_t id;

	for (int i = 0; i < 100; i++) {
		if (pthread_create(&id, NULL, call_once, &caller))
			peer_fail("pthread_create");
		pthread_join(id, NULL);
	}
	tap_ok(caller.well == 100 && state_threads(getpid()) == before,
	       "threads: the driver keeps nothing of those that have ended");
}

/*
 * The loop.
 */

static int end_thread(struct ashmem_binder_request *request, void *context)
{
	(void)request;
	(void)context;
	pthread_exit(NULL);
}

static void *serve_once(void *binder)
{
	ashmem_binder_serve(binder, -1);
	return NULL;
}

/* The process lives: but who was called does not. */
static void thread_ends_in_handler(struct ashmem_binder *binder)
{
	struct ashmem_binder_service *service;
	struct ashmem_binder_message request = { 0 };
	pthread_t id;

	if (ashmem_binder_publish(binder, "mortal", end_thread, NULL,
				  PATIENCE) < 0)
		peer_fail("publish");
	service = tester_find(binder, "mortal");
	if (pthread_create(&id, NULL, serve_once, binder))
		peer_fail("pthread_create");
	tap_ok(ashmem_binder_call(service, &request, NULL, -1) < 0 &&
	       errno == EPIPE,
	       "a thread that ends within a handler: broken pipe");
	pthread_join(id, NULL);
	ashmem_binder_service_close(service);
}

static void be_caller(int channel, const void *argument)
{
	struct ashmem_binder *binder = tester_open(NULL);
	struct ashmem_binder_service *service = tester_find(binder, argument);

	peer_ready(channel, 0);
	tester_call(service, 1);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
}

/* Answers it in a child, and tells what that has come to. */
static int answer_in_child(struct ashmem_binder_request *request, void *context)
{
	pid_t child = fork();

	if (child == 0)
		_exit(ashmem_binder_answer(request, &request->message) < 0 ?
			      errno : 0);
	if (waitpid(child, context, 0) != child)
		peer_fail("fork");
	return 0;
}

static void forks_in_handler(struct ashmem_binder *binder)
{
	struct peer peer;
	int status = 0;

	if (ashmem_binder_publish(binder, "forking", answer_in_child, &status,
				  PATIENCE) < 0)
		peer_fail("publish");
	peer = peer_start("caller", be_caller, "forking");
	tap_ok(ashmem_binder_serve(binder, PATIENCE) == 1 &&
	       WIFEXITED(status) && WEXITSTATUS(status) == EBADF,
	       "a child that is forked in a handler cannot answer");
	peer_wait(&peer);
}

static int count_request(struct ashmem_binder_request *request, void *context)
{
	(void)request;
	++*(int *)context;
	return 0;
}

static bool is_readable(int fd, int timeout)
{
	struct pollfd poll_of = { .fd = fd, .events = POLLIN };

	return poll(&poll_of, 1, timeout) == 1;
}

/* Is there anything for a loop to do? It may be only that somebody refers to the
 * service by now, or not any more. */
static bool comes_to_rest(struct ashmem_binder *binder, int fd)
{
	for (int i = 0; is_readable(fd, 0); i++)
		if (i == 10 || ashmem_binder_serve(binder, 0) != 0)
			return false;
	return true;
}

static void watched(struct ashmem_binder *binder, int *served)
{
	int fd = ashmem_binder_descriptor(binder), done = 0;
	struct peer peer;

	tap_ok(fd >= 0 && comes_to_rest(binder, fd),
	       "descriptor: not readable while there is nothing to do");
	*served = 0;
	peer = peer_start("caller", be_caller, "counted");
	while (!done && is_readable(fd, PATIENCE))
		done = ashmem_binder_serve(binder, 0);
	tap_ok(done == 1 && *served == 1,
	       "descriptor: readable when there is a request");
	peer_wait(&peer);
	tap_ok(comes_to_rest(binder, fd), "descriptor: then not any more");
}

static void watched_by_epoll(struct ashmem_binder *binder, int *served)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), done = 0;
	struct peer peer;

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, ashmem_binder_descriptor(binder),
		      &event) < 0)
		peer_fail("epoll_ctl");
	*served = 0;
	peer = peer_start("caller", be_caller, "counted");
	while (!done && epoll_wait(epoll, &event, 1, PATIENCE) == 1)
		done = ashmem_binder_serve(binder, 0);
	tap_ok(done == 1 && *served == 1, "descriptor: by epoll as well");
	peer_wait(&peer);
	close(epoll);
}

static void do_nothing(int number)
{
	(void)number;
}

static void interrupted(struct ashmem_binder *binder)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct itimerval often = {
		.it_interval.tv_usec = 10000, .it_value.tv_usec = 10000,
	};
	struct itimerval never = { 0 };
	bool ended;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	ended = ashmem_binder_serve(binder, -1) < 0 && errno == EINTR;
	setitimer(ITIMER_REAL, &never, NULL);
	tap_ok(ended, "serve: a signal ends the wait");
	action.sa_handler = SIG_DFL;
	sigaction(SIGALRM, &action, NULL);
	alarm(LIMIT);
}

static void loop(void)
{
	struct ashmem_binder *binder = tester_open(NULL);
	int served = 0;

	if (ashmem_binder_publish(binder, "counted", count_request, &served,
				  PATIENCE) < 0)
		peer_fail("publish");
	tap_ok(ashmem_binder_serve(binder, 0) == 0 &&
	       ashmem_binder_serve(binder, MOMENT) == 0 && !served,
	       "serve: returns when nothing has come in time");
	watched(binder, &served);
	watched_by_epoll(binder, &served);
	interrupted(binder);
	thread_ends_in_handler(binder);
	forks_in_handler(binder);
	ashmem_binder_close(binder);
}

void test_serving(void)
{
	struct peer peer = tester_start(&provider);
	struct peer other = tester_start(&threaded);
	struct ashmem_binder *binder = tester_open(NULL);
	struct ashmem_binder_service *service = tester_find(binder, "provider");

	bytes(service);
	refusals(service);
	calls_another(binder);
	threads(binder);
	threads_that_end(service);
	tap_ok(state_has_freed_all(getpid()) && state_has_freed_all(peer.pid) &&
	       state_has_freed_all(other.pid),
	       "all messages are freed, on all sides");
	tap_ok(state_references(getpid()) == 1,
	       "what is found is referred to once");
	ashmem_binder_service_close(service);
	tap_ok(state_references(getpid()) == 0,
	       "and not any more when it is closed");
	ashmem_binder_close(binder);
	loop();
	peer_end(&other);
	peer_end(&peer);
}
