/* SPDX-License-Identifier: MIT */
/* What has to be done from time to time, as long as there is a reason to. */
#ifndef ASHMEM_DAEMON_CHORES_H
#define ASHMEM_DAEMON_CHORES_H

#include <stdint.h>
#include <systemd/sd-event.h>

struct registry;
struct settings;

/**
 * struct chores - see above
 * @event:    the loop
 * @registry: of what is served
 * @settings: for how long to be idle
 * @idle:     told when there was no client for long enough; returns 0, or a
 *            negative number of errno
 * @context:  of @idle
 * @watch:    the timer for descriptors that are watched; see watch.h
 * @tidy:     that for regions with purged pages; see tidy.h
 * @exit:     that for being idle
 * @pause:    until the next look for tidiness, in microseconds
 */
struct chores {
	sd_event *event;
	struct registry *registry;
	const struct settings *settings;
	int (*idle)(void *context);
	void *context;
	sd_event_source *watch;
	sd_event_source *tidy;
	sd_event_source *exit;
	uint64_t pause;
};

/* With the first five fields set. Returns 0, or a negative number of errno. */
int chores_start(struct chores *chores);

/* Something has come or gone: sets the timers that there is a reason for. */
void chores_review(struct chores *chores);

void chores_stop(struct chores *chores);

#endif /* ASHMEM_DAEMON_CHORES_H */
