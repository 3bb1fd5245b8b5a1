// SPDX-License-Identifier: MIT
#include "tester.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/**
 * struct self - a tester's own
 * @binder:  of it
 * @channel: to the test
 * @region:  the area, or NULL
 * @at:      mapped
 */
struct self {
	struct ashmem_binder *binder;
	int channel;
	struct ashmem_region *region;
	char *at;
};

int tester_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	if (!folder)
		peer_fail("/proc/self/fd");
	while (readdir(folder))
		count++;
	closedir(folder);
	/* Less ".", ".." and the folder's own. */
	return count - 3;
}

/*
 * The service.
 */

static int answer_number(struct ashmem_binder_request *request, int64_t number)
{
	struct ashmem_binder_message answer = {
		.bytes = &number,
		.length = sizeof(number),
	};

	return ashmem_binder_answer(request, &answer) < 0 ? errno : 0;
}

static int answer_region(struct ashmem_binder_request *request,
			 struct ashmem_region *region,
			 enum ashmem_access access)
{
	struct ashmem_binder_message answer = {
		.region = region,
		.access = access,
	};

	return ashmem_binder_answer(request, &answer) < 0 ? errno : 0;
}

static int map(struct self *self)
{
	self->at = ashmem_region_map(self->region, 0, PROT_READ | PROT_WRITE,
				     MAP_SHARED, 0);
	return self->at == MAP_FAILED ? errno : 0;
}

static int take(struct self *self, struct ashmem_binder_request *request)
{
	if (!request->message.region)
		return ENODATA;
	if (self->region) {
		ashmem_region_unmap(self->region, self->at, TESTER_BYTES);
		ashmem_region_close(self->region);
	}
	self->region = request->message.region;
	request->message.region = NULL;
	return map(self);
}

/* Says that it is called, and waits. */
static void wait_for_word(struct self *self)
{
	char word = 0;

	if (write(self->channel, &word, 1) != 1 ||
	    read(self->channel, &word, 1) != 1)
		_exit(0);
}

static int answer_twice(struct ashmem_binder_request *request)
{
	int error = answer_number(request, 1);

	/* The first has gone already, so this is told by the process's end. */
	if (error || answer_number(request, 2) != EALREADY)
		_exit(3);
	return 0;
}

static int answer_too_long(struct ashmem_binder_request *request)
{
	struct ashmem_binder_message answer = {
		.bytes = request,
		.length = ASHMEM_BINDER_MOST_BYTES + 1,
	};

	if (ashmem_binder_answer(request, &answer) == 0)
		return 0;
	return answer_number(request, errno);
}

static int call_other(struct self *self, struct ashmem_binder_request *request)
{
	struct ashmem_binder_message message = { 0 };
	struct ashmem_binder_service *other;
	struct tester_call call;
	int error = 0;

	if (request->message.length != sizeof(call))
		return EINVAL;
	memcpy(&call, request->message.bytes, sizeof(call));
	if (ashmem_binder_find(self->binder, call.name, PATIENCE, &other) < 0)
		return errno;
	message.code = call.code;
	if (ashmem_binder_call(other, &message, NULL, call.timeout) < 0)
		error = errno;
	ashmem_binder_service_close(other);
	return answer_number(request, error);
}

static int limit_descriptors(int most)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = most;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? errno : 0;
}

static ashmem_binder_handler serve;

static int about_area(struct self *self, struct ashmem_binder_request *request)
{
	switch (request->message.code) {
	case TESTER_GIVE:
		return answer_region(request, self->region, 0);
	case TESTER_GIVE_READ_ONLY:
		return answer_region(request, self->region,
				     ASHMEM_ACCESS_READ_ONLY);
	case TESTER_TAKE:
		return take(self, request);
	case TESTER_LETTER:
		return answer_number(request, self->at[0]);
	case TESTER_WRITE:
		self->at[0] = *(const char *)request->message.bytes;
		return 0;
	case TESTER_UNPIN:
		return ashmem_region_unpin(self->region, 0, 0) < 0 ? errno : 0;
	case TESTER_PIN:
		return answer_number(request,
				     ashmem_region_pin(self->region, 0, 0));
	default:
		return ENOSYS;
	}
}

static int serve(struct ashmem_binder_request *request, void *context)
{
	struct self *self = context;
	int32_t number;

	switch (request->message.code) {
	case TESTER_ECHO:
		return ashmem_binder_answer(request, &request->message) < 0 ?
			       errno : 0;
	case TESTER_SAY_NOTHING:
		return 0;
	case TESTER_REFUSE:
		memcpy(&number, request->message.bytes, sizeof(number));
		return number;
	case TESTER_ANSWER_TWICE:
		return answer_twice(request);
	case TESTER_ANSWER_TOO_LONG:
		return answer_too_long(request);
	case TESTER_WAIT:
		wait_for_word(self);
		return 0;
	case TESTER_WAIT_AND_GIVE:
		wait_for_word(self);
		return answer_region(request, self->region, 0);
	case TESTER_DIE:
		raise(SIGKILL);
		return 0;
	case TESTER_CALL:
		return call_other(self, request);
	case TESTER_SERVE:
		number = ashmem_binder_serve(self->binder, 0) < 0 ? errno : 0;
		return answer_number(request, number);
	case TESTER_PUBLISH:
		number = ashmem_binder_publish(self->binder, "inner", serve,
					       self, PATIENCE) < 0 ? errno : 0;
		return answer_number(request, number);
	case TESTER_DESCRIPTORS:
		return answer_number(request, tester_descriptors());
	case TESTER_LIMIT:
		memcpy(&number, request->message.bytes, sizeof(number));
		return limit_descriptors(number);
	case TESTER_UID:
		return answer_number(request, request->uid);
	case TESTER_PID:
		return answer_number(request, request->pid);
	default:
		return about_area(self, request);
	}
}

