// SPDX-License-Identifier: MIT
/* Waits for another process to publish a service, and asks it something. */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND	1000

static int greet(struct ashmem_binder_request *request, void *greeting)
{
	struct ashmem_binder_message answer = {
		.bytes = greeting, .length = strlen(greeting) + 1,
	};

	return ashmem_binder_answer(request, &answer) < 0 ? errno : 0;
}

/* The other process. */
static void serve(void)
{
	static char greeting[] = "good morning";
	struct ashmem_binder *binder;

	if (ashmem_binder_open(&binder, NULL) < 0)
		err(1, "ashmem_binder_open");
	if (ashmem_binder_become_manager(binder) < 0)
		err(1, "ashmem_binder_become_manager");
	if (ashmem_binder_publish(binder, "greeter", greet, greeting,
				  SECOND) < 0)
		err(1, "ashmem_binder_publish");
	while (ashmem_binder_serve(binder, -1) >= 0)
		;
	err(1, "ashmem_binder_serve");
}

/* It may be that there is no manager yet, or not yet this name. */
static void find(struct ashmem_binder *binder,
		 struct ashmem_binder_service **service)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };

	while (ashmem_binder_find(binder, "greeter", SECOND, service) < 0) {
		if (errno != ECONNREFUSED && errno != ENOENT)
			err(1, "ashmem_binder_find");
		nanosleep(&pause, NULL);
	}
}

int main(void)
{
	struct ashmem_binder_message request = { 0 }, answer;
	struct ashmem_binder_service *service;
	struct ashmem_binder *binder;
	pid_t child;

	if (access("/dev/binder", F_OK) < 0)
		errx(0, "there is no binder here");
	child = fork();
	if (child == 0)
		serve();
	if (ashmem_binder_open(&binder, NULL) < 0)
		err(1, "ashmem_binder_open");
	find(binder, &service);
	if (ashmem_binder_call(service, &request, &answer, SECOND) < 0)
		err(1, "ashmem_binder_call");
	printf("%s\n", (const char *)answer.bytes);
	ashmem_binder_message_free(&answer);

	/* To find it is no promise that it lives. */
	kill(child, SIGKILL);
	while (ashmem_binder_call(service, &request, NULL, SECOND) == 0)
		;
	printf("%s\n", strerror(errno));
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
	return 0;
}
