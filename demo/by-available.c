// SPDX-License-Identifier: MIT
/*
 * On the portable engine: ashmemd is told to keep available what is available
 * on this machine now, but for what the programs may still have. So it is these
 * few MiB that get short, and the machine is not.
 *
 * It is an ashmemd of the story's own: demo/run gives it a directory, which it
 * finds in $XDG_RUNTIME_DIR, and demo/ashmemd leaves its number there.
 */
#include "shortage.h"

#include "telling.h"

#include "../daemon/cgroup.h"
#include "../daemon/memory.h"
#include "../lib/place.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Needed at most: the cache, and the hungry program's, and a little. */
#define ENOUGH		(256 * MIB)

/* How long ashmemd may take to end. */
#define END_MS		5000

/* To keep; 0 before that is known. */
static size_t keep;

static char *own_file(const char *name)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	char *path;

	if (!directory || *directory != '/')
		fail("$XDG_RUNTIME_DIR is no directory: start demo/run");
	if (asprintf(&path, "%s/%s", directory, name) < 0)
		fail("%s", strerror(errno));
	return path;
}

static size_t room_in(const struct memory *memory)
{
	return memory->used < memory->limit ? memory->limit - memory->used : 0;
}

/* What is below the nearest limit of this process's cgroups, or SIZE_MAX. */
static size_t room_in_cgroups(void)
{
	struct cgroup_hierarchy hierarchy;
	size_t room = SIZE_MAX;
	struct memory memory;
	char *cgroup = NULL;

	if (!cgroup_find(&hierarchy, "/proc", ""))
		cgroup = cgroup_of(&hierarchy, getpid());
	if (cgroup) {
		do {
			if (!memory_of_cgroup(&memory, &hierarchy, cgroup) &&
			    memory.limit != MEMORY_UNLIMITED &&
			    room_in(&memory) < room)
				room = room_in(&memory);
		} while (cgroup_to_parent(cgroup));
	}
	free(cgroup);
	cgroup_forget(&hierarchy);
	return room;
}

/* What is available, seen as ashmemd sees it. */
static size_t available(void)
{
	size_t in_cgroups = room_in_cgroups();
	struct memory memory;

	if (memory_of_machine(&memory, "/proc"))
		fail("/proc/meminfo: %s: mount /proc", strerror(errno));
	return room_in(&memory) < in_cgroups ? room_in(&memory) : in_cgroups;
}

/* libashmem prefers one for the whole machine, which has settings of its own. */
static void check_no_other(void)
{
	struct place place;

	place_machine(&place);
	if (place_connect(&place) >= 0)
		fail("an ashmemd serves all of this machine, and what it keeps "
		     "available is not the story's to set: end it first, or "
		     "say make demo-vm");
}

static void prepare(void)
{
	size_t room = available();

	check_no_other();
	if (room < ENOUGH)
		fail("%zu MiB are available here, and the story may take %zu: "
		     "end some program first", mib(room), mib(ENOUGH));
	free(own_file("ashmemd.conf"));
}

static void introduce(void)
{
	printf("Some programs may have %zu of the %zu MiB that are available "
	       "here, and will\n"
	       "want more. Ordinarily all others then have less, until the "
	       "kernel has to kill\n"
	       "one. But here one keeps a cache that it can make again, in "
	       "ashmem: it may be\n"
	       "taken away, and pin says so.\n"
	       "\n"
	       INDENT "engine: portable, in memfds    who purges: ashmemd, an "
	       "ordinary program\n", mib(LIMIT), mib(available()));
}

/* The number of the story's ashmemd; 0 if there is none. */
static pid_t ashmemd(void)
{
	char *path = own_file("pid");
	FILE *file = fopen(path, "re");
	long pid = 0;

	free(path);
	if (!file)
		return 0;
	if (fscanf(file, "%ld", &pid) != 1)
		pid = 0;
	fclose(file);
	return (pid_t)pid;
}

