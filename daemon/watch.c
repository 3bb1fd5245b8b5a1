// SPDX-License-Identifier: MIT
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "registry.h"

/* Descriptors to look at in one step. */
#define STEP	1000

/* Are there the process's descriptors? Not without /proc, nor where hidepid,
 * see proc(5), keeps others' processes out of it. */
static bool is_visible(pid_t pid)
{
	char path[sizeof("/proc/-2147483648/fd")];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	return stat(path, &status) == 0;
}

/* What cannot be looked at stays: the process may have been made unreadable. If
 * it has ended, its connection tells. */
static bool is_gone(const struct attachment *attachment)
{
	const struct region *region = attachment->region;
	char path[sizeof("/proc/-2147483648/fd/-2147483648")];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", attachment->client->pid,
		 attachment->watch);
	if (stat(path, &status) < 0)
		return errno == ENOENT && is_visible(attachment->client->pid);
	return status.st_dev != region->dev || status.st_ino != region->ino;
}

/* Returns how many it looked at. @client->watch_slot is where it stopped. */
static unsigned int watch_client(struct registry *registry,
				 struct client *client, unsigned int most)
{
	unsigned int looks = 0;

	for (; client->watch_slot < client->slot_end && looks < most;
	     client->watch_slot++) {
		struct attachment *attachment =
			client->attachments[client->watch_slot];

		if (!attachment || attachment->watch < 0)
			continue;
		looks++;
		if (is_gone(attachment))
			client_end_attachment(registry, attachment);
	}
	return looks;
}

bool watch_step(struct registry *registry)
{
	unsigned int looks = 0;
	struct client *client;

	TAILQ_FOREACH(client, &registry->clients, list) {
		/* A process that is not to be seen from here, is not. */
		if (client->pid <= 0)
			continue;
		looks += watch_client(registry, client, STEP - looks);
		if (client->watch_slot < client->slot_end)
			return false;
	}
	TAILQ_FOREACH(client, &registry->clients, list)
		client->watch_slot = 0;
	return true;
}
