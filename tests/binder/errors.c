// SPDX-License-Identifier: MIT
/* What goes wrong where nobody dies. */
#include <ashmem_binder.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tap.h"
#include "peer.h"
#include "state.h"
#include "tester.h"
#include "tests.h"

#define MOMENT		50

/* 1 MiB of requests, of the longest that there may be. */
#define MOST_WAITING	16

static const struct tester provider = {
	.name = "provider", .manager = true, .letter = 'P',
};

static char longest[ASHMEM_BINDER_MOST_BYTES + 1];

static int call(struct ashmem_binder_service *service, enum tester_code code,
		size_t length, int timeout)
{
	struct ashmem_binder_message request = {
		.code = code, .bytes = longest, .length = length,
	};

	return ashmem_binder_call(service, &request, NULL, timeout) < 0 ?
		       errno : 0;
}

static void release(const struct peer *peer)
{
	if (write(peer->channel, "", 1) != 1)
		peer_fail("channel");
}

static void too_long(struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = {
		.bytes = longest,
		.length = sizeof(longest),
		.region = tester_get(service, TESTER_GIVE),
	};
	int before = tester_descriptors();

	tap_ok(call(service, TESTER_ECHO, sizeof(longest), PATIENCE) ==
		       EMSGSIZE &&
	       call(service, TESTER_ECHO, SIZE_MAX, PATIENCE) == EMSGSIZE,
	       "a request that is too long");
	tap_ok(ashmem_binder_call(service, &request, NULL, PATIENCE) < 0 &&
	       errno == EMSGSIZE && tester_descriptors() == before,
	       "too long, with a region: nothing is left of it");
	tap_ok(tester_is_well(service), "too long: the next goes through");
	ashmem_region_close(request.region);
}

/* It lives, and will answer when it is too late, with a region. */
static void too_late(struct ashmem_binder_service *service,
		     const struct peer *peer)
{
	int before = tester_descriptors();
	int there = tester_ask(service, TESTER_DESCRIPTORS);
	bool all = true;

	for (int i = 0; i < 10; i++) {
		all &= call(service, TESTER_WAIT_AND_GIVE, 0, MOMENT) ==
		       ETIMEDOUT;
		release(peer);
		all &= tester_is_well(service);
	}
	tap_ok(all, "no answer: the call times out, and the next is answered");
	tap_ok(tester_descriptors() == before &&
	       tester_ask(service, TESTER_DESCRIPTORS) == there &&
	       state_has_freed_all(getpid()) && state_has_freed_all(peer->pid),
	       "no answer: what comes too late is not left behind");
}

static void too_many(struct ashmem_binder_service *service,
		     const struct peer *peer)
{
	int waiting = 0, error;

	call(service, TESTER_WAIT, 0, MOMENT);
	do
		error = call(service, TESTER_ECHO, ASHMEM_BINDER_MOST_BYTES, 0);
	while (error == ETIMEDOUT && ++waiting < MOST_WAITING);
	tap_ok(error == ENOBUFS && waiting >= MOST_WAITING - 2,
	       "too many requests for a service that does not serve");
	release(peer);
	tap_ok(tester_is_well(service) && state_has_freed_all(peer->pid),
	       "too many: once it serves, there is room again");
}

static void too_many_descriptors(struct ashmem_binder_service *service,
				 const struct peer *peer)
{
	struct ashmem_binder_message request = { .code = TESTER_GIVE };
	struct ashmem_region *region;
	struct rlimit before, less;
	int error;

	getrlimit(RLIMIT_NOFILE, &before);
	less = before;
	less.rlim_cur = tester_descriptors();
	setrlimit(RLIMIT_NOFILE, &less);
	error = ashmem_binder_call(service, &request, NULL, PATIENCE) < 0 ?
			errno : 0;
	tap_ok(error == EMFILE, "a region for who has no descriptor left");
	less.rlim_cur++;
	setrlimit(RLIMIT_NOFILE, &less);
	error = ashmem_binder_call(service, &request, NULL, PATIENCE) < 0 ?
			errno : 0;
	tap_ok(error == EMFILE, "a region for who has only one left of two");
	setrlimit(RLIMIT_NOFILE, &before);
	region = tester_get(service, TESTER_GIVE);
	tap_ok(region && state_has_freed_all(getpid()) &&
	       state_has_freed_all(peer->pid),
	       "and when there are enough, it is given");
	ashmem_region_close(region);
}