/*
 * Its process.
 */

static int make_area(struct self *self, char letter)
{
	if (ashmem_region_create(&self->region, "tester", TESTER_BYTES) < 0 ||
	    map(self) != 0)
		return -1;
	memset(self->at, letter, TESTER_BYTES);
	return 0;
}

static void *serve_forever(void *context)
{
	struct self *self = context;

	while (ashmem_binder_serve(self->binder, -1) >= 0)
		;
	return NULL;
}

/* The driver forgets a manager that has ended by and by. */
static int become_manager(struct ashmem_binder *binder)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };

	for (int i = 0; i < PATIENCE / 10; i++) {
		if (ashmem_binder_become_manager(binder) == 0)
			return 0;
		if (errno != EBUSY)
			return -1;
		nanosleep(&pause, NULL);
	}
	return -1;
}

static int ready_self(struct self *self, const struct tester *tester)
{
	if (ashmem_binder_open(&self->binder, tester->device) < 0 ||
	    (tester->letter && make_area(self, tester->letter) < 0) ||
	    (tester->manager && become_manager(self->binder) < 0) ||
	    (tester->name &&
	     ashmem_binder_publish(self->binder, tester->name, serve, self,
				   PATIENCE) < 0))
		return errno;
	return 0;
}

/* By poll(2), as a program does that has more to watch. */
static void serve_until_told(struct self *self)
{
	struct pollfd watched[2] = {
		{ .fd = ashmem_binder_descriptor(self->binder),
		  .events = POLLIN },
		{ .fd = self->channel, .events = POLLIN },
	};

	if (watched[0].fd < 0)
		peer_fail("descriptor");
	while (!(watched[1].revents & (POLLIN | POLLHUP))) {
		if (poll(watched, 2, -1) < 0)
			peer_fail("poll");
		if (watched[0].revents &&
		    ashmem_binder_serve(self->binder, 0) < 0)
			peer_fail("serve");
	}
}

static void be_tester(int channel, const void *argument)
{
	const struct tester *tester = argument;
	struct self self = { .channel = channel };
	pthread_t thread;
	int error = ready_self(&self, tester);

	if (!error && tester->forks && fork() == 0) {
		close(channel);
		alarm(PATIENCE / 1000);
		pause();
		_exit(0);
	}
	for (int i = 0; !error && i < tester->threads; i++)
		error = pthread_create(&thread, NULL, serve_forever, &self);
	peer_ready(channel, error);
	if (error)
		return;
	serve_until_told(&self);
	if (!tester->threads)
		ashmem_binder_close(self.binder);
}

struct peer tester_start(const struct tester *tester)
{
	return peer_start(tester->name ? tester->name : "manager", be_tester,
			  tester);
}

/*
 * Calling it.
 */

struct ashmem_binder *tester_open(const char *device)
{
	struct ashmem_binder *binder;

	if (ashmem_binder_open(&binder, device) < 0)
		peer_fail(device ? device : "/dev/binder");
	return binder;
}

struct ashmem_binder_service *tester_find(struct ashmem_binder *binder,
					  const char *name)
{
	struct ashmem_binder_service *service;

	if (ashmem_binder_find(binder, name, PATIENCE, &service) < 0)
		peer_fail(name);
	return service;
}

int tester_call(struct ashmem_binder_service *service, enum tester_code code)
{
	struct ashmem_binder_message request = { .code = code };

	return ashmem_binder_call(service, &request, NULL, PATIENCE) < 0 ?
		       errno : 0;
}

int64_t tester_ask_with(struct ashmem_binder_service *service,
			const struct ashmem_binder_message *request)
{
	struct ashmem_binder_message answer;
	int64_t number = -1;

	if (ashmem_binder_call(service, request, &answer, PATIENCE) < 0)
		return -1;
	if (answer.length == sizeof(number))
		memcpy(&number, answer.bytes, sizeof(number));
	ashmem_binder_message_free(&answer);
	return number;
}

int64_t tester_ask(struct ashmem_binder_service *service,
		   enum tester_code code)
{
	struct ashmem_binder_message request = { .code = code };

	return tester_ask_with(service, &request);
}

struct ashmem_region *tester_get(struct ashmem_binder_service *service,
				 enum tester_code code)
{
	struct ashmem_binder_message request = { .code = code };
	struct ashmem_binder_message answer;
	struct ashmem_region *region;

	if (ashmem_binder_call(service, &request, &answer, PATIENCE) < 0)
		return NULL;
	region = answer.region;
	answer.region = NULL;
	ashmem_binder_message_free(&answer);
	return region;
}

bool tester_is_well(struct ashmem_binder_service *service)
{
	static const char text[] = "how are you?";
	struct ashmem_binder_message request = {
		.code = TESTER_ECHO,
		.bytes = text,
		.length = sizeof(text),
	};
	struct ashmem_binder_message answer;
	bool well;

	if (ashmem_binder_call(service, &request, &answer, PATIENCE) < 0)
		return false;
	well = answer.length == sizeof(text) && !answer.region &&
	       !memcmp(answer.bytes, text, sizeof(text));
	ashmem_binder_message_free(&answer);
	return well;
}
