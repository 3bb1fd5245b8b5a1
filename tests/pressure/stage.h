/* SPDX-License-Identifier: MIT */
/*
 * A machine made up for one test: cgroups with processes in them, memory that
 * can be purged, and a clock that moves when the test says so.
 */
#ifndef ASHMEM_TESTS_PRESSURE_STAGE_H
#define ASHMEM_TESTS_PRESSURE_STAGE_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "pressure.h"
#include "settings.h"
#include "tree.h"

#define STAGE_CGROUPS	4

/* The whole machine's memory. */
#define STAGE_TOTAL	(16 * GIB)

/**
 * struct stage_cgroup - a cgroup
 * @path:     from the root
 * @used:     bytes, with those of cgroups below it
 * @unpinned: of its own, which can be purged
 * @freed:    of these, up to now
 */
struct stage_cgroup {
	const char *path;
	uint64_t used;
	uint64_t unpinned;
	uint64_t freed;
};

/**
 * struct stage - all of it
 * @tree:      of files
 * @settings:  of the daemon
 * @event:     its loop
 * @pressure:  what is tested; NULL until stage_start()
 * @time:      now
 * @cgroups:   first those above others
 * @used:      of the machine's memory
 * @elsewhere: what is freed does not show in the cgroup
 * @calls:     how often a purge was asked for
 * @machine:   how often of these for the whole machine
 * @largest:   the most bytes that one of these asked for
 */
struct stage {
	struct tree tree;
	struct settings settings;
	sd_event *event;
	struct pressure *pressure;
	uint64_t time;
	struct stage_cgroup cgroups[STAGE_CGROUPS];
	unsigned int count;
	uint64_t used;
	bool elsewhere;
	unsigned int calls;
	unsigned int machine;
	uint64_t largest;
};

/* A machine with @mounts (see tree.h), half full, and no cgroups. */
void stage_set(struct stage *stage, const char *mounts);

/* The daemon begins to watch. */
void stage_start(struct stage *stage);

void stage_clear(struct stage *stage);

/* One more cgroup. @limit, in the file of that name, is 0 for none. */
struct stage_cgroup *stage_cgroup(struct stage *stage, const char *path,
				  uint64_t used, uint64_t unpinned,
				  const char *limit_file, uint64_t limit);

/* Writes all numbers into the files: after a test has changed some. */
void stage_publish(const struct stage *stage);

/* Puts a process into a cgroup; by its path, as in /proc/PID/cgroup. */
void stage_process(const struct stage *stage, pid_t pid, const char *cgroup);

/* Lets time pass, with all looks that fall into it. Returns how many. */
unsigned int stage_pass(struct stage *stage, uint64_t time);

#endif /* ASHMEM_TESTS_PRESSURE_STAGE_H */
