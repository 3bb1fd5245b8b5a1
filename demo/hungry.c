// SPDX-License-Identifier: MIT
/*
 * The hungry program knows nothing of ashmem. It wants memory, as any program
 * may, uses all of it, and keeps it for a while.
 *
 * Its cue: eat. It can be had to eat again.
 */
#include "roles.h"

#include "actor.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static void eat(int stage, size_t bytes)
{
	struct report report = { .at = milliseconds() };
	void *meal = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (meal == MAP_FAILED)
		actor_fail(stage, "mmap: %s", strerror(errno));
	memset(meal, 0x5a, bytes);
	report.ms = milliseconds() - report.at;
	actor_tell(stage, &report);
}

void play_hungry(int stage, const void *with)
{
	const struct props *props = with;

	actor_wait(stage);
	do
		eat(stage, props->hunger);
	while (actor_wait(stage) == CUE_AGAIN);
}
