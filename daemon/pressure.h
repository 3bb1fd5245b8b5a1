/* SPDX-License-Identifier: MIT */
/*
 * When and how much to purge.
 *
 * Watches the machine, and the cgroup of every client with each of its parents
 * that has a limit on memory, and asks for a purge where room gets short. How
 * much room that is, headroom.h decides; what the numbers are, cgroup.h reads.
 *
 * What stands behind a client decides nothing here but where its pages are
 * charged. All of this runs in one thread, the event loop's.
 */
#ifndef ASHMEM_DAEMON_PRESSURE_H
#define ASHMEM_DAEMON_PRESSURE_H

#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

struct settings;
struct pressure;

/**
 * pressure_purge_fn - frees unpinned pages, the longest unpinned first
 * @context: as given to pressure_new()
 * @cgroup:  only of the processes in this cgroup or below it, a path from the
 *           root of the hierarchy, such as "/" or "/a/b" (see
 *           cgroup_contains()); NULL for those of the whole machine
 * @bytes:   about how much, never 0
 *
 * Returns how many bytes were freed. It may stop early, so that it does not
 * take long; nothing twice in a row means that there is nothing.
 */
typedef uint64_t pressure_purge_fn(void *context, const char *cgroup,
				   uint64_t bytes);

/**
 * pressure_new - begins to watch
 * @event:    whose loop does it; a reference is kept
 * @settings: must outlive what is returned; read at every look, so a change
 *            takes effect
 * @purge:    called only from the loop, never from the functions below
 *
 * Nothing is looked at until there is a client. Returns NULL with errno set if
 * there is no memory, or the loop takes no more sources; whatever else is
 * missing (cgroups, pressure files) is done without, and the log says so.
 */
struct pressure *pressure_new(sd_event *event, const struct settings *settings,
			      pressure_purge_fn *purge, void *context);

/* Takes NULL as well. */
void pressure_free(struct pressure *pressure);

/**
 * pressure_add - a process is a client from now on
 *
 * It is counted: a process that was added twice has to be removed twice.
 * Returns 0, or -1 with errno ENOMEM. That its cgroup cannot be found out is no
 * error: such a process counts only for the whole machine.
 */
int pressure_add(struct pressure *pressure, pid_t pid);

/* Takes any number: who was not added is not removed. */
void pressure_remove(struct pressure *pressure, pid_t pid);

/**
 * pressure_cgroup_of - where a client's pages are charged
 *
 * As of the last look: processes get moved. Returns a path from the root of the
 * hierarchy, good until the next call of a function here other than this one,
 * or NULL if it is not known, or outside of what this process can see.
 */
const char *pressure_cgroup_of(const struct pressure *pressure, pid_t pid);

/*
 * For tests: the same on a world of their own.
 */

/**
 * struct pressure_world - where the files are, and what time it is
 * @proc:    instead of "/proc"
 * @root:    put before every mount point; "" for the real ones
 * @clock:   in microseconds, of any beginning, never going back
 * @context: what @clock is called with
 *
 * The strings must live as long as what they are given to.
 */
struct pressure_world {
	const char *proc;
	const char *root;
	uint64_t (*clock)(void *context);
	void *context;
};

struct pressure *pressure_new_in(const struct pressure_world *world,
				 sd_event *event,
				 const struct settings *settings,
				 pressure_purge_fn *purge, void *context);

/**
 * pressure_look - what the timer does: looks at what is due, and purges
 *
 * Returns in how many microseconds to look again; UINT64_MAX without clients.
 */
uint64_t pressure_look(struct pressure *pressure);

#endif /* ASHMEM_DAEMON_PRESSURE_H */
