/* SPDX-License-Identifier: MIT */
/*
 * What has happened so far: the sizes of the caches over time, and events. It
 * is in a region that the compositor alone writes and all clients read. Entries
 * are only added, and the count is raised once an entry is there, so no reader
 * sees half of one, and nobody waits.
 */
#ifndef DEMO_WINDOW_HISTORY_H
#define DEMO_WINDOW_HISTORY_H

#include "message.h"

#include <ashmem.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define HISTORY_SAMPLES	1000
#define HISTORY_EVENTS	32
#define HISTORY_TEXT	40

/**
 * struct sample - how things are at one moment
 * @seconds:  since the beginning
 * @kept:     MiB in caches, of each kind
 * @purged:   MiB of caches that were purged, and not filled again
 * @refilled: slots that were filled again so far
 * @rate:     frames composed in a second, lately
 * @pressed:  memory is made short at this moment
 */
struct sample {
	float seconds;
	float kept[CACHE_KINDS];
	float purged;
	uint32_t refilled;
	float rate;
	bool pressed;
};

struct event {
	float seconds;
	char text[HISTORY_TEXT];
};

/**
 * struct history
 * @start:   on the clock of milliseconds()
 * @samples: a prefix of them is valid, and never changes
 * @events:  likewise
 */
struct history {
	double start;
	_Atomic uint32_t sample_count;
	_Atomic uint32_t event_count;
	struct sample samples[HISTORY_SAMPLES];
	struct event events[HISTORY_EVENTS];
};

/* Both give the region, and the history in it, mapped. They return NULL with
 * errno if they cannot. */
struct history *history_create(struct ashmem_region **region, double start);
const struct history *history_receive(struct ashmem_region **region,
				      int socket);

/* For the compositor. What finds no room is left out. */
void history_add_sample(struct history *history, const struct sample *sample);
__attribute__((format(printf, 3, 4)))
void history_add_event(struct history *history, double now, const char *format,
		       ...);

/* The latest sample; all zeros if there is none. */
struct sample history_latest(const struct history *history);

#endif /* DEMO_WINDOW_HISTORY_H */
