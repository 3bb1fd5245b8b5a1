// SPDX-License-Identifier: MIT
#include "scope.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "memory.h"
#include "settings.h"
#include "stall.h"

#define MIB		(1024.0 * 1024)

/* The longest that one look may purge: others want the loop as well. */
#define LONGEST_LOOK	UINT64_C(20000)

/* When nothing is left to purge: somebody may unpin something, but it costs to
 * look for it. */
#define FIRST_REST	UINT64_C(10000)
#define LONGEST_REST	UINT64_C(100000)

/* When the quota is used up. */
#define QUOTA_REST	UINT64_C(50000)

/* Purges that follow one another are logged together for so long. */
#define REPORT_TIME	UINT64_C(1000000)

/* In how many calls nothing may be freed until nothing is left. */
#define EMPTY_STEPS	2

static uint64_t now_of(const struct scope *scope)
{
	const struct pressure_world *world = &scope->means->world;

	return world->clock(world->context);
}

const char *scope_name(const struct scope *scope)
{
	return scope->cgroup ? scope->cgroup : "the machine";
}

static void send_report(struct scope *scope)
{
	const struct scope_report *report = &scope->report;

	if (!report->freed)
		return;
	log_info("%s: %.1f MiB below the limit, wanted %.1f (growth lately "
		 "%.1f MiB/s)%s: purged %.1f MiB in %.1f ms",
		 scope_name(scope), report->room / MIB, report->wanted / MIB,
		 report->growth / MIB, report->stall ? ", and stalls" : "",
		 report->freed / MIB, report->spent / 1000.0);
	scope->report = (struct scope_report){ 0 };
}

struct scope *scope_new(struct scope_means *means, const char *cgroup)
{
	struct scope *scope = calloc(1, sizeof(*scope));

	if (!scope)
		return NULL;
	scope->means = means;
	if (cgroup) {
		scope->cgroup = strdup(cgroup);
		if (!scope->cgroup) {
			free(scope);
			return NULL;
		}
	}
	return scope;
}

void scope_free(struct scope *scope)
{
	if (!scope)
		return;
	send_report(scope);
	stall_close(scope->stall);
	free(scope->cgroup);
	free(scope);
}

static int measure(const struct scope *scope, struct memory *memory)
{
	const struct scope_means *means = scope->means;

	if (!scope->cgroup)
		return memory_of_machine(memory, means->world.proc);
	return memory_of_cgroup(memory, &means->hierarchy, scope->cgroup);
}

static uint64_t amount(const struct settings_amount *amount, uint64_t limit)
{
	if (amount->bytes)
		return amount->bytes;
	return amount->percent / 100 * limit;
}

static struct headroom_plan plan_for(struct scope *scope, uint64_t limit)
{
	const struct settings *settings = scope->means->settings;

	return headroom_plan(&scope->headroom, limit,
			     amount(&settings->keep_available, limit));
}

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

static void begin_report(struct scope *scope, const struct memory *memory,
			 const struct headroom_plan *plan)
{
	struct scope_report *report = &scope->report;
	uint64_t now = scope->headroom.time;

	if (report->freed)
		return;
	*report = (struct scope_report){
		.since = now,
		.room = memory->limit - least(memory->used, memory->limit),
		.wanted = plan->wanted,
		.growth = headroom_growth(&scope->headroom, now),
		.stall = scope->stalled,
	};
}

/* How much the next step may be. */
static uint64_t step_of(const struct scope *scope, uint64_t bytes)
{
	struct scope_means *means = scope->means;
	const struct settings *settings = means->settings;

	bytes = least(bytes, settings->step_bytes);
	return least(bytes, quota_left(&means->quota, now_of(scope),
				       settings->most_per_second));
}

/* Nothing was there to purge. */
static void find_nothing(struct scope *scope, uint64_t now)
{
	uint64_t before = scope->rest;

	scope->rest = before ? least(before * 2, LONGEST_REST) : FIRST_REST;
	scope->until = now + scope->rest;
	if (before < LONGEST_REST && scope->rest == LONGEST_REST)
		log_info("%s: %.1f MiB taken, and nothing left to purge",
			 scope_name(scope), scope->headroom.used / MIB);
}

