// SPDX-License-Identifier: MIT
/* Processes die, at any time, and nobody waits for them. */
#include <ashmem_binder.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"
#include "peer.h"
#include "state.h"
#include "tester.h"
#include "tests.h"

#define MOMENT		50
#define ROUNDS		60

/* How long after a call has begun its service is killed, at most. */
#define LONGEST		3000000

static const struct tester manager = {
	.name = "manager", .manager = true, .letter = 'M',
};

static const struct tester victim = { .name = "victim", .letter = 'V' };

static const struct tester silent = { .name = "silent", .letter = 'S' };

static const struct tester parent = {
	.name = "parent", .letter = 'P', .forks = true,
};

/* Without a limit of time: these must not hang. */
static int call_with(struct ashmem_binder_service *service,
		     enum tester_code code, const struct tester_call *call)
{
	struct ashmem_binder_message request = {
		.code = code,
		.bytes = call,
		.length = call ? sizeof(*call) : 0,
	};

	return ashmem_binder_call(service, &request, NULL, -1) < 0 ? errno : 0;
}

static void before_the_call(struct ashmem_binder *binder)
{
	struct peer peer = tester_start(&victim);
	struct ashmem_binder_service *service = tester_find(binder, "victim");

	peer_kill(&peer);
	tap_ok(call_with(service, TESTER_ECHO, NULL) == EPIPE &&
	       call_with(service, TESTER_ECHO, NULL) == EPIPE,
	       "killed before a call: broken pipe, however often");
	ashmem_binder_service_close(service);
}

static void within_the_call(struct ashmem_binder *binder,
			    const struct tester *tester, const char *what)
{
	struct peer peer = tester_start(tester);
	struct ashmem_binder_service *service = tester_find(binder,
							    tester->name);

	tap_ok(call_with(service, TESTER_DIE, NULL) == EPIPE, "%s", what);
	ashmem_binder_service_close(service);
	peer_wait(&peer);
}

/* Kills a process when another is in the midst of serving it. */
struct killing {
	struct peer victim;
	struct peer other;
};

static void *kill_when_called(void *context)
{
	const struct killing *killing = context;
	char word;

	if (read(killing->other.channel, &word, 1) != 1)
		peer_fail("the silent one says nothing");
	kill(killing->victim.pid, SIGKILL);
	return NULL;
}

/* A calls B, B calls C, which does not answer. B dies: A is told, though C goes
 * on. */
static void within_its_own_call(struct ashmem_binder *binder)
{
	static const struct tester_call call = {
		.name = "silent", .code = TESTER_WAIT, .timeout = -1,
	};
	struct killing killing = {
		.victim = tester_start(&victim), .other = tester_start(&silent),
	};
	struct ashmem_binder_service *service = tester_find(binder, "victim");
	struct ashmem_binder_service *other = tester_find(binder, "silent");
	pthread_t thread;

	if (pthread_create(&thread, NULL, kill_when_called, &killing))
		peer_fail("pthread_create");
	tap_ok(call_with(service, TESTER_CALL, &call) == EPIPE,
	       "killed while it calls another, which is silent: broken pipe");
	pthread_join(thread, NULL);
	if (write(killing.other.channel, "", 1) != 1)
		peer_fail("channel");
	tap_ok(tester_is_well(other), "and the other goes on");
	ashmem_binder_service_close(other);
	ashmem_binder_service_close(service);
	peer_wait(&killing.victim);
	peer_end(&killing.other);
}

/* The same, but B gives up, and answers. */
static void gives_up_its_own_call(struct ashmem_binder *binder)
{
	static const struct tester_call call = {
		.name = "silent", .code = TESTER_WAIT, .timeout = MOMENT,
	};
	struct ashmem_binder_message request = {
		.code = TESTER_CALL, .bytes = &call, .length = sizeof(call),
	};
	struct peer peer = tester_start(&victim), other = tester_start(&silent);
	struct ashmem_binder_service *service = tester_find(binder, "victim");

	tap_ok(tester_ask_with(service, &request) == ETIMEDOUT &&
	       tester_is_well(service),
	       "one that gives up its own call answers who has called it");
	ashmem_binder_service_close(service);
	peer_kill(&other);
	peer_end(&peer);
}

