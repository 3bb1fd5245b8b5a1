// SPDX-License-Identifier: MIT
#include "pressure.h"

#include "../roles.h"
#include "../telling.h"

#include <ashmem.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

void pressure_prepare(struct pressure *pressure)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "demo", MIB))
		fail("no engine makes a region: %s: load the module ashmem, or "
		     "say ASHMEM_ENGINE=portable", strerror(errno));
	pressure->shortage =
		ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE ?
		&shortage_in_cgroup : &shortage_of_available;
	ashmem_region_close(region);
	pressure->hungry.name = "the hungry program";
	pressure->shortage->prepare();
	pressure->shortage->relieve();
}

void pressure_confine(struct pressure *pressure, struct actor *const *actors,
		      size_t count, size_t resident)
{
	const struct shortage *shortage = pressure->shortage;

	shortage->confine(shortage->used(actors, count, resident));
}

void pressure_begin(struct pressure *pressure)
{
	static struct props props = { .hunger = HUNGER };
	const char cue = CUE_NEXT;

	if (!actor_start(&pressure->hungry, pressure->shortage->cgroup,
			 play_hungry, &props))
		fail("cannot start %s: %s", pressure->hungry.name,
		     strerror(errno));
	/* What it reports stays in its socket. */
	if (send(pressure->hungry.stage, &cue, 1, MSG_NOSIGNAL) != 1)
		fail("%s has ended", pressure->hungry.name);
}

void pressure_end(struct pressure *pressure)
{
	kill(pressure->hungry.pid, SIGKILL);
	pressure->shortage->relieve();
}

void pressure_clear(struct pressure *pressure)
{
	actor_kill(&pressure->hungry);
	if (pressure->shortage)
		pressure->shortage->clear();
}
