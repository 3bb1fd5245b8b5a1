// SPDX-License-Identifier: MIT
#include "history.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

static struct history *map(struct ashmem_region *region, int prot)
{
	struct history *history = ashmem_region_map(region, sizeof(*history),
						    prot, MAP_SHARED, 0);

	if (history != MAP_FAILED)
		return history;
	ashmem_region_close(region);
	return NULL;
}

struct history *history_create(struct ashmem_region **region, double start)
{
	struct history *history;

	if (ashmem_region_create(region, "history", sizeof(*history)))
		return NULL;
	history = map(*region, PROT_READ | PROT_WRITE);
	if (history)
		history->start = start;
	return history;
}

const struct history *history_receive(struct ashmem_region **region, int socket)
{
	if (ashmem_region_receive(region, socket))
		return NULL;
	return map(*region, PROT_READ);
}

void history_add_sample(struct history *history, const struct sample *sample)
{
	uint32_t count = atomic_load(&history->sample_count);

	if (count == HISTORY_SAMPLES)
		return;
	history->samples[count] = *sample;
	atomic_store(&history->sample_count, count + 1);
}

void history_add_event(struct history *history, double now, const char *format,
		       ...)
{
	uint32_t count = atomic_load(&history->event_count);
	va_list args;

	if (count == HISTORY_EVENTS)
		return;
	history->events[count].seconds = (float)((now - history->start) / 1e3);
	va_start(args, format);
	vsnprintf(history->events[count].text, HISTORY_TEXT, format, args);
	va_end(args);
	atomic_store(&history->event_count, count + 1);
}

struct sample history_latest(const struct history *history)
{
	uint32_t count = atomic_load(&history->sample_count);

	return count ? history->samples[count - 1] : (struct sample){ 0 };
}
