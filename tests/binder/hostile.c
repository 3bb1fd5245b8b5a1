// SPDX-License-Identifier: MIT
/* Others at the driver send what they like. */
#include <ashmem_binder.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../../lib/binder.h"
#include "../tap.h"
#include "peer.h"
#include "raw.h"
#include "state.h"
#include "tester.h"
#include "tests.h"

#define RANDOM_MESSAGES	2000

static const struct tester provider = {
	.name = "provider", .letter = 'P',
};

static const struct tester manager = {
	.name = "manager", .manager = true, .letter = 'M',
};

/**
 * struct target - who is sent something wrong
 * @peer:    its process
 * @service: of it, to see that it is well
 * @handle:  that is sent to
 */
struct target {
	const struct peer *peer;
	struct ashmem_binder_service *service;
	uint32_t handle;
};

static bool is_unharmed(const struct target *target, int descriptors)
{
	return tester_is_well(target->service) &&
	       tester_ask(target->service, TESTER_DESCRIPTORS) == descriptors &&
	       state_has_freed_all(target->peer->pid);
}

static void requests(struct binder_driver *driver, const struct target *target)
{
	int before = tester_ask(target->service, TESTER_DESCRIPTORS);
	struct raw_message message;

	for (enum raw_kind kind = 0; kind < RAW_KINDS; kind++) {
		int error;

		raw_make(kind, &message);
		error = raw_call(driver, target->handle, TESTER_ECHO, &message,
				 NULL);
		raw_free(&message);
		if (!tap_ok(error == raw_wrong[kind].error &&
			    is_unharmed(target, before),
			    "a request to a service: %s",
			    raw_wrong[kind].what))
			tap_note("it says %d", error);
	}
}

static void without_waiting(struct binder_driver *driver,
			    const struct target *target)
{
	int before = tester_ask(target->service, TESTER_DESCRIPTORS);
	struct raw_message message;

	for (int i = 0; i < 20; i++) {
		raw_make(RAW_TWO, &message);
		message.flags = TF_ONE_WAY;
		if (raw_call(driver, target->handle, TESTER_ECHO, &message,
			     NULL) < 0)
			peer_fail("one way");
		raw_free(&message);
	}
	tap_ok(is_unharmed(target, before),
	       "requests of who does not wait: nothing is left of them");
	raw_make_right("x", 1, NULL, &message);
	message.flags = TF_ONE_WAY;
	raw_call(driver, target->handle, TESTER_WRITE, &message, NULL);
	tap_ok(tester_ask(target->service, TESTER_LETTER) == provider.letter,
	       "requests of who does not wait: are not served");
}

/* Mostly right at the beginning, so that it is looked at further. */
static void make_random(struct raw_message *message)
{
	raw_make(random() % RAW_KINDS, message);
	message->flags = random() % 4 ? 0 : TF_ONE_WAY;
	for (int i = random() % 8; i; i--)
		message->data[random() % 24] = random();
	if (!message->count)
		message->size = random() % (RAW_MOST_BYTES / 2);
}

static void send_at_random(struct binder_driver *driver,
			   const struct target *target)
{
	struct raw_message message;

	for (int i = 0; i < RANDOM_MESSAGES; i++) {
		make_random(&message);
		raw_call(driver, target->handle, random() % 2 ? TESTER_ECHO :
			 BINDER_PUBLISH + random() % 4, &message, NULL);
		raw_free(&message);
	}
}

static void random_requests(struct binder_driver *driver,
			    const struct target *target)
{
	int before = tester_ask(target->service, TESTER_DESCRIPTORS);

	send_at_random(driver, target);
	tap_ok(is_unharmed(target, before),
	       "a service goes on after %d messages at random",
	       RANDOM_MESSAGES);
}

