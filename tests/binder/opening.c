// SPDX-License-Identifier: MIT
/* A process that opens its first binder. */
#include <ashmem_binder.h>
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tap.h"
#include "peer.h"
#include "tester.h"
#include "tests.h"

static void destroy(void *value)
{
	(void)value;
	_exit(3);
}

/* It has no place of its own in a thread: so it must take nobody else's. */
static void *use(void *context)
{
	struct ashmem_binder **binder = context;
	struct ashmem_binder_service *service;

	if (ashmem_binder_open(binder, NULL) == 0)
		ashmem_binder_find(*binder, "nobody", 0, &service);
	else if (errno != EAGAIN)
		_exit(2);
	return NULL;
}

static void without_keys(void)
{
	struct ashmem_binder *binder = NULL;
	int before = tester_descriptors();
	pthread_key_t key;
	pthread_t id;

	while (pthread_key_create(&key, destroy) == 0)
		;
	if (pthread_create(&id, NULL, use, &binder))
		peer_fail("pthread_create");
	pthread_join(id, NULL);
	_exit(binder || tester_descriptors() != before);
}

void test_opening(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		without_keys();
	if (child < 0 || waitpid(child, &status, 0) != child)
		peer_fail("fork");
	if (!tap_ok(status == 0, "open: without a thread-specific key left"))
		tap_note("status %x", status);
}
