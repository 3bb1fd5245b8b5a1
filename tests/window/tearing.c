// SPDX-License-Identifier: MIT
/*
 * No frame has parts of two generations of a window in it, however fast clients
 * draw. That the test can see such frames is shown with protocols that are
 * broken: by a client, and by the compositor.
 */
#include "suites.h"

#include "painter.h"

#include "../tap.h"

#include "../../demo/milliseconds.h"

/* For what is to be seen once, if it is not seen sooner. */
#define SEEN_MS		20000
#define FRAMES		3000
/* In a virtual machine, composing takes its time. */
#define ENOUGH_MS	15000

static void test_protocol(void)
{
	uint64_t last[WINDOWS] = { 0 }, shown = 0, generation;
	bool whole = true, forth = true;
	pid_t clients[WINDOWS];
	struct refresh refresh;
	double end;

	painter_open(&refresh);
	for (int i = 0; i < WINDOWS; i++)
		clients[i] = painter_start(&refresh, i, FAULT_NONE);
	for (int i = 0; i < WINDOWS; i++)
		whole &= painter_await(&refresh, i, WINDOW_LIVE);
	tap_ok(whole, "clients come");
	end = milliseconds() + ENOUGH_MS;
	for (int frame = 0; frame < FRAMES && milliseconds() < end; frame++) {
		painter_step(&refresh);
		for (int i = 0; i < WINDOWS; i++) {
			whole &= painter_is_whole(&refresh, i, &generation);
			forth &= generation >= last[i];
			shown += generation > last[i];
			last[i] = generation;
		}
	}
	tap_ok(whole, "every window of every frame is of one generation");
	tap_ok(forth, "no window goes back to an earlier one");
	tap_ok(refresh.torn == 0, "the compositor finds no frame torn");
	tap_ok(shown > 100, "the windows have changed all the while");
	tap_note("%lu frames, %lu new windows in them",
		 (unsigned long)refresh.composed, (unsigned long)shown);
	for (int i = 0; i < WINDOWS; i++)
		painter_end(clients[i]);
	refresh_close(&refresh);
}

/* Whether a mixed frame is seen, while a client with a fault draws. */
static bool is_torn_by(enum fault fault, struct refresh *refresh)
{
	double end = milliseconds() + SEEN_MS;
	uint64_t generation;
	bool torn = false;
	pid_t client;

	painter_open(refresh);
	client = painter_start(refresh, 1, fault);
	painter_await(refresh, 1, WINDOW_LIVE);
	while (!torn && refresh->windows[1].state == WINDOW_LIVE &&
	       milliseconds() < end) {
		painter_step(refresh);
		torn = refresh->windows[1].state == WINDOW_LIVE &&
		       !painter_is_whole(refresh, 1, &generation);
	}
	painter_end(client);
	return torn;
}

static void test_broken_clients(void)
{
	struct refresh refresh;

	tap_ok(is_torn_by(FAULT_SILENT, &refresh),
	       "a client that draws into any buffer is seen to tear");
	refresh_close(&refresh);
	tap_ok(!is_torn_by(FAULT_OPEN, &refresh),
	       "one whose headers show it never gets on the screen");
	tap_ok(refresh.torn > 0 && refresh.windows[1].torn > 0,
	       "the compositor finds it");
	tap_ok(refresh.windows[1].state == WINDOW_EMPTY &&
	       refresh.windows[1].socket < 0, "the client loses its window");
	refresh_close(&refresh);
}

/* A compositor that gives a buffer back while it is still on the screen. */
static void give_back_early(struct window *window)
{
	const struct message message = {
		.kind = MESSAGE_SHOWN,
		.buffer = (uint32_t)window->next,
	};

	message_send(window->socket, &message);
}

static void test_broken_compositor(void)
{
	double end = milliseconds() + SEEN_MS;
	struct refresh refresh;
	struct window *window = &refresh.windows[1];
	bool torn = false;
	pid_t client;

	painter_open(&refresh);
	client = painter_start(&refresh, 1, FAULT_NONE);
	painter_await(&refresh, 1, WINDOW_LIVE);
	while (!torn && window->socket >= 0 && milliseconds() < end) {
		struct layer layer = window_layer(window);

		window_read(window);
		if (window->next < 0)
			continue;
		give_back_early(window);
		compose(painter_screen(&refresh), &layer, 1);
		torn = !window_was_whole(window);
		window_turn(window);
	}
	tap_ok(torn, "a compositor that gives buffers back early is found out");
	painter_end(client);
	refresh_close(&refresh);
}

void test_tearing(void)
{
	test_protocol();
	test_broken_clients();
	test_broken_compositor();
}
