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

static void fork_prepare(void)
{
	pthread_mutex_lock(&opened_lock);
}

static void fork_in_parent(void)
{
	pthread_mutex_unlock(&opened_lock);
}

/* While a child had them, the driver would take its parent to be alive. */
static void fork_in_child(void)
{
	struct ashmem_binder *binder;

	for (binder = opened; binder; binder = binder->next) {
		binder_driver_forked(&binder->incoming);
		binder_driver_forked(&binder->outgoing);
	}
	pthread_mutex_unlock(&opened_lock);
}

static void set_up(void)
{
	pthread_atfork(fork_prepare, fork_in_parent, fork_in_child);
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

int ashmem_binder_open(struct ashmem_binder **binder, const char *path)
{
	struct ashmem_binder *new = calloc(1, sizeof(*new));
	int result, error;

	if (!new)
		return -1;
	pthread_once(&once, set_up);
	pthread_mutex_init(&new->lock, NULL);
	/* No child may be made between the two. */
	pthread_mutex_lock(&opened_lock);
	result = open_both(new, path ? path : DEFAULT_PATH);
	if (result == 0) {
		new->next = opened;
		opened = new;
		*binder = new;
	}
	pthread_mutex_unlock(&opened_lock);
	if (result < 0) {
		error = errno;
		free(new);
		errno = error;
	}
	return result;
}

static void take_out(const struct ashmem_binder *binder)
{
	struct ashmem_binder **at = &opened;

	while (*at != binder)
		at = &(*at)->next;
	*at = binder->next;
}

void ashmem_binder_close(struct ashmem_binder *binder)
{
	int error = errno;
	struct published *service;

	if (!binder)
		return;
	pthread_mutex_lock(&opened_lock);
	take_out(binder);
	binder_driver_close(&binder->incoming);
	binder_driver_close(&binder->outgoing);
	pthread_mutex_unlock(&opened_lock);
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
	/* Requests are not shown to a thread that has not said that it serves
	 * them. */
	if (binder_driver_say(&binder->incoming, BC_ENTER_LOOPER) < 0)
		return -1;
	return binder->incoming.fd;
}
