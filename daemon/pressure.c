// SPDX-License-Identifier: MIT
/*
 * Keeps the scopes in step with where the clients are, finds somebody who
 * reports stalls in each, and looks at each when it is due.
 *
 * Sources of stalls, each taken if it can be had: for the machine the service
 * manager's $MEMORY_PRESSURE_WATCH, or else /proc/pressure/memory; for a cgroup
 * its memory.pressure. Beside them the numbers are always looked at: a limit
 * may be reached without any stall before it.
 */
#include "pressure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cgroup.h"
#include "log.h"
#include "scope.h"
#include "settings.h"
#include "stall.h"

/* Between looking where processes are: they get moved. */
#define CENSUS_TIME	UINT64_C(2000000)

/* For how long stalls may be told of after they were. */
#define STALL_TIME	UINT64_C(3000000)

/* How much the event loop may delay a look to do it together with others. */
#define ACCURACY	UINT64_C(500)

/**
 * struct client - a process
 * @pid:    of it
 * @count:  how often it was added
 * @cgroup: its own; NULL if not known
 */
struct client {
	pid_t pid;
	unsigned int count;
	char *cgroup;
};

/**
 * struct pressure - all that is watched
 * @event:   a reference
 * @timer:   of the next look
 * @planned: when that is
 * @means:   what all scopes share
 * @clients: sorted by number
 * @scopes:  of cgroups; of those that contain one another the inner one first,
 *           as what is freed there is freed in the outer one as well
 * @machine: the scope of the machine
 * @census:  when to look for moved clients again
 * @stalls:  may be watched for
 */
struct pressure {
	sd_event *event;
	sd_event_source *timer;
	uint64_t planned;
	struct scope_means means;
	struct client *clients;
	size_t client_count;
	struct scope **scopes;
	size_t scope_count;
	struct scope *machine;
	uint64_t census;
	bool stalls;
};

static uint64_t now_of(const struct pressure *pressure)
{
	return pressure->means.world.clock(pressure->means.world.context);
}

/* Calls pressure_look() from the loop in @time. */
static void arm(struct pressure *pressure, uint64_t time)
{
	pressure->planned = now_of(pressure) + time;
	sd_event_source_set_time_relative(pressure->timer, time);
	sd_event_source_set_enabled(pressure->timer, SD_EVENT_ONESHOT);
}

static void on_stall(void *context)
{
	struct scope *scope = context;
	struct pressure *pressure = scope->means->keeper;

	if (!pressure->client_count)
		return;
	scope->stalled = true;
	scope->due = 0;
	/* Which of the cgroups is it? See excuse_machine(). */
	for (size_t i = 0; !scope->cgroup && i < pressure->scope_count; i++)
		pressure->scopes[i]->due = 0;
	arm(pressure, 0);
}

/* The scope of a cgroup, or NULL. */
static struct scope *scope_of(const struct pressure *pressure,
			      const char *cgroup)
{
	for (size_t i = 0; i < pressure->scope_count; i++)
		if (!strcmp(pressure->scopes[i]->cgroup, cgroup))
			return pressure->scopes[i];
	return NULL;
}

/* The longer path first: a cgroup's is longer than its parents'. */
static void insert_scope(struct pressure *pressure, struct scope *scope)
{
	size_t length = strlen(scope->cgroup);
	size_t i = pressure->scope_count++;

	for (; i && strlen(pressure->scopes[i - 1]->cgroup) < length; i--)
		pressure->scopes[i] = pressure->scopes[i - 1];
	pressure->scopes[i] = scope;
}

static struct scope *add_scope(struct pressure *pressure, const char *cgroup)
{
	struct scope *scope;
	struct scope **scopes;

	scopes = reallocarray(pressure->scopes, pressure->scope_count + 1,
			      sizeof(*scopes));
	if (!scopes)
		return NULL;
	pressure->scopes = scopes;
	scope = scope_new(&pressure->means, cgroup);
	if (scope)
		insert_scope(pressure, scope);
	return scope;
}

/* Sees that a cgroup and its parents have scopes. */
static int need_scopes(struct pressure *pressure, const char *cgroup)
{
	char *path = strdup(cgroup);
	struct scope *scope;

	if (!path)
		return -1;
	do {
		scope = scope_of(pressure, path);
		/* Then its parents are as well. */
		if (scope && scope->needed)
			break;
		if (!scope)
			scope = add_scope(pressure, path);
		if (!scope) {
			free(path);
			return -1;
		}
		scope->needed = true;
	} while (cgroup_to_parent(path));
	free(path);
	return 0;
}

static void drop_scopes(struct pressure *pressure)
{
	size_t kept = 0;

	for (size_t i = 0; i < pressure->scope_count; i++) {
		struct scope *scope = pressure->scopes[i];

		if (scope->needed)
			pressure->scopes[kept++] = scope;
		else
			scope_free(scope);
	}
	pressure->scope_count = kept;
}