/* Some are right by chance: names, that end with whose they are. */
static void random_names(const struct target *target)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	int before = tester_ask(target->service, TESTER_DESCRIPTORS);
	struct binder_driver driver;
	bool unharmed = false;

	if (binder_driver_open(&driver, "/dev/binder") < 0)
		peer_fail("/dev/binder");
	send_at_random(&driver, target);
	binder_driver_close(&driver);
	for (int i = 0; !unharmed && i < PATIENCE / 10; i++) {
		nanosleep(&pause, NULL);
		unharmed = is_unharmed(target, before);
	}
	tap_ok(unharmed, "the manager goes on after %d messages at random",
	       RANDOM_MESSAGES);
}

static int ask_manager(struct binder_driver *driver, uint32_t code,
		       const void *name, size_t length,
		       const union binder_object *object)
{
	struct raw_message message;

	raw_make_right(name, length, object, &message);
	return raw_call(driver, BINDER_MANAGER, code, &message, NULL);
}

static void to_the_manager(struct binder_driver *driver,
			   const struct target *target)
{
	int before = tester_ask(target->service, TESTER_DESCRIPTORS);
	uint32_t of_other = raw_find(driver, "provider");
	union binder_object other = {
		.service = {
			.hdr.type = BINDER_TYPE_HANDLE, .handle = of_other,
		},
	}, weak = {
		.service = { .hdr.type = BINDER_TYPE_WEAK_BINDER, .binder = 3 },
	}, managers = {
		.service = {
			.hdr.type = BINDER_TYPE_HANDLE,
			.handle = target->handle,
		},
	};
	struct raw_message message;

	tap_ok(ask_manager(driver, 4711, "x", 1, NULL) == ENOSYS,
	       "the manager: a wrong code");
	tap_ok(ask_manager(driver, BINDER_PUBLISH, "x", 1, NULL) == EBADMSG,
	       "the manager: nothing is published");
	tap_ok(ask_manager(driver, BINDER_PUBLISH, "x", 1, &weak) == EBADMSG,
	       "the manager: a weak reference is published");
	tap_ok(ask_manager(driver, BINDER_PUBLISH, "x", 1, &managers) ==
		       EBADMSG, "the manager: its own service is published");
	tap_ok(ask_manager(driver, BINDER_PUBLISH, "x", 1, &other) == EEXIST,
	       "the manager: another's service is published again");
	tap_ok(raw_publish(driver, "a\0b", 3, 7) == EINVAL &&
	       raw_publish(driver, "", 0, 7) == EINVAL,
	       "the manager: a name that is none");
	raw_make(RAW_PIPE, &message);
	tap_ok(raw_call(driver, BINDER_MANAGER, BINDER_PUBLISH, &message,
			NULL) == -1,
	       "the manager: takes no descriptor");
	raw_free(&message);
	raw_make(RAW_OTHER, &message);
	tap_ok(raw_call(driver, BINDER_MANAGER, BINDER_FIND, &message, NULL) ==
		       EBADMSG, "the manager: what is no message");
	tap_ok(is_unharmed(target, before),
	       "the manager: nothing is left of it");
	binder_driver_say_about(driver, BC_RELEASE, of_other);
}

static int call(struct ashmem_binder_service *service, uint32_t code,
		bool answered)
{
	struct ashmem_binder_message request = { .code = code }, answer;
	int error = 0;

	if (ashmem_binder_call(service, &request, answered ? &answer : NULL,
			       PATIENCE) == 0)
		return 0;
	error = errno;
	if (answered && (answer.bytes || answer.region || answer.length))
		return -1;
	return error;
}

static int call_with_region(struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = { .code = RAW_EMPTY };
	int error = 0;

	if (ashmem_region_create(&request.region, "refused", 4096) < 0 ||
	    ashmem_region_map(request.region, 0, PROT_READ, MAP_SHARED, 0) ==
		    MAP_FAILED)
		peer_fail("create");
	if (ashmem_binder_call(service, &request, NULL, PATIENCE) < 0)
		error = errno;
	ashmem_region_close(request.region);
	return error;
}

