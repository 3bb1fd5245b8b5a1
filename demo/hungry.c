// SPDX-License-Identifier: MIT
/*
 * The hungry program knows nothing of ashmem. It wants memory, as any program
 * may, uses all of it, and keeps it for a while.
 *
 * Its cue: eat.
 */
#include "roles.h"

#include "actor.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

void play_hungry(int stage, const void *with)
{
	const struct props *props = with;
	struct report report = { 0 };
	void *meal;

	actor_wait(stage);
	report.at = milliseconds();
	meal = mmap(NULL, props->hunger, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (meal == MAP_FAILED)
		actor_fail(stage, "mmap: %s", strerror(errno));
	memset(meal, 0x5a, props->hunger);
	report.ms = milliseconds() - report.at;
	actor_tell(stage, &report);
	actor_wait(stage);
}
