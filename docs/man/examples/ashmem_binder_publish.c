// SPDX-License-Identifier: MIT
/* A process has a picture that others may look at, and shows it to another. */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHOW	1
#define SECOND	1000

/* The handler of the service. */
static int show(struct ashmem_binder_request *request, void *picture)
{
	struct ashmem_binder_message answer = { .region = picture };

	if (request->message.code != SHOW)
		return ENOSYS;
	return ashmem_binder_answer(request, &answer) < 0 ? errno : 0;
}

static void look(void)
{
	struct ashmem_binder_message request = { .code = SHOW }, answer;
	struct ashmem_binder_service *service;
	struct ashmem_binder *binder;
	const char *picture;

	if (ashmem_binder_open(&binder, NULL) < 0)
		err(1, "ashmem_binder_open");
	if (ashmem_binder_find(binder, "picture", SECOND, &service) < 0)
		err(1, "ashmem_binder_find");
	if (ashmem_binder_call(service, &request, &answer, SECOND) < 0)
		err(1, "ashmem_binder_call");
	picture = ashmem_region_map(answer.region, 0, PROT_READ, MAP_SHARED, 0);
	if (picture == MAP_FAILED)
		err(1, "ashmem_region_map");
	printf("it is %s\n", picture);
	fflush(stdout);
	ashmem_binder_message_free(&answer);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
}

int main(void)
{
	struct ashmem_region *picture;
	struct ashmem_binder *binder;
	int status;
	char *at;

	if (ashmem_binder_open(&binder, NULL) < 0) {
		if (errno == ENOENT)
			errx(0, "there is no binder here");
		err(1, "ashmem_binder_open");
	}
	if (ashmem_region_create(&picture, "picture", 4096) < 0)
		err(1, "ashmem_region_create");
	at = ashmem_region_map(picture, 0, PROT_READ | PROT_WRITE,
			       MAP_SHARED, 0);
	if (at == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(at, "a house by a lake");

	/* It keeps the names itself; another process could. */
	if (ashmem_binder_become_manager(binder) < 0)
		err(1, "ashmem_binder_become_manager");
	if (ashmem_binder_publish(binder, "picture", show, picture,
				  SECOND) < 0)
		err(1, "ashmem_binder_publish");

	if (fork() == 0) {
		look();
		_exit(0);
	}
	while (waitpid(-1, &status, WNOHANG) == 0)
		if (ashmem_binder_serve(binder, SECOND / 100) < 0)
			err(1, "ashmem_binder_serve");
	ashmem_binder_close(binder);
	ashmem_region_close(picture);
	return status != 0;
}