/* Judges a step that freed something. Returns whether to go on. */
static bool judge(struct scope *scope, uint64_t now,
		  const struct memory *before, const struct memory *after,
		  uint64_t freed)
{
	uint64_t rate = headroom_growth(&scope->headroom, now);
	uint64_t grown = (double)rate * (now - scope->headroom.time) / 1e6;

	if (effect_judge(&scope->effect, now, before, after, freed, grown))
		return true;
	if (!effect_allows(&scope->effect, now))
		log_warning("%s: what is purged is charged to another cgroup; "
			    "resting for %.0f s", scope_name(scope),
			    scope->effect.rest / 1e6);
	return false;
}

/**
 * struct purge - a purge of several steps
 * @memory: as of the last step
 * @need:   bytes that are still to go
 * @empty:  how many steps in a row freed nothing
 * @begun:  when
 */
struct purge {
	struct memory memory;
	uint64_t need;
	unsigned int empty;
	uint64_t begun;
};

/* How much there is to do after a step. */
static uint64_t still_needed(struct scope *scope, const struct purge *purge,
			     uint64_t freed)
{
	uint64_t need = plan_for(scope, purge->memory.limit).purge;

	/* A stall asks for what was asked, whatever the numbers say. */
	if (scope->stalled && !need && purge->need > freed)
		need = purge->need - freed;
	return need;
}

/* One step. Returns whether another may follow. */
static bool take_step(struct scope *scope, struct purge *purge)
{
	struct scope_means *means = scope->means;
	uint64_t bytes = step_of(scope, purge->need);
	uint64_t freed, now;
	struct memory after;
	bool go_on = true;

	if (!bytes)
		return false;
	freed = means->purge(means->context, scope->cgroup, bytes);
	quota_spend(&means->quota, freed);
	scope->report.freed += freed;
	now = now_of(scope);
	if (measure(scope, &after) || after.limit == MEMORY_UNLIMITED)
		return false;
	if (freed) {
		scope->rest = 0;
		purge->empty = 0;
		go_on = judge(scope, now, &purge->memory, &after, freed);
	} else if (++purge->empty == EMPTY_STEPS) {
		find_nothing(scope, now);
		go_on = false;
	}
	headroom_restart(&scope->headroom, now, after.used);
	purge->memory = after;
	purge->need = still_needed(scope, purge, freed);
	return go_on && now - purge->begun < LONGEST_LOOK;
}

/* Purges, if it is any use now. Returns in what time to look again. */
static uint64_t relieve(struct scope *scope, const struct memory *memory,
			uint64_t need)
{
	struct purge purge = {
		.memory = *memory,
		.need = need,
		.begun = scope->headroom.time,
	};
	uint64_t now;

	while (purge.need && take_step(scope, &purge))
		;
	now = now_of(scope);
	scope->report.spent += now - purge.begun;
	if (!purge.need)
		return 0;
	if (now < scope->until)
		return scope->until - now;
	if (!effect_allows(&scope->effect, now))
		return LONGEST_REST;
	return step_of(scope, purge.need) ? HEADROOM_SOONEST : QUOTA_REST;
}

static uint64_t look(struct scope *scope, const struct memory *memory)
{
	uint64_t now = scope->headroom.time;
	struct headroom_plan plan = plan_for(scope, memory->limit);
	uint64_t need = plan.purge;
	uint64_t next = 0;

	/* A step is meant for a machine: in a small cgroup it would be all. */
	if (!need && scope->stalled)
		need = least(scope->means->settings->step_bytes,
			     memory->limit / 16);
	if (need)
		scope->tight = now;
	if (need && !effect_allows(&scope->effect, now)) {
		next = LONGEST_REST;
	} else if (need) {
		begin_report(scope, memory, &plan);
		next = relieve(scope, memory, need);
	}
	if (!need || now - scope->report.since >= REPORT_TIME)
		send_report(scope);
	scope->stalled = false;
	return next ? next : plan_for(scope, memory->limit).next;
}

void scope_look(struct scope *scope)
{
	uint64_t now = now_of(scope);
	struct memory memory;
	bool failed = measure(scope, &memory);

	scope->limited = !failed && memory.limit != MEMORY_UNLIMITED;
	if (!scope->limited) {
		/* The cgroup is gone, or gets its limit later. */
		scope->headroom = (struct headroom){ 0 };
		scope->stalled = false;
		send_report(scope);
		scope->due = now + HEADROOM_LATEST;
		return;
	}
	headroom_sample(&scope->headroom, now, memory.used);
	scope->due = look(scope, &memory) + now_of(scope);
}
