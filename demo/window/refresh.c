// SPDX-License-Identifier: MIT
#include "refresh.h"

#include "../milliseconds.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* So many frames from one sample of the history to the next. */
#define SAMPLE_FRAMES	6
#define RATE_MS		1000

static int start_timer(void)
{
	const struct timespec tick = { .tv_nsec = 1000000000 / TICKS_A_SECOND };
	const struct itimerspec ticks = { .it_interval = tick,
					  .it_value = tick };
	int timer = timerfd_create(CLOCK_MONOTONIC,
				   TFD_NONBLOCK | TFD_CLOEXEC);

	if (timer >= 0 && timerfd_settime(timer, 0, &ticks, NULL)) {
		close(timer);
		return -1;
	}
	return timer;
}

int refresh_open(struct refresh *refresh, int width, int height,
		 const struct place *places)
{
	*refresh = (struct refresh){ .timer = -1, .patience = TICKS_A_SECOND };
	for (int i = 0; i < WINDOWS; i++)
		window_init(&refresh->windows[i], &places[i]);
	if (screen_create(&refresh->screen, width, height))
		return -1;
	refresh->rate_at = milliseconds();
	refresh->history = history_create(&refresh->history_region,
					  refresh->rate_at);
	refresh->ms = calloc(FRAMES_TIMED, sizeof(*refresh->ms));
	refresh->timer = start_timer();
	if (refresh->history && refresh->ms && refresh->timer >= 0)
		return 0;
	refresh_close(refresh);
	return -1;
}

void refresh_close(struct refresh *refresh)
{
	for (int i = 0; i < WINDOWS; i++)
		window_clear(&refresh->windows[i]);
	screen_destroy(&refresh->screen);
	if (refresh->history) {
		ashmem_region_unmap(refresh->history_region, refresh->history,
				    sizeof(*refresh->history));
		ashmem_region_close(refresh->history_region);
	}
	free(refresh->ms);
	if (refresh->timer >= 0)
		close(refresh->timer);
}

int refresh_attach(struct refresh *refresh, int window, int socket)
{
	window_attach(&refresh->windows[window], socket);
	return message_send_region(socket, refresh->history_region);
}

static void sample(struct refresh *refresh, double now)
{
	const double mib = (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
	struct sample sample = {
		.seconds = (float)((now - refresh->history->start) / 1e3),
		.pressed = refresh->pressed,
	};

	if (now - refresh->rate_at >= RATE_MS) {
		refresh->rate = (float)(
			(double)(refresh->composed - refresh->rate_frames) /
			(now - refresh->rate_at) * 1e3);
		refresh->rate_frames = refresh->composed;
		refresh->rate_at = now;
	}
	sample.rate = refresh->rate;
	for (int i = 0; i < WINDOWS; i++) {
		const struct message *last = &refresh->windows[i].last;

		sample.refilled += (uint32_t)refresh->windows[i].refilled;
		for (int kind = 0; kind < CACHE_KINDS; kind++) {
			sample.kept[kind] +=
				(float)(last->caches[kind].kept * mib);
			sample.purged +=
				(float)(last->caches[kind].purged * mib);
		}
	}
	history_add_sample(refresh->history, &sample);
}

/* Composes a frame, and again should a client have drawn into it meanwhile:
 * that one has lost its window then, so it comes to an end. */
static void compose_frame(struct refresh *refresh, const struct canvas *canvas)
{
	struct layer layers[WINDOWS];
	uint64_t copied;
	bool whole;

	do {
		for (int i = 0; i < WINDOWS; i++)
			layers[i] = window_layer(&refresh->windows[i]);
		copied = compose(canvas, layers, WINDOWS);
		whole = true;
		for (int i = 0; i < WINDOWS; i++)
			whole &= window_was_whole(&refresh->windows[i]);
		refresh->copied += copied;
		refresh->recopied += whole ? 0 : copied;
		refresh->torn += !whole;
	} while (!whole);
}

void refresh_tick(struct refresh *refresh)
{
	double start = milliseconds(), end;
	bool turned[WINDOWS];
	int buffer;

	for (int i = 0; i < WINDOWS; i++) {
		struct window *window = &refresh->windows[i];

		window_watch(window, refresh->patience);
		turned[i] = window_turn(window);
	}
	buffer = screen_begin(&refresh->screen);
	compose_frame(refresh, &refresh->screen.buffers[buffer].canvas);
	screen_show(&refresh->screen, buffer);
	for (int i = 0; i < WINDOWS; i++)
		if (turned[i] && refresh->windows[i].socket >= 0) {
			window_tell(&refresh->windows[i]);
			/* The client's, and the answer. */
			refresh->told += 2 * sizeof(struct message);
		}
	end = milliseconds();
	if (refresh->composed < FRAMES_TIMED)
		refresh->ms[refresh->composed] = (float)(end - start);
	refresh->composed++;
	if (refresh->composed % SAMPLE_FRAMES == 0)
		sample(refresh, end);
}

static void read_timer(struct refresh *refresh)
{
	uint64_t ticks;

	if (read(refresh->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	refresh->dropped += ticks - 1;
	refresh_tick(refresh);
}

void refresh_run(struct refresh *refresh, double ms)
{
	double end = milliseconds() + ms;

	while (milliseconds() < end) {
		struct pollfd sources[WINDOWS + 2];

		/* Those of windows without a client are -1, and passed over. */
		for (int i = 0; i < WINDOWS; i++)
			sources[i] = (struct pollfd){
				.fd = refresh->windows[i].socket,
				.events = POLLIN,
			};
		sources[WINDOWS] = (struct pollfd){
			.fd = refresh->screen.viewer, .events = POLLIN,
		};
		sources[WINDOWS + 1] = (struct pollfd){
			.fd = refresh->timer, .events = POLLIN,
		};
		if (poll(sources, WINDOWS + 2, -1) < 0)
			continue;
		for (int i = 0; i < WINDOWS; i++)
			if (sources[i].revents)
				window_read(&refresh->windows[i]);
		if (sources[WINDOWS].revents)
			screen_read_viewer(&refresh->screen);
		if (sources[WINDOWS + 1].revents)
			read_timer(refresh);
	}
}
