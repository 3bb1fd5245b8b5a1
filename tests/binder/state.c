// SPDX-License-Identifier: MIT
#include "state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "peer.h"

#define STATE		"/sys/kernel/debug/binder/state"

/* Of all openings of the process: there is a paragraph for each. (The file of
 * one process goes with the first that is closed.) */
static int count_lines(pid_t pid, const char *begin)
{
	FILE *file = fopen(STATE, "r");
	char line[512];
	int count = 0, of = 0;

	if (!file)
		peer_fail(STATE);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "proc %d", &of) != 1 && of == pid)
			count += !strncmp(line, begin, strlen(begin));
	}
	fclose(file);
	return count;
}

bool state_has_freed_all(pid_t pid)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };

	for (int i = 0; i < PATIENCE / 10; i++) {
		if (count_lines(pid, "  buffer ") == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

int state_references(pid_t pid)
{
	return count_lines(pid, "  ref ");
}

int state_threads(pid_t pid)
{
	return count_lines(pid, "  thread ");
}

int state_nodes(pid_t pid)
{
	return count_lines(pid, "  node ");
}
