// SPDX-License-Identifier: MIT
/* A loop that watches for requests, and for its child's end. */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define SECOND	1000

static int count(struct ashmem_binder_request *request, void *requests)
{
	(void)request;
	++*(int *)requests;
	/* Not answered here, so with nothing. */
	return 0;
}

static void call_three_times(void)
{
	struct ashmem_binder_message request = { 0 };
	struct ashmem_binder_service *service;
	struct ashmem_binder *binder;

	if (ashmem_binder_open(&binder, NULL) < 0)
		err(1, "ashmem_binder_open");
	if (ashmem_binder_find(binder, "counter", SECOND, &service) < 0)
		err(1, "ashmem_binder_find");
	for (int i = 0; i < 3; i++)
		if (ashmem_binder_call(service, &request, NULL, SECOND) < 0)
			err(1, "ashmem_binder_call");
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
}

int main(void)
{
	struct ashmem_binder *binder;
	struct pollfd watched[2];
	int ends[2], requests = 0;

	if (ashmem_binder_open(&binder, NULL) < 0) {
		if (errno == ENOENT)
			errx(0, "there is no binder here");
		err(1, "ashmem_binder_open");
	}
	if (ashmem_binder_become_manager(binder) < 0)
		err(1, "ashmem_binder_become_manager");
	if (ashmem_binder_publish(binder, "counter", count, &requests,
				  SECOND) < 0)
		err(1, "ashmem_binder_publish");

	/* The child has the other end, until it ends itself. */
	if (pipe(ends) < 0)
		err(1, "pipe");
	if (fork() == 0) {
		call_three_times();
		_exit(0);
	}
	close(ends[1]);

	watched[0].fd = ashmem_binder_descriptor(binder);
	if (watched[0].fd < 0)
		err(1, "ashmem_binder_descriptor");
	watched[1].fd = ends[0];
	watched[0].events = watched[1].events = POLLIN;
	do {
		if (poll(watched, 2, -1) < 0)
			err(1, "poll");
		if (watched[0].revents && ashmem_binder_serve(binder, 0) < 0)
			err(1, "ashmem_binder_serve");
	} while (!watched[1].revents);
	printf("%d requests\n", requests);
	ashmem_binder_close(binder);
	return 0;
}
