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

/* How many lines there are once it is @wanted, or after a while. */
static int wait_for_lines(pid_t pid, const char *begin, int wanted)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	int count = count_lines(pid, begin);

	for (int i = 0; count != wanted && i < PATIENCE / 10; i++) {
		nanosleep(&pause, NULL);
		count = count_lines(pid, begin);
	}
	return count;
}

bool state_has_freed_all(pid_t pid)
{
	return wait_for_lines(pid, "  buffer ", 0) == 0;
}

bool state_comes_to_refer_to(pid_t pid, int services)
{
	return wait_for_lines(pid, "  ref ", services) == services;
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