static void answers(struct ashmem_binder *binder)
{
	struct peer peer = raw_start("liar");
	struct ashmem_binder_service *service = tester_find(binder, "liar");
	int before = tester_descriptors();
	bool all = true;

	for (enum raw_kind kind = 0; kind < RAW_KINDS; kind++)
		if (!tap_ok(call(service, kind, true) ==
				    raw_wrong[kind].error &&
			    call(service, kind, false) ==
				    raw_wrong[kind].error &&
			    tester_descriptors() == before,
			    "an answer: %s", raw_wrong[kind].what))
			tap_note("it is %s", strerror(errno));
	for (uint32_t code = RAW_KINDS; code < RAW_KINDS + 4; code++)
		all &= call(service, code, true) == EBADMSG;
	tap_ok(all && tester_descriptors() == before,
	       "an answer: a refusal by what is no errno");
	tap_ok(state_has_freed_all(getpid()) && state_references(getpid()) <= 2,
	       "an answer: nothing is left of them");
	tap_ok(call_with_region(service) == EPERM,
	       "a region for a service that takes none: not permitted");
	ashmem_binder_service_close(service);
	peer_end(&peer);
}

static void managers_answers(struct ashmem_binder *binder)
{
	int before = tester_descriptors();
	bool all = true;
	char name[16];

	for (int kind = 0; kind < RAW_KINDS + 4; kind++) {
		struct ashmem_binder_service *service;

		snprintf(name, sizeof(name), "%d", kind);
		if (ashmem_binder_find(binder, name, PATIENCE, &service) < 0) {
			all &= errno == EBADMSG || errno == EREMOTEIO;
			continue;
		}
		/* That is a good answer. */
		all &= kind == RAW_SERVICE;
		ashmem_binder_service_close(service);
	}
	tap_ok(all, "a manager's answer: all that are wrong are refused");
	tap_ok(tester_descriptors() == before && state_has_freed_all(getpid()),
	       "a manager's answer: no descriptor is left of any");
}

static int count_request(struct ashmem_binder_request *request, void *context)
{
	(void)request;
	++*(int *)context;
	return 0;
}

static void manager_calls_back(struct ashmem_binder *binder)
{
	int served = 0;

	tap_ok(ashmem_binder_publish(binder, "called", count_request, &served,
				     PATIENCE) < 0 && errno == EDEADLK,
	       "a manager that calls what is published is refused");
	tap_ok(served == 0 && state_has_freed_all(getpid()),
	       "and no handler is run for it");
}

static void other_manager(void)
{
	struct peer peer = raw_start_manager();
	struct ashmem_binder *binder = tester_open(NULL);

	managers_answers(binder);
	manager_calls_back(binder);
	ashmem_binder_close(binder);
	peer_end(&peer);
}

void test_hostile(void)
{
	struct peer managing = tester_start(&manager);
	struct peer providing = tester_start(&provider);
	struct ashmem_binder *binder = tester_open(NULL);
	struct target service = { .peer = &providing };
	struct target names = { .peer = &managing };
	struct binder_driver driver;

	if (binder_driver_open(&driver, "/dev/binder") < 0)
		peer_fail("/dev/binder");
	service.service = tester_find(binder, "provider");
	service.handle = raw_find(&driver, "provider");
	names.service = tester_find(binder, "manager");
	names.handle = raw_find(&driver, "manager");

	requests(&driver, &service);
	without_waiting(&driver, &service);
	to_the_manager(&driver, &names);
	random_requests(&driver, &service);
	binder_driver_close(&driver);
	names.handle = BINDER_MANAGER;
	random_names(&names);
	ashmem_binder_service_close(service.service);
	ashmem_binder_service_close(names.service);
	answers(binder);
	ashmem_binder_close(binder);
	peer_end(&providing);
	peer_end(&managing);
	other_manager();
}
