// SPDX-License-Identifier: MIT
/* Keeps the names for all who open /dev/binder, until it is interrupted. */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void end(int signal)
{
	(void)signal;
}

int main(void)
{
	struct sigaction action = { .sa_handler = end };
	struct ashmem_binder *binder;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	if (ashmem_binder_open(&binder, NULL) < 0) {
		if (errno == ENOENT)
			errx(0, "there is no binder here");
		err(1, "ashmem_binder_open");
	}
	if (ashmem_binder_become_manager(binder) < 0)
		err(1, "ashmem_binder_become_manager");
	puts("the names are kept here");

	/* As an example, for a second only. */
	alarm(1);
	while (ashmem_binder_serve(binder, -1) >= 0)
		;
	if (errno != EINTR)
		err(1, "ashmem_binder_serve");
	puts("and now no more");
	ashmem_binder_close(binder);
	return 0;
}