/* Looks again where a client is. What cannot be known now is not known. */
static void locate(struct pressure *pressure, struct client *client)
{
	char *cgroup = cgroup_of(&pressure->means.hierarchy, client->pid);

	if (!cgroup && errno == ENOMEM)
		return;
	free(client->cgroup);
	client->cgroup = cgroup;
}

/* Finds out where all clients are, and which scopes that makes. */
static void take_census(struct pressure *pressure)
{
	bool complete = true;

	for (size_t i = 0; i < pressure->scope_count; i++)
		pressure->scopes[i]->needed = false;
	for (size_t i = 0; i < pressure->client_count; i++) {
		struct client *client = &pressure->clients[i];

		locate(pressure, client);
		if (client->cgroup && need_scopes(pressure, client->cgroup))
			complete = false;
	}
	if (complete)
		drop_scopes(pressure);
}

/* Says once what tells of stalls in a scope. */
static void tell_source(const struct scope *scope, const char *source)
{
	if (scope->stall)
		log_info("%s: watched by %s, and by its numbers",
			 scope_name(scope), source);
	else
		log_info("%s: watched by its numbers only (%s: %m)",
			 scope_name(scope), source);
}

/* A cgroup that is gone may come back, and needs a new one then. */
static void close_source(struct scope *scope)
{
	stall_close(scope->stall);
	scope->stall = NULL;
	scope->sourced = false;
}

static void open_source(struct pressure *pressure, struct scope *scope)
{
	char *path;

	scope->sourced = true;
	if (!pressure->stalls) {
		errno = ECANCELED;
		tell_source(scope, "memory.pressure");
		return;
	}
	path = cgroup_file(&pressure->means.hierarchy, scope->cgroup,
			   "memory.pressure");
	if (!path)
		return;
	scope->stall = stall_open(pressure->event, path, on_stall, scope);
	tell_source(scope, path);
	free(path);
}

static void open_machine_pressure(struct pressure *pressure)
{
	struct scope *machine = pressure->machine;
	char *path;

	if (asprintf(&path, "%s/pressure/memory",
		     pressure->means.world.proc) < 0)
		return;
	machine->stall = stall_open(pressure->event, path, on_stall, machine);
	tell_source(machine, path);
	free(path);
}

static void open_machine_source(struct pressure *pressure)
{
	struct scope *machine = pressure->machine;

	machine->sourced = true;
	machine->stall = stall_open_environment(pressure->event, on_stall,
						machine);
	pressure->stalls = machine->stall || errno != ECANCELED;
	if (machine->stall || !pressure->stalls) {
		tell_source(machine, "$MEMORY_PRESSURE_WATCH");
		return;
	}
	if (errno != ENODATA)
		log_warning("$MEMORY_PRESSURE_WATCH cannot be used: %m");
	open_machine_pressure(pressure);
}

static uint64_t look_at(struct scope *scope, uint64_t now)
{
	if (scope->due <= now)
		scope_look(scope);
	return scope->due;
}

/*
 * What stalls in a tight cgroup is counted for the machine as well. That must
 * not cost what others have in cgroups with room.
 */
static void excuse_machine(struct pressure *pressure, uint64_t now)
{
	for (size_t i = 0; i < pressure->scope_count; i++) {
		uint64_t tight = pressure->scopes[i]->tight;

		if (tight && now - tight < STALL_TIME)
			pressure->machine->stalled = false;
	}
}

static uint64_t look_at_all(struct pressure *pressure)
{
	uint64_t now = now_of(pressure);
	uint64_t next = pressure->census;
	uint64_t due;

	for (size_t i = 0; i < pressure->scope_count; i++) {
		struct scope *scope = pressure->scopes[i];

		due = look_at(scope, now);
		if (scope->limited && !scope->sourced)
			open_source(pressure, scope);
		else if (!scope->limited)
			close_source(scope);
		if (due < next)
			next = due;
	}
	excuse_machine(pressure, now_of(pressure));
	due = look_at(pressure->machine, now);
	return due < next ? due : next;
}

uint64_t pressure_look(struct pressure *pressure)
{
	uint64_t now = now_of(pressure);
	uint64_t next;

	if (now >= pressure->census || !pressure->client_count) {
		take_census(pressure);
		pressure->census = now + CENSUS_TIME;
	}
	if (!pressure->client_count)
		return UINT64_MAX;
	next = look_at_all(pressure);
	now = now_of(pressure);
	return next > now ? next - now : 0;
}

static void note_lateness(struct pressure *pressure)
{
	uint64_t now = now_of(pressure);
	uint64_t late;

	if (now < pressure->planned + ACCURACY)
		return;
	late = now - pressure->planned - ACCURACY;
	for (size_t i = 0; i < pressure->scope_count; i++)
		headroom_late(&pressure->scopes[i]->headroom, now, late);
	headroom_late(&pressure->machine->headroom, now, late);
}

