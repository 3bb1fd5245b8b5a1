// SPDX-License-Identifier: MIT
#include "chores.h"

#include "registry.h"
#include "settings.h"
#include "tidy.h"
#include "watch.h"

/* In microseconds. */
#define SECOND		UINT64_C(1000000)
#define SOON		50000
#define LONGEST_PAUSE	(64 * SECOND)

static bool is_on(sd_event_source *source)
{
	int enabled;

	return sd_event_source_get_enabled(source, &enabled) > 0;
}

static void set(sd_event_source *source, uint64_t pause)
{
	sd_event_source_set_time_relative(source, pause);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_watch(sd_event_source *source, uint64_t usec, void *context)
{
	struct chores *chores = context;
	bool done = watch_step(chores->registry);

	(void)usec;
	if (chores->registry->watched)
		set(source, done ? SECOND : SOON);
	return 0;
}

/* Who has purged pages may leave them for long. */
static int on_tidy(sd_event_source *source, uint64_t usec, void *context)
{
	struct chores *chores = context;

	(void)usec;
	if (!tidy_step(chores->registry))
		return 0;
	chores->pause *= 2;
	if (chores->pause > LONGEST_PAUSE)
		chores->pause = LONGEST_PAUSE;
	set(source, chores->pause);
	return 0;
}

static int on_exit_time(sd_event_source *source, uint64_t usec, void *context)
{
	struct chores *chores = context;

	(void)source;
	(void)usec;
	if (chores->registry->client_count)
		return 0;
	return chores->idle(chores->context);
}

static int add(struct chores *chores, sd_event_source **source,
	       sd_event_time_handler_t handler)
{
	int result = sd_event_add_time_relative(chores->event, source,
						CLOCK_MONOTONIC, SECOND, 0,
						handler, chores);

	if (result >= 0)
		result = sd_event_source_set_enabled(*source, SD_EVENT_OFF);
	return result;
}

static bool may_exit(const struct chores *chores)
{
	return !chores->registry->machine &&
	       chores->settings->idle_exit_seconds &&
	       !chores->registry->client_count;
}

int chores_start(struct chores *chores)
{
	int result = add(chores, &chores->watch, on_watch);

	if (result >= 0)
		result = add(chores, &chores->tidy, on_tidy);
	if (result >= 0)
		result = add(chores, &chores->exit, on_exit_time);
	if (result >= 0)
		chores_review(chores);
	return result;
}

void chores_review(struct chores *chores)
{
	struct registry *registry = chores->registry;

	if (!chores->exit)
		return;
	if (registry->watched && !is_on(chores->watch))
		set(chores->watch, SECOND);
	if (!TAILQ_EMPTY(&registry->marked) &&
	    (!is_on(chores->tidy) || chores->pause > SECOND)) {
		chores->pause = SECOND;
		set(chores->tidy, SECOND);
	}
	if (!may_exit(chores))
		sd_event_source_set_enabled(chores->exit, SD_EVENT_OFF);
	else if (!is_on(chores->exit))
		set(chores->exit,
		    chores->settings->idle_exit_seconds * SECOND);
}

void chores_stop(struct chores *chores)
{
	chores->watch = sd_event_source_disable_unref(chores->watch);
	chores->tidy = sd_event_source_disable_unref(chores->tidy);
	chores->exit = sd_event_source_disable_unref(chores->exit);
}
