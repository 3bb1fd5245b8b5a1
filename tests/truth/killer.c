// SPDX-License-Identifier: MIT
/*
 * The library starts ashmemd, as nobody's child; it is found by its name, and
 * by the directory below which this test's has to listen.
 */
#include "killer.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

/* Up to so long after it was told, in nanoseconds. */
#define LONGEST_DELAY		20000000

/* How often, and how long in between, its end is waited for. */
#define MOST_LOOKS		600
#define LOOK_AGAIN		100000000

/* Reads a file of /proc/PID. Returns its length, or 0. */
static size_t read_file(const char *pid, const char *name, char *text,
			size_t size)
{
	char path[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.16s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, size - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0 ? length : 0;
}

/* Does a process have this directory in its environment? */
static bool has_directory(const char *pid)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	char text[65536], wanted[4096];
	size_t length = read_file(pid, "environ", text, sizeof(text));

	snprintf(wanted, sizeof(wanted), "XDG_RUNTIME_DIR=%s",
		 directory ? directory : "");
	for (const char *at = text; at < text + length; at += strlen(at) + 1)
		if (!strcmp(at, wanted))
			return true;
	return false;
}

static bool is_ashmemd(const char *pid)
{
	char name[32];

	return read_file(pid, "comm", name, sizeof(name)) &&
	       !strcmp(name, "ashmemd\n") && has_directory(pid);
}

int killer_find(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	while (processes && !found && (entry = readdir(processes)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    is_ashmemd(entry->d_name))
			found = atoi(entry->d_name);
	if (processes)
		closedir(processes);
	return found;
}

bool killer_await_end(void)
{
	struct timespec pause = { .tv_nsec = LOOK_AGAIN };

	for (int looks = 0; looks < MOST_LOOKS; looks++) {
		if (!killer_find())
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* A process map is its process's own as long as that lives. */
static bool is_of_test(const char *link)
{
	return !strncmp(link, "/memfd:truth", strlen("/memfd:truth")) ||
	       !strncmp(link, "/memfd:ashmem-pins", strlen("/memfd:ashmem-pins"));
}

static unsigned int count_in(const char *pid)
{
	char path[64], link[256];
	unsigned int count = 0;
	struct dirent *entry;
	ssize_t length;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	fds = opendir(path);
	while (fds && (entry = readdir(fds))) {
		length = readlinkat(dirfd(fds), entry->d_name, link,
				    sizeof(link) - 1);
		link[length > 0 ? length : 0] = '\0';
		count += is_of_test(link);
	}
	if (fds)
		closedir(fds);
	return count;
}

unsigned int killer_count_left(void)
{
	DIR *processes = opendir("/proc");
	unsigned int count = count_in("self");
	struct dirent *entry;

	while (processes && (entry = readdir(processes)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    (has_directory(entry->d_name) ||
		     is_ashmemd(entry->d_name)))
			count += count_in(entry->d_name);
	if (processes)
		closedir(processes);
	return count;
}

/* At no moment that has to do with what told it. */
static void dally(uint64_t *random)
{
	struct timespec delay = {
		.tv_nsec = random_below(random, LONGEST_DELAY),
	};

	nanosleep(&delay, NULL);
}

void killer_run(struct ledger *ledger, int signals, uint64_t random)
{
	char buffer[4096];

	while (read(signals, buffer, sizeof(buffer)) > 0 && !ledger->stop) {
		int pid;

		dally(&random);
		pid = killer_find();
		if (pid && kill(pid, SIGKILL) == 0)
			ledger->counts.daemon_kills++;
	}
	_exit(0);
}