static int on_timer(sd_event_source *timer, uint64_t time, void *context)
{
	struct pressure *pressure = context;
	uint64_t next;

	(void)timer;
	(void)time;
	note_lateness(pressure);
	next = pressure_look(pressure);
	if (next != UINT64_MAX)
		arm(pressure, next);
	return 0;
}

static int start(struct pressure *pressure)
{
	struct scope_means *means = &pressure->means;
	int error;

	if (cgroup_find(&means->hierarchy, means->world.proc,
			means->world.root))
		return -1;
	pressure->machine = scope_new(means, NULL);
	if (!pressure->machine)
		return -1;
	error = sd_event_add_time_relative(pressure->event, &pressure->timer,
					   CLOCK_MONOTONIC, 0, ACCURACY,
					   on_timer, pressure);
	if (error >= 0)
		error = sd_event_source_set_enabled(pressure->timer,
						    SD_EVENT_OFF);
	if (error < 0) {
		errno = -error;
		return -1;
	}
	open_machine_source(pressure);
	if (means->hierarchy.version == CGROUP_NONE)
		log_info("no memory cgroups are mounted: only the machine is "
			 "watched");
	return 0;
}

struct pressure *pressure_new_in(const struct pressure_world *world,
				 sd_event *event,
				 const struct settings *settings,
				 pressure_purge_fn *purge, void *context)
{
	struct pressure *pressure = calloc(1, sizeof(*pressure));
	int error;

	if (!pressure)
		return NULL;
	pressure->event = sd_event_ref(event);
	pressure->means = (struct scope_means){
		.world = *world,
		.keeper = pressure,
		.settings = settings,
		.purge = purge,
		.context = context,
	};
	if (start(pressure)) {
		error = errno;
		pressure_free(pressure);
		errno = error;
		return NULL;
	}
	return pressure;
}

static uint64_t monotonic(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000) + now.tv_nsec / 1000;
}

struct pressure *pressure_new(sd_event *event, const struct settings *settings,
			      pressure_purge_fn *purge, void *context)
{
	static const struct pressure_world world = {
		.proc = "/proc",
		.root = "",
		.clock = monotonic,
	};

	return pressure_new_in(&world, event, settings, purge, context);
}

void pressure_free(struct pressure *pressure)
{
	if (!pressure)
		return;
	for (size_t i = 0; i < pressure->client_count; i++)
		free(pressure->clients[i].cgroup);
	for (size_t i = 0; i < pressure->scope_count; i++)
		scope_free(pressure->scopes[i]);
	scope_free(pressure->machine);
	sd_event_source_disable_unref(pressure->timer);
	cgroup_forget(&pressure->means.hierarchy);
	free(pressure->clients);
	free(pressure->scopes);
	sd_event_unref(pressure->event);
	free(pressure);
}

/* Where a client is in the array, or would be. */
static size_t place_of(const struct pressure *pressure, pid_t pid)
{
	size_t low = 0, high = pressure->client_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pressure->clients[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct pressure *pressure, size_t place, pid_t pid)
{
	return place < pressure->client_count &&
	       pressure->clients[place].pid == pid;
}

static struct client *insert(struct pressure *pressure, size_t place,
			     pid_t pid)
{
	size_t after = pressure->client_count - place;
	struct client *clients, *client;

	clients = reallocarray(pressure->clients, pressure->client_count + 1,
			       sizeof(*clients));
	if (!clients)
		return NULL;
	pressure->clients = clients;
	pressure->client_count++;
	client = &clients[place];
	memmove(client + 1, client, after * sizeof(*client));
	*client = (struct client){ .pid = pid, .count = 1 };
	return client;
}

int pressure_add(struct pressure *pressure, pid_t pid)
{
	size_t place = place_of(pressure, pid);
	struct client *client;

	if (is_at(pressure, place, pid)) {
		pressure->clients[place].count++;
		return 0;
	}
	client = insert(pressure, place, pid);
	if (!client)
		return -1;
	locate(pressure, client);
	if (client->cgroup && need_scopes(pressure, client->cgroup)) {
		pressure_remove(pressure, pid);
		errno = ENOMEM;
		return -1;
	}
	arm(pressure, 0);
	return 0;
}

void pressure_remove(struct pressure *pressure, pid_t pid)
{
	size_t place = place_of(pressure, pid);
	struct client *client;
	size_t after;

	if (!is_at(pressure, place, pid))
		return;
	client = &pressure->clients[place];
	if (--client->count)
		return;
	free(client->cgroup);
	after = --pressure->client_count - place;
	memmove(client, client + 1, after * sizeof(*client));
}

const char *pressure_cgroup_of(const struct pressure *pressure, pid_t pid)
{
	size_t place = place_of(pressure, pid);

	return is_at(pressure, place, pid) ? pressure->clients[place].cgroup :
	       NULL;
}
