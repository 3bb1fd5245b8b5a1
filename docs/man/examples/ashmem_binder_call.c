// SPDX-License-Identifier: MIT
/* A process has another one count the words of a text that both map. */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_WORDS	1
#define SECOND		1000

static const char text[] = "what is large travels in a region";

static uint32_t words_in(const char *at, uint64_t size)
{
	uint32_t words = 0;

	/* It ends with the region, whatever is in it. */
	for (uint64_t i = 0; i < size && at[i]; i++)
		words += at[i] != ' ' && (i == 0 || at[i - 1] == ' ');
	return words;
}

static int count(struct ashmem_binder_request *request, void *context)
{
	struct ashmem_region *region = request->message.region;
	struct ashmem_binder_message answer = { 0 };
	uint32_t words;
	uint64_t size;
	char *at;

	(void)context;
	if (request->message.code != COUNT_WORDS)
		return ENOSYS;
	if (!region)
		return ENODATA;
	at = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (at == MAP_FAILED || ashmem_region_get_size(region, &size) < 0)
		return errno;
	words = words_in(at, size);
	ashmem_region_unmap(region, at, size);

	answer.bytes = &words;
	answer.length = sizeof(words);
	return ashmem_binder_answer(request, &answer) < 0 ? errno : 0;
}

static void ask(void)
{
	struct ashmem_binder_message request = { .code = COUNT_WORDS };
	struct ashmem_binder_message answer;
	struct ashmem_binder_service *service;
	struct ashmem_binder *binder;
	char *at;

	if (ashmem_region_create(&request.region, "text", sizeof(text)) < 0)
		err(1, "ashmem_region_create");
	at = ashmem_region_map(request.region, 0, PROT_READ | PROT_WRITE,
			       MAP_SHARED, 0);
	if (at == MAP_FAILED)
		err(1, "ashmem_region_map");
	memcpy(at, text, sizeof(text));

	if (ashmem_binder_open(&binder, NULL) < 0)
		err(1, "ashmem_binder_open");
	if (ashmem_binder_find(binder, "words", SECOND, &service) < 0)
		err(1, "ashmem_binder_find");
	if (ashmem_binder_call(service, &request, &answer, SECOND) < 0)
		err(1, "ashmem_binder_call");
	if (answer.length == sizeof(uint32_t))
		printf("%u words\n", *(const uint32_t *)answer.bytes);
	ashmem_binder_message_free(&answer);

	request.code = 2;
	if (ashmem_binder_call(service, &request, &answer, SECOND) < 0)
		printf("another code: %s\n", strerror(answer.code));
	fflush(stdout);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
	ashmem_region_close(request.region);
}

int main(void)
{
	struct ashmem_binder *binder;
	int status;

	if (ashmem_binder_open(&binder, NULL) < 0) {
		if (errno == ENOENT)
			errx(0, "there is no binder here");
		err(1, "ashmem_binder_open");
	}
	if (ashmem_binder_become_manager(binder) < 0)
		err(1, "ashmem_binder_become_manager");
	if (ashmem_binder_publish(binder, "words", count, NULL, SECOND) < 0)
		err(1, "ashmem_binder_publish");
	if (fork() == 0) {
		ask();
		_exit(0);
	}
	while (waitpid(-1, &status, WNOHANG) == 0)
		if (ashmem_binder_serve(binder, SECOND / 100) < 0)
			err(1, "ashmem_binder_serve");
	ashmem_binder_close(binder);
	return status != 0;
}
