// SPDX-License-Identifier: MIT
/* The manager and its names. */
#include <ashmem_binder.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"
#include "peer.h"
#include "state.h"
#include "tester.h"
#include "tests.h"

#define OTHER_USER	65531

/* Long enough to be seen to pass, in milliseconds. */
#define MOMENT		50

/* Enough for some to come while the manager's names are changing. */
#define FORKS		200

static const struct tester manager = {
	.name = "first", .manager = true, .letter = 'F',
};

static const struct tester second = { .name = "second", .letter = 'S' };

static int answer_nothing(struct ashmem_binder_request *request, void *context)
{
	(void)request;
	(void)context;
	return 0;
}

static int publish(struct ashmem_binder *binder, const char *name)
{
	return ashmem_binder_publish(binder, name, answer_nothing, NULL,
				     PATIENCE) < 0 ? errno : 0;
}

static int find(struct ashmem_binder *binder, const char *name, int timeout)
{
	struct ashmem_binder_service *service;

	if (ashmem_binder_find(binder, name, timeout, &service) < 0)
		return errno;
	ashmem_binder_service_close(service);
	return 0;
}

/* The driver asks whether a service may be forgotten, and forgets it then. */
static bool comes_to_have(struct ashmem_binder *binder, int services)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };

	for (int i = 0; i < PATIENCE / 10; i++) {
		if (ashmem_binder_serve(binder, 0) < 0)
			return false;
		if (state_nodes(getpid()) == services)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* What the driver tells by and by. */
static bool becomes(struct ashmem_binder *binder, const char *name, int error)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };

	for (int i = 0; i < PATIENCE / 10; i++) {
		if (find(binder, name, PATIENCE) == error)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static void without_manager(void)
{
	struct ashmem_binder *binder = tester_open(NULL);
	int before = tester_descriptors();

	/* The one of the part before may still be there for a moment. */
	tap_ok(becomes(binder, "first", ECONNREFUSED),
	       "no manager: to find is refused");
	tap_ok(publish(binder, "mine") == ECONNREFUSED,
	       "no manager: so is to publish");
	tap_ok(tester_descriptors() == before &&
	       state_nodes(getpid()) == 0 && state_has_freed_all(getpid()),
	       "no manager: nothing is left of it");
	ashmem_binder_close(binder);
}

static void only_one(void)
{
	struct ashmem_binder *binder = tester_open(NULL);

	tap_ok(ashmem_binder_become_manager(binder) < 0 && errno == EBUSY,
	       "a second manager: busy");
	tap_ok(find(binder, "first", PATIENCE) == 0,
	       "a second manager: the first goes on");
	ashmem_binder_close(binder);
}

static void names(struct ashmem_binder *binder, const struct peer *peer)
{
	char longest[ASHMEM_BINDER_NAME_LEN], longer[sizeof(longest) + 1];
	int references, services;

	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	snprintf(longer, sizeof(longer), "%sn", longest);
	tap_ok(find(binder, "nobody", PATIENCE) == ENOENT,
	       "a name that nobody has: not found");
	tap_ok(find(binder, "firs", PATIENCE) == ENOENT &&
	       find(binder, "first2", PATIENCE) == ENOENT,
	       "a part of a name, and more than a name: not found");
	tap_ok(publish(binder, longest) == 0 &&
	       find(binder, longest, PATIENCE) == 0,
	       "a name of 127 bytes");
	tap_ok(publish(binder, longer) == ENAMETOOLONG &&
	       find(binder, longer, PATIENCE) == ENAMETOOLONG,
	       "a name of 128 bytes: too long");
	tap_ok(publish(binder, "") == EINVAL &&
	       find(binder, "", PATIENCE) == EINVAL, "an empty name: invalid");
	references = state_references(peer->pid);
	services = state_nodes(getpid());
	tap_ok(publish(binder, "first") == EEXIST &&
	       find(binder, "first", PATIENCE) == 0,
	       "a name that another process has: taken");
	tap_ok(state_comes_to_refer_to(peer->pid, references) &&
	       comes_to_have(binder, services) &&
	       state_has_freed_all(getpid()) && state_has_freed_all(peer->pid),
	       "what was refused leaves nothing behind");
	tap_ok(publish(binder, "mine") == 0 && publish(binder, "mine") == 0 &&
	       find(binder, "mine", PATIENCE) == 0,
	       "its own name a process may publish anew");
}

static void full(const struct peer *peer)
{
	struct ashmem_binder *binder = tester_open(NULL);
	struct ashmem_binder_service *first = tester_find(binder, "first");
	int descriptors = tester_ask(first, TESTER_DESCRIPTORS);
	int references = state_references(peer->pid);
	char name[32];
	int count = 0, error = 0;

	while (!error && count <= ASHMEM_BINDER_MOST_NAMES) {
		snprintf(name, sizeof(name), "number %d", count);
		error = publish(binder, name);
		count += !error;
	}
	tap_ok(error == ENOSPC && count < ASHMEM_BINDER_MOST_NAMES &&
	       count > ASHMEM_BINDER_MOST_NAMES - 8,
	       "names are limited: no space for the next");
	tap_ok(tester_ask(first, TESTER_DESCRIPTORS) <= descriptors + 1,
	       "all names of a process cost the manager one descriptor");
	ashmem_binder_service_close(first);
	ashmem_binder_close(binder);
	binder = tester_open(NULL);
	tap_ok(becomes(binder, "number 0", ENOENT) &&
	       becomes(binder, name, ENOENT) && publish(binder, name) == 0,
	       "who closes its binder is forgotten, and others have room");
	tap_ok(state_comes_to_refer_to(peer->pid, references + 1),
	       "the manager refers to no more than what there is");
	ashmem_binder_close(binder);
	tap_ok(state_comes_to_refer_to(peer->pid, references),
	       "nor to this when it has gone");
}

/* Not by and by, but as soon as its parent knows. */
static void forgotten_at_once(struct ashmem_binder *binder,
			      const struct peer *manager_peer)
{
	int references = state_references(manager_peer->pid);
	bool all_gone = true, all_back = true;

	for (int i = 0; i < 20; i++) {
		struct peer peer = tester_start(&second);

		all_back &= find(binder, "second", PATIENCE) == 0;
		peer_kill(&peer);
		all_gone &= find(binder, "second", PATIENCE) == ENOENT;
	}
	tap_ok(all_gone, "a process that was killed is forgotten at once");
	tap_ok(all_back, "and another may have its name at once");
	/* Of the last one the manager is told without its name being asked for. */
	tap_ok(state_comes_to_refer_to(manager_peer->pid, references),
	       "and the manager refers to none of them any more");
}

/* A thread that publishes, until it is told to end. */
struct publisher {
	struct ashmem_binder *binder;
	atomic_bool ends;
};

static void *publish_often(void *context)
{
	struct publisher *publisher = context;

	while (!publisher->ends)
		publish(publisher->binder, "own");
	return NULL;
}

/* What it comes to in a child; one that hangs is killed. */
static int refuses_in_child(struct ashmem_binder *binder)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		alarm(PATIENCE / 1000);
		_exit(publish(binder, "child") == EBADF &&
		      find(binder, "own", PATIENCE) == EBADF ? 0 : 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		peer_fail("fork");
	return status;
}

static void forked_in_the_manager(struct ashmem_binder *binder)
{
	struct publisher publisher = { .binder = binder };
	pthread_t id;
	int status = 0;

	tap_ok(refuses_in_child(binder) == 0,
	       "a child of the manager neither publishes nor finds");
	if (pthread_create(&id, NULL, publish_often, &publisher))
		peer_fail("pthread_create");
	for (int i = 0; i < FORKS && status == 0; i++)
		status = refuses_in_child(binder);
	publisher.ends = true;
	pthread_join(id, NULL);
	if (!tap_ok(status == 0, "and this while another thread publishes"))
		tap_note("status %x", status);
}

static void in_the_manager(void)
{
	struct ashmem_binder *binder = tester_open("/dev/other");
	struct ashmem_binder *again = tester_open("/dev/other");
	static const struct timespec pause = { .tv_nsec = 10000000 };

	while (ashmem_binder_become_manager(binder) < 0 && errno == EBUSY)
		nanosleep(&pause, NULL);
	tap_ok(publish(binder, "own") == 0 && publish(binder, "own") == 0 &&
	       publish(binder, "") == EINVAL,
	       "the manager publishes as others do");
	tap_ok(find(binder, "own", PATIENCE) == ENOTSUP &&
	       find(again, "own", PATIENCE) == ENOTSUP,
	       "the manager's process finds nothing: not supported");
	forked_in_the_manager(binder);
	ashmem_binder_close(again);
	ashmem_binder_close(binder);
}

static void *serve_once(void *binder)
{
	ashmem_binder_serve(binder, PATIENCE);
	return NULL;
}

/* Is the service answered that this process publishes? */
static bool is_served(struct ashmem_binder *binder, const char *name)
{
	struct ashmem_binder_service *service = tester_find(binder, name);
	pthread_t id;
	bool served;

	if (pthread_create(&id, NULL, serve_once, binder))
		peer_fail("pthread_create");
	served = tester_call(service, TESTER_ECHO) == 0;
	pthread_join(id, NULL);
	ashmem_binder_service_close(service);
	return served;
}

/* A manager that is there, and does not answer. */
static void silent(struct ashmem_binder *binder, const struct peer *peer)
{
	struct ashmem_binder_service *service = tester_find(binder, "first");
	struct ashmem_binder_message wait = { .code = TESTER_WAIT };

	ashmem_binder_call(service, &wait, NULL, MOMENT);
	tap_ok(find(binder, "first", MOMENT) == ETIMEDOUT,
	       "a silent manager: to find times out");
	tap_ok(ashmem_binder_publish(binder, "late", answer_nothing, NULL,
				     MOMENT) < 0 && errno == ETIMEDOUT,
	       "a silent manager: so does to publish");
	if (write(peer->channel, "", 1) != 1)
		peer_fail("channel");
	tap_ok(tester_is_well(service) && find(binder, "late", PATIENCE) == 0,
	       "a silent manager: once it answers again, all is well");
	tap_ok(is_served(binder, "late"),
	       "a silent manager: what it was not waited for to publish serves");
	ashmem_binder_service_close(service);
}

static void be_other_user(int channel, const void *argument)
{
	struct ashmem_binder *binder = tester_open(NULL);
	static const struct timespec pause = { .tv_nsec = 10000000 };
	int error = EBUSY;

	(void)argument;
	if (seteuid(OTHER_USER) < 0)
		peer_fail("seteuid");
	while (error == EBUSY) {
		nanosleep(&pause, NULL);
		error = ashmem_binder_become_manager(binder) < 0 ? errno : 0;
	}
	peer_ready(channel, error == EPERM ? 0 : EPROTO);
}

static void after_the_manager(struct ashmem_binder *binder,
			      struct peer *peer)
{
	struct peer provider = tester_start(&second), other;
	struct ashmem_binder_service *service = tester_find(binder, "second");

	peer_kill(peer);
	tap_ok(becomes(binder, "second", ECONNREFUSED),
	       "the manager was killed: to find is refused");
	tap_ok(comes_to_have(binder, 0),
	       "the manager was killed: the driver forgets what was published");
	tap_ok(tester_is_well(service),
	       "the manager was killed: what was found goes on answering");
	other = peer_start("another user's manager", be_other_user, NULL);
	tap_ok(true, "another user's manager after it: not permitted");
	peer_wait(&other);
	*peer = tester_start(&manager);
	tap_ok(find(binder, "first", PATIENCE) == 0 &&
	       find(binder, "second", PATIENCE) == ENOENT,
	       "another manager: the names begin anew");
	ashmem_binder_service_close(service);
	peer_end(&provider);
}

void test_naming(void)
{
	struct ashmem_binder *binder;
	struct peer peer;

	without_manager();
	peer = tester_start(&manager);
	binder = tester_open(NULL);
	only_one();
	names(binder, &peer);
	full(&peer);
	forgotten_at_once(binder, &peer);
	in_the_manager();
	silent(binder, &peer);
	after_the_manager(binder, &peer);
	ashmem_binder_close(binder);
	peer_end(&peer);
}
