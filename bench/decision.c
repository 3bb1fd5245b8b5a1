// SPDX-License-Identifier: MIT
/*
 * What 100,000 regions cost ashmemd: memory beside their pin maps, and the time
 * to decide which of them is to be purged first.
 *
 * ashmemd's server runs in this process; 100 others have 1000 regions each, and
 * have unpinned a page of each. Where so many descriptors are not allowed there
 * are fewer regions, and it says how many.
 */
#include <ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "place.h"
#include "purge.h"
#include "registry.h"
#include "server.h"
#include "sign.h"

#define PROCESSES	100
#define MOST_REGIONS	1000	/* of each */
#define ROUNDS		21
#define PAGE		((unsigned long)sysconf(_SC_PAGESIZE))
#define DESCRIPTORS	400000	/* of the server */

/* Of each process. */
static int regions = MOST_REGIONS;

static char directory[] = "/tmp/ashmem-bench-XXXXXX";

__attribute__((noreturn))
static void fail(const char *what)
{
	fprintf(stderr, "decision: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(bool good, const char *what)
{
	if (!good)
		fail(what);
}

/* Returns how many are allowed: as many, if that can be. */
static rlim_t allow(rlim_t descriptors)
{
	struct rlimit limit = { descriptors, descriptors };

	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return descriptors;
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	return limit.rlim_cur;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A client: its regions, with memory in the first page, which is unpinned. */
__attribute__((noreturn))
static void client_run(int ready, int end)
{
	struct ashmem_region *region;
	char byte = 0;
	char *at;

	/* The server's are none of its business. */
	must(dup2(ready, 3) == 3 && dup2(end, 4) == 4 &&
	     close_range(5, ~0U, 0) == 0, "close_range");
	allow(4 * MOST_REGIONS);
	for (int i = 0; i < regions; i++) {
		must(ashmem_region_create(&region, "bench", 32 * PAGE) == 0,
		     "create");
		at = ashmem_region_map(region, PAGE, PROT_READ | PROT_WRITE,
				       MAP_SHARED, 0);
		must(at != MAP_FAILED, "map");
		at[0] = 1;
		must(ashmem_region_unpin(region, 0, PAGE) == 0, "unpin");
	}
	must(write(3, &byte, 1) == 1, "write");
	must(read(4, &byte, 1) == 0, "read");
	_exit(0);
}

/* What of this process is neither shared memory nor of files. */
static uint64_t own_memory(void)
{
	unsigned long anonymous = 0;
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	must(file, "/proc/self/status");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %lu kB", &anonymous) == 1)
			break;
	fclose(file);
	return anonymous * 1024;
}

static void nothing(void *context)
{
	(void)context;
}

/* Each client comes, and is served, after the one before. */
static void serve_clients(struct server *server, int ready[2], int end[2])
{
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();
		char byte;

		must(pid >= 0, "fork");
		if (!pid) {
			close(end[1]);
			client_run(ready[1], end[0]);
		}
		while (read(ready[0], &byte, 1) < 0)
			must(sd_event_run(server->event, 10000) >= 0 &&
			     waitpid(-1, NULL, WNOHANG) == 0, "a client");
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%d of %d processes", i + 1,
				PROCESSES);
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\33[K", stderr);
}

/* One page at a time, so that it is the decision that takes the time. */
static void time_decisions(struct registry *registry)
{
	double times[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		double start = now();

		must(purge(registry, NULL, NULL, 1) == PAGE, "one page");
		times[i] = now() - start;
	}
	qsort(times, ROUNDS, sizeof(times[0]), compare);
	printf("a decision, and one page purged: %.1f ms, at most %.1f ms  (at most 10)\n",
	       times[ROUNDS / 2] / 1e6, times[ROUNDS - 1] / 1e6);
}

int main(void)
{
	struct settings settings;
	struct registry registry;
	struct place place;
	struct server server;
	int ready[2], end[2];
	uint64_t before;

	allow(DESCRIPTORS);
	must(mkdtemp(directory) != NULL, directory);
	setenv("XDG_RUNTIME_DIR", directory, 1);
	setenv("ASHMEM_ENGINE", "portable", 1);
	must(pipe2(ready, O_NONBLOCK) == 0 && pipe(end) == 0, "pipe");
	settings_default(&settings);
	must(registry_start(&registry, &settings, false), "a registry");
	must(place_user(&place) == 0, "a place");
	server = (struct server){
		.registry = &registry,
		.settings = &settings,
		.listener = place_listen(&place),
		.sign = sign_make(),
		.changed = nothing,
	};
	must(server.listener >= 0 && sd_event_new(&server.event) >= 0 &&
	     server_start(&server) >= 0, "a server");
	if (registry.region_limit < PROCESSES * MOST_REGIONS)
		regions = registry.region_limit / PROCESSES;
	before = own_memory();
	serve_clients(&server, ready, end);
	must(registry.region_count == (size_t)PROCESSES * regions, "all regions");
	printf("%zu regions of %d processes\n", registry.region_count,
	       PROCESSES);
	printf("memory beside the pin maps: %.0f bytes a region  (at most 512)\n",
	       (double)(own_memory() - before) / registry.region_count);
	time_decisions(&registry);
	close(end[1]);
	while (wait(NULL) > 0)
		continue;
	server_stop(&server);
	unlink(place.socket);
	return 0;
}
