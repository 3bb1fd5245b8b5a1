// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "region.h"

/* What $ASHMEM_ENGINE came to, for the life of the process. */
static const struct engine *chosen;
static int choice_error;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void)
{
	const char *wish = secure_getenv("ASHMEM_ENGINE");

	if (!wish || !*wish || !strcmp(wish, "auto")) {
		chosen = device_is_there() ? &engine_device : &engine_portable;
	} else if (!strcmp(wish, "portable")) {
		chosen = &engine_portable;
	} else if (strcmp(wish, "device")) {
		choice_error = EINVAL;
	} else if (device_is_there()) {
		chosen = &engine_device;
	} else {
		choice_error = errno == ENOENT ? ENODEV : errno;
	}
}

const struct engine *engine_chosen(void)
{
	pthread_once(&once, choose);
	if (!chosen)
		errno = choice_error;
	return chosen;
}

const struct engine *engine_of(int fd)
{
	if (portable_is_region(fd))
		return &engine_portable;
	if (errno == EBADF)
		return NULL;
	if (device_is_region(fd))
		return &engine_device;
	errno = EINVAL;
	return NULL;
}