static void manager_dies(void)
{
	static const struct tester own = {
		.name = "manager", .manager = true, .letter = 'M',
		.device = "/dev/other",
	};
	struct killing killing = { .other = tester_start(&own) };
	struct ashmem_binder *binder = tester_open("/dev/other");
	struct ashmem_binder_service *service, *none;
	struct ashmem_binder_message wait = { .code = TESTER_WAIT };
	pthread_t thread;

	service = tester_find(binder, "manager");
	ashmem_binder_call(service, &wait, NULL, MOMENT);
	killing.victim = killing.other;
	/* It has said already that it is called. */
	if (pthread_create(&thread, NULL, kill_when_called, &killing))
		peer_fail("pthread_create");
	tap_ok(ashmem_binder_find(binder, "x", -1, &none) < 0 &&
	       errno == ECONNREFUSED,
	       "the manager is killed while it is asked: refused");
	pthread_join(thread, NULL);
	peer_wait(&killing.victim);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
}

static void *kill_in_a_while(void *context)
{
	const struct peer *peer = context;
	const struct timespec pause = { .tv_nsec = random() % LONGEST };

	nanosleep(&pause, NULL);
	kill(peer->pid, SIGKILL);
	return NULL;
}

/* Calls until the service dies. Returns whether all was as it may be. */
static bool call_to_its_end(struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = { .code = TESTER_GIVE };
	struct ashmem_binder_message answer;
	bool right = true;
	char *at;

	while (ashmem_binder_call(service, &request, &answer, -1) == 0) {
		at = ashmem_region_map(answer.region, 0, PROT_READ, MAP_SHARED,
				       0);
		right &= at != MAP_FAILED && at[0] == victim.letter;
		if (at != MAP_FAILED)
			munmap(at, TESTER_BYTES);
		ashmem_binder_message_free(&answer);
	}
	if (errno != EPIPE)
		tap_note("%s", strerror(errno));
	return right && errno == EPIPE;
}

static void at_any_time(struct ashmem_binder *binder)
{
	int before = tester_descriptors();
	bool right = true;

	for (int i = 0; i < ROUNDS; i++) {
		struct peer peer = tester_start(&victim);
		struct ashmem_binder_service *service;
		pthread_t thread;

		service = tester_find(binder, "victim");
		if (pthread_create(&thread, NULL, kill_in_a_while, &peer))
			peer_fail("pthread_create");
		right &= call_to_its_end(service);
		pthread_join(thread, NULL);
		peer_wait(&peer);
		ashmem_binder_service_close(service);
	}
	tap_ok(right, "killed at any time: what was answered is right, "
		      "then broken pipe");
	tap_ok(tester_descriptors() == before && state_has_freed_all(getpid()) &&
	       state_references(getpid()) == 0,
	       "killed at any time: nothing is left here");
}

static void be_caller(int channel, const void *argument)
{
	struct ashmem_binder *binder = tester_open(NULL);
	struct ashmem_binder_service *service = tester_find(binder, argument);

	peer_ready(channel, 0);
	for (;;)
		ashmem_region_close(tester_get(service, TESTER_GIVE));
}

/* The service is not told of its callers, and need not be. */
static void callers_die(struct ashmem_binder *binder)
{
	struct peer peer = tester_start(&victim), caller;
	struct ashmem_binder_service *service = tester_find(binder, "victim");
	int before;

	ashmem_region_close(tester_get(service, TESTER_GIVE));
	before = tester_ask(service, TESTER_DESCRIPTORS);
	for (int i = 0; i < ROUNDS; i++) {
		caller = peer_start("caller", be_caller, "victim");
		kill_in_a_while(&caller);
		peer_wait(&caller);
	}
	tap_ok(tester_is_well(service),
	       "callers are killed at any time: the service goes on");
	tap_ok(tester_ask(service, TESTER_DESCRIPTORS) == before &&
	       state_has_freed_all(peer.pid),
	       "callers are killed: nothing is left at the service");
	ashmem_binder_service_close(service);
	peer_end(&peer);
}

void test_death(void)
{
	struct peer peer = tester_start(&manager);
	struct ashmem_binder *binder = tester_open(NULL);

	before_the_call(binder);
	within_the_call(binder, &victim, "killed within a call: broken pipe");
	within_the_call(binder, &parent,
			"killed, while its child lives: broken pipe");
	within_its_own_call(binder);
	gives_up_its_own_call(binder);
	manager_dies();
	at_any_time(binder);
	callers_die(binder);
	ashmem_binder_close(binder);
	peer_end(&peer);
}