static int limit_there(struct ashmem_binder_service *service, int32_t most)
{
	struct ashmem_binder_message request = {
		.code = TESTER_LIMIT,
		.bytes = &most,
		.length = sizeof(most),
	};

	return ashmem_binder_call(service, &request, NULL, PATIENCE);
}

static void too_many_there(struct ashmem_binder_service *service,
			   const struct peer *peer)
{
	struct ashmem_binder_message request = { .code = TESTER_ECHO };
	int none, one, there;

	request.region = tester_get(service, TESTER_GIVE);
	there = tester_ask(service, TESTER_DESCRIPTORS);
	limit_there(service, there);
	none = ashmem_binder_call(service, &request, NULL, PATIENCE) < 0 ?
		       errno : 0;
	limit_there(service, there + 1);
	one = ashmem_binder_call(service, &request, NULL, PATIENCE) < 0 ?
		      errno : 0;
	limit_there(service, there + 100);
	tap_ok(none == EMFILE && one == EMFILE,
	       "a region for a service that has no descriptor left, or one");
	tap_ok(ashmem_binder_call(service, &request, NULL, PATIENCE) == 0 &&
	       state_has_freed_all(peer->pid),
	       "and when it has enough, it takes it");
	ashmem_region_close(request.region);
}

static void no_access(struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = { .code = TESTER_ECHO };

	if (ashmem_region_create(&request.region, NULL, 0) < 0)
		peer_fail("create");
	request.access = 77;
	tap_ok(ashmem_binder_call(service, &request, NULL, PATIENCE) < 0 &&
	       errno == EINVAL, "a region with an access that is none");
	ashmem_region_close(request.region);
}

static int all_refuse(struct ashmem_binder *binder,
		      struct ashmem_binder_service *service)
{
	struct ashmem_binder_service *found;

	if (ashmem_binder_become_manager(binder) == 0 || errno != EBADF)
		return 1;
	if (ashmem_binder_publish(binder, "x", NULL, NULL, 0) == 0 ||
	    errno != EBADF)
		return 2;
	if (ashmem_binder_find(binder, "x", 0, &found) == 0 || errno != EBADF)
		return 3;
	if (call(service, TESTER_ECHO, 0, -1) != EBADF)
		return 4;
	if (ashmem_binder_serve(binder, -1) >= 0 || errno != EBADF)
		return 5;
	if (ashmem_binder_descriptor(binder) >= 0 || errno != EBADF)
		return 6;
	return 0;
}

/* How many descriptors of the driver this process has, of those that are closed
 * on exec if @close_on_exec. */
static int count_binders(bool close_on_exec)
{
	char path[64], target[64];
	ssize_t length;
	int count = 0;

	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		length = readlink(path, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
		if (!strcmp(target, "/dev/binder"))
			count += !close_on_exec ||
				 fcntl(fd, F_GETFD) & FD_CLOEXEC;
	}
	return count;
}

static void after_fork(struct ashmem_binder *binder,
		       struct ashmem_binder_service *service)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct ashmem_binder *own;
		struct ashmem_binder_service *found;
		int result = all_refuse(binder, service);

		if (count_binders(false))
			_exit(7);
		ashmem_binder_service_close(service);
		ashmem_binder_close(binder);
		own = tester_open(NULL);
		found = tester_find(own, "provider");
		_exit(result ? result : tester_is_well(found) ? 0 : 8);
	}
	waitpid(child, &status, 0);
	if (!tap_ok(status == 0, "a child cannot use its parent's binder, and "
				 "opens its own"))
		tap_note("status %x", status);
	tap_ok(tester_is_well(service), "and the parent goes on");
	tap_ok(count_binders(true) == 2 && count_binders(false) == 2,
	       "what it has of the driver is closed on exec");
}

void test_errors(void)
{
	struct peer peer = tester_start(&provider);
	struct ashmem_binder *binder = tester_open(NULL);
	struct ashmem_binder_service *service = tester_find(binder, "provider");

	too_long(service);
	too_late(service, &peer);
	too_many(service, &peer);
	too_many_descriptors(service, &peer);
	too_many_there(service, &peer);
	no_access(service);
	after_fork(binder, service);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
	peer_end(&peer);
}
