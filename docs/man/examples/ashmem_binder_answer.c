// SPDX-License-Identifier: MIT
/*
 * A cache that others may look up: the answer is a region that they can only
 * read. On the device, where only the region itself can forbid that, the whole.
 */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND	1000

static int look_up(struct ashmem_binder_request *request, void *cache)
{
	struct ashmem_binder_message answer = {
		.region = cache,
		.access = ASHMEM_ACCESS_READ_ONLY,
	};

	if (request->uid != geteuid())
		return EACCES;
	if (ashmem_binder_answer(request, &answer) == 0)
		return 0;
	/* What has failed was not answered, and can be answered otherwise. */
	if (errno != ENOTSUP)
		return errno;
	answer.access = ASHMEM_ACCESS_WHOLE;
	return ashmem_binder_answer(request, &answer) < 0 ? errno : 0;
}

static void read_cache(void)
{
	struct ashmem_binder_message request = { 0 }, answer;
	struct ashmem_binder_service *service;
	struct ashmem_binder *binder;
	const char *cache;

	if (ashmem_binder_open(&binder, NULL) < 0)
		err(1, "ashmem_binder_open");
	if (ashmem_binder_find(binder, "cache", SECOND, &service) < 0)
		err(1, "ashmem_binder_find");
	if (ashmem_binder_call(service, &request, &answer, SECOND) < 0)
		err(1, "ashmem_binder_call");
	cache = ashmem_region_map(answer.region, 0, PROT_READ, MAP_SHARED, 0);
	if (cache == MAP_FAILED)
		err(1, "ashmem_region_map");
	printf("%s\n", cache);
	fflush(stdout);
	ashmem_binder_message_free(&answer);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
}

int main(void)
{
	struct ashmem_region *cache;
	struct ashmem_binder *binder;
	int status;
	char *at;

	if (ashmem_binder_open(&binder, NULL) < 0) {
		if (errno == ENOENT)
			errx(0, "there is no binder here");
		err(1, "ashmem_binder_open");
	}
	if (ashmem_region_create(&cache, "cache", 4096) < 0)
		err(1, "ashmem_region_create");
	at = ashmem_region_map(cache, 0, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	if (at == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(at, "what took long to make");

	if (ashmem_binder_become_manager(binder) < 0)
		err(1, "ashmem_binder_become_manager");
	if (ashmem_binder_publish(binder, "cache", look_up, cache, SECOND) < 0)
		err(1, "ashmem_binder_publish");
	if (fork() == 0) {
		read_cache();
		_exit(0);
	}
	while (waitpid(-1, &status, WNOHANG) == 0)
		if (ashmem_binder_serve(binder, SECOND / 100) < 0)
			err(1, "ashmem_binder_serve");
	ashmem_binder_close(binder);
	ashmem_region_close(cache);
	return status != 0;
}
