/* SPDX-License-Identifier: MIT */
/*
 * One limit that is watched: a cgroup's, or the machine's memory. A look at it
 * measures, and purges until there is enough room again.
 */
#ifndef ASHMEM_DAEMON_SCOPE_H
#define ASHMEM_DAEMON_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroup.h"
#include "effect.h"
#include "headroom.h"
#include "pressure.h"
#include "quota.h"

struct settings;
struct stall;

/**
 * struct scope_means - what all scopes share
 * @world:     where files are, and what time it is
 * @hierarchy: where cgroups are
 * @keeper:    who keeps all the scopes
 * @settings:  how much to keep, and the steps
 * @purge:     is called with @context
 * @quota:     of purging
 */
struct scope_means {
	struct pressure_world world;
	struct cgroup_hierarchy hierarchy;
	struct pressure *keeper;
	const struct settings *settings;
	pressure_purge_fn *purge;
	void *context;
	struct quota quota;
};

/**
 * struct scope_report - what is to be logged, of purges that follow one another
 * @since:  when they began
 * @spent:  time in them
 * @freed:  bytes
 * @room:   below the limit, at the beginning
 * @wanted: likewise
 * @growth: likewise, in bytes per second
 * @stall:  they began with a stall
 */
struct scope_report {
	uint64_t since;
	uint64_t spent;
	uint64_t freed;
	uint64_t room;
	uint64_t wanted;
	uint64_t growth;
	bool stall;
};

/**
 * struct scope - one limit
 * @means:    not its own
 * @cgroup:   its own; NULL for the machine
 * @needed:   some client is in it; for whoever keeps scopes
 * @limited:  there is a limit, as of the last look
 * @stalled:  processes stall; the next look purges at least one step
 * @tight:    when there last was too little room, or a stall; 0 for never
 * @stall:    who reports that, its own; NULL for nobody. Whoever keeps scopes
 *            opens it, once there is a limit
 * @sourced:  that was tried
 * @due:      when to look next
 * @headroom: what was seen
 * @effect:   what purging did
 * @rest:     how long it rests after nothing was left to purge; 0 if something
 *            was
 * @until:    when that rest ends
 * @report:   what is still to be logged; nothing if @freed is 0
 */
struct scope {
	struct scope_means *means;
	char *cgroup;
	bool needed;
	bool limited;
	bool stalled;
	uint64_t tight;
	struct stall *stall;
	bool sourced;
	uint64_t due;
	struct headroom headroom;
	struct effect effect;
	uint64_t rest;
	uint64_t until;
	struct scope_report report;
};

/* A scope of a cgroup, or of the machine if @cgroup is NULL; or NULL with errno
 * ENOMEM. */
struct scope *scope_new(struct scope_means *means, const char *cgroup);

/* Takes NULL as well. */
void scope_free(struct scope *scope);

/* What it is called in the log. */
const char *scope_name(const struct scope *scope);

/* Looks, purges, and sets @due. */
void scope_look(struct scope *scope);

#endif /* ASHMEM_DAEMON_SCOPE_H */
