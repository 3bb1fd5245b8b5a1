// SPDX-License-Identifier: MIT
/*
 * Several threads that use one region from its very beginning, on the portable
 * engine, under the thread sanitizer.
 *
 * A region gets its file at the first map, and its pin map at the first pin.
 * Whichever thread does that, the others must see either nothing of it or all.
 */
#include <ashmem.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tap.h"

#define REGIONS		300
#define PAGES		8192
#define USERS		3

/**
 * struct user - a thread that uses a region
 * @region: that the others use, too
 * @index:  of the thread; it has a page of its own
 * @begin:  where all wait for one another
 * @wrong:  what was not as it has to be, or NULL
 */
struct user {
	struct ashmem_region *region;
	uint64_t index;
	pthread_barrier_t *begin;
	const char *wrong;
};

static uint64_t page_size;

/* Until there is a file, there is nothing to hold. */
static const char *hold_one_page(struct user *user)
{
	uint64_t page = user->index * page_size;
	int held;

	do
		held = ashmem_region_hold(user->region, page, page_size);
	while (held < 0 && errno == EINVAL);
	if (held != ASHMEM_NOT_PURGED)
		return "hold fails";
	if (ashmem_region_release(user->region, 100 * page_size, page_size) ==
	    0)
		return "another page is held as well";
	if (ashmem_region_release(user->region, page, page_size) < 0)
		return "release fails";
	return NULL;
}

static const char *unpin_one_page(struct user *user)
{
	uint64_t page = (user->index + USERS) * page_size;

	if (ashmem_region_unpin(user->region, page, page_size) < 0)
		return "unpin fails";
	if (ashmem_region_unpin(user->region, page + 1, page_size) == 0)
		return "half a page is unpinned";
	if (ashmem_region_pin(user->region, page, page_size) !=
	    ASHMEM_NOT_PURGED)
		return "pin fails";
	return NULL;
}

static void *use(void *context)
{
	struct user *user = context;

	pthread_barrier_wait(user->begin);
	user->wrong = hold_one_page(user);
	if (!user->wrong)
		user->wrong = unpin_one_page(user);
	return NULL;
}

/* One region, of which this thread makes the file. */
static const char *share_one(void)
{
	struct user users[USERS];
	pthread_t threads[USERS];
	pthread_barrier_t begin;
	struct ashmem_region *region;
	const char *wrong = NULL;

	if (ashmem_region_create(&region, "threads", PAGES * page_size) < 0 ||
	    pthread_barrier_init(&begin, NULL, USERS + 1))
		return "it cannot begin";
	for (uint64_t i = 0; i < USERS; i++) {
		users[i] = (struct user){ region, i, &begin, NULL };
		if (pthread_create(&threads[i], NULL, use, &users[i]))
			abort();
	}
	pthread_barrier_wait(&begin);
	if (ashmem_region_descriptor(region) < 0)
		wrong = "it has no descriptor";
	for (int i = 0; i < USERS; i++) {
		pthread_join(threads[i], NULL);
		if (users[i].wrong)
			wrong = users[i].wrong;
	}
	pthread_barrier_destroy(&begin);
	ashmem_region_close(region);
	return wrong;
}

/* ashmemd is started by a process that shares memory with its parent for a
 * moment, which the sanitizer does not understand: so not by this one. */
static bool start_ashmemd(void)
{
	struct ashmem_region *region;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return false;
	if (pid)
		return waitpid(pid, &status, 0) == pid && status == 0;
	if (ashmem_region_create(&region, "threads", page_size) < 0 ||
	    ashmem_region_descriptor(region) < 0 ||
	    ashmem_region_unpin(region, 0, 0) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

int main(void)
{
	const char *wrong = NULL;

	page_size = sysconf(_SC_PAGESIZE);
	if (setenv("ASHMEM_ENGINE", "portable", 1) < 0 || !start_ashmemd())
		return EXIT_FAILURE;
	for (int i = 0; i < REGIONS && !wrong; i++)
		wrong = share_one();
	tap_ok(!wrong, "who uses a region at its beginning sees nothing of it, "
	       "or all");
	if (wrong)
		tap_note("%s", wrong);
	return tap_done();
}
