// SPDX-License-Identifier: MIT
#include "binder.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_PATH	"/dev/binder"

/* All that are open, for a child to close. */
static struct ashmem_binder *opened;
static pthread_mutex_t opened_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int set_up_error;

/* Of a thread that the driver knows: not NULL. */
static pthread_key_t known;

/* A child is given no lock that a thread has which it has not, and nothing that
 * such a thread was in the midst of changing. */
static void fork_prepare(void)
{
	struct ashmem_binder *binder;

	pthread_mutex_lock(&opened_lock);
	for (binder = opened; binder; binder = binder->next)
		pthread_mutex_lock(&binder->lock);
}

static void fork_done(void)
{
	struct ashmem_binder *binder;

	for (binder = opened; binder; binder = binder->next)
		pthread_mutex_unlock(&binder->lock);
	pthread_mutex_unlock(&opened_lock);
}

/* While a child had them, the driver would take its parent to be alive. */
static void fork_in_child(void)
{
	struct ashmem_binder *binder;

	for (binder = opened; binder; binder = binder->next) {
		binder_driver_forked(&binder->incoming);
		binder_driver_forked(&binder->outgoing);
		binder->manager = false;
	}
	binder_serving_forked();
	fork_done();
}

/* The driver does not see a thread's end: it would keep what it has of it, and
 * whoever called it would wait. */
static void thread_ends(void *value)
{
	struct ashmem_binder *binder;

	(void)value;
	pthread_mutex_lock(&opened_lock);
	for (binder = opened; binder; binder = binder->next) {
		binder_driver_abandon(&binder->incoming);
		binder_driver_abandon(&binder->outgoing);
	}
	pthread_mutex_unlock(&opened_lock);
}

void binder_lock(struct ashmem_binder *binder)
{
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_mutex_lock(&binder->lock);
	binder->cancellable = before;
}

void binder_unlock(struct ashmem_binder *binder)
{
	int before = binder->cancellable;

	pthread_mutex_unlock(&binder->lock);
	pthread_setcancelstate(before, &before);
}

static void set_up(void)
{
	set_up_error = pthread_key_create(&known, thread_ends);
	if (!set_up_error)
		set_up_error = pthread_atfork(fork_prepare, fork_done,
					      fork_in_child);
}

void binder_thread_is_known(void)
{
	pthread_setspecific(known, &known);
}

static int open_both(struct ashmem_binder *binder, const char *path)
{
	int error;

	if (binder_driver_open(&binder->incoming, path) < 0)
		return -1;
	if (binder_driver_open(&binder->outgoing, path) == 0)
		return 0;
	error = errno;
	binder_driver_close(&binder->incoming);
	errno = error;
	return -1;
}

/* No child may be made in between, and no thread be cancelled. */
static int open_and_enter(struct ashmem_binder *binder, const char *path)
{
	int result, before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_mutex_lock(&opened_lock);
	result = open_both(binder, path);
	if (result == 0) {
		binder->next = opened;
		opened = binder;
	}
	pthread_mutex_unlock(&opened_lock);
	pthread_setcancelstate(before, &before);
	return result;
}

static void leave_and_close(struct ashmem_binder *binder)
{
	struct ashmem_binder **at = &opened;
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_mutex_lock(&opened_lock);
	while (*at != binder)
		at = &(*at)->next;
	*at = binder->next;
	binder_driver_close(&binder->incoming);
	binder_driver_close(&binder->outgoing);
	pthread_mutex_unlock(&opened_lock);
	pthread_setcancelstate(before, &before);
}

int ashmem_binder_open(struct ashmem_binder **binder, const char *path)
{
	struct ashmem_binder *new;
	int error;

	pthread_once(&once, set_up);
	if (set_up_error) {
		errno = set_up_error;
		return -1;
	}
	new = calloc(1, sizeof(*new));
	if (!new)
		return -1;
	pthread_mutex_init(&new->lock, NULL);
	if (open_and_enter(new, path ? path : DEFAULT_PATH) == 0) {
		*binder = new;
		return 0;
	}
	error = errno;
	free(new);
	errno = error;
	return -1;
}

void ashmem_binder_close(struct ashmem_binder *binder)
{
	int error = errno;
	struct published *service;

	if (!binder)
		return;
	leave_and_close(binder);
	binder_names_free(&binder->names);
	while ((service = binder->published)) {
		binder->published = service->next;
		free(service);
	}
	free(binder);
	errno = error;
}

int ashmem_binder_descriptor(struct ashmem_binder *binder)
{
	binder_thread_is_known();
	/* Some kernels show requests only to a thread that has said that it
	 * serves them. */
	if (binder_driver_say(&binder->incoming, BC_ENTER_LOOPER) < 0)
		return -1;
	return binder->incoming.fd;
}