/* Has ashmemd keep so much available. */
static void set_keep(size_t bytes)
{
	char *path = own_file("ashmemd.conf");
	FILE *settings = fopen(path, "we");

	keep = bytes;
	if (!settings ||
	    fprintf(settings, "[purge]\nkeep-available = %zu\n", keep) < 0 ||
	    fclose(settings))
		fail("%s: %s", path, strerror(errno));
	free(path);
	/* It reads them anew. */
	if (ashmemd())
		kill(ashmemd(), SIGHUP);
}

/* The less time between this and the hunger, the less do others matter. */
static void confine(size_t used)
{
	set_keep(available() + used - LIMIT);
}

static void relieve(void)
{
	set_keep(0);
}

static void explain(void)
{
	if (!ashmemd())
		fail("no ashmemd has been started: run make all");
	printf(INDENT "The first unpin has started ashmemd, which looks once a "
	       "second or more often.\n"
	       INDENT "It is told to keep %zu MiB available: all but the rest "
	       "of the %zu.\n", mib(keep), mib(LIMIT));
}

/* Of a process, without what it shares. */
static size_t own_memory(pid_t pid)
{
	char path[32], line[128];
	size_t kib = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "RssAnon: %zu kB", &kib) == 1)
			break;
	if (status)
		fclose(status);
	return kib * 1024;
}

static size_t used(struct actor *const *actors, size_t count, size_t resident)
{
	for (size_t i = 0; i < count; i++)
		if (actors[i]->pid)
			resident += own_memory(actors[i]->pid);
	return resident;
}

/* The narrator has seen that all of them live. */
static void check(void)
{
}

static void judge(void)
{
	size_t room = available();

	printf(INDENT "All three live. Available now: %zu MiB; to be kept: "
	       "%zu MiB\n", mib(room), mib(keep));
	if (room < keep)
		printf(INDENT "That is less, as other programs here take "
		       "memory, too.\n");
}

/* Calls @show with each line of ashmemd's log. */
static void read_log(void (*show)(const char *line))
{
	char *path = own_file("ashmemd/log");
	FILE *log = fopen(path, "re");
	char line[512];

	free(path);
	if (!log)
		return;
	while (fgets(line, sizeof(line), log)) {
		line[strcspn(line, "\n")] = '\0';
		show(line);
	}
	fclose(log);
}

static void show_as_error(const char *line)
{
	fprintf(stderr, INDENT "%s\n", line);
}

static void blame(void)
{
	fprintf(stderr, "%s: %zu MiB are available, %zu are to be kept; the "
		"log of ashmemd:\n", program_invocation_short_name,
		mib(available()), mib(keep));
	read_log(show_as_error);
}

static void show_purge(const char *line)
{
	if (strstr(line, ": purged "))
		show_folded(line);
}

/* As it ends, ashmemd says what it has not said yet. */
static bool end_ashmemd(void)
{
	pid_t pid = ashmemd();
	int fd = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	struct pollfd end = { .fd = fd, .events = POLLIN };
	bool ended;

	if (fd < 0)
		return false;
	ended = !kill(pid, SIGTERM) && poll(&end, 1, END_MS) == 1;
	close(fd);
	return ended;
}

static void conclude(void)
{
	if (!end_ashmemd())
		fail("ashmemd has not ended");
	printf("\nWhat ashmemd has logged of it:\n");
	read_log(show_purge);
}

/* demo/run ends ashmemd, and removes its directory, whatever happens here. */
static void clear(void)
{
}

const struct shortage shortage_of_available = {
	.purger = "ashmemd",
	.terms = "",
	.later = true,
	.tries = 4,
	.prepare = prepare,
	.introduce = introduce,
	.confine = confine,
	.explain = explain,
	.used = used,
	.relieve = relieve,
	.check = check,
	.blame = blame,
	.judge = judge,
	.conclude = conclude,
	.clear = clear,
};
