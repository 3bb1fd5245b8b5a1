// SPDX-License-Identifier: MIT
/*
 * What the demo shows, from top to bottom: the windows, memory that gets short,
 * a client that is killed, and one that hangs. The compositor's ticks go on all
 * the while, within the calls of watch().
 */
#include "show.h"

#include "camera.h"
#include "clients.h"
#include "geometry.h"
#include "pressure.h"
#include "process.h"
#include "summary.h"

#include "../telling.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long things take, in milliseconds. Where a processor is emulated, clients
 * fill their caches slowly. */
#define FILL_MS		60000.0
/* Caches are full that do not grow while the content draws so many frames: on a
 * busy machine it draws few in a second. What letters take is not waited for. */
#define SETTLE_FRAMES	48
#define GROWN_MIB	0.2f
#define PRESS_MS	3600.0
#define PURGE_MS	12000.0
#define RETRY_MS	3000.0
#define START_MS	60000.0

struct demo {
	struct refresh refresh;
	struct clients clients;
	struct pressure pressure;
	struct camera camera;
	struct summary summary;
	const struct options *options;
	double second;		/* the one that was shown last */
	int down;		/* the window that is to be lost, or -1 */
	pid_t viewer;
};

static struct demo demo = { .down = -1 };

static void clear(void)
{
	clients_clear(&demo.clients);
	pressure_clear(&demo.pressure);
	if (demo.viewer > 0)
		kill(demo.viewer, SIGTERM);
}

/* Says what happens, on the terminal and in the history. */
__attribute__((format(printf, 1, 2)))
static void tell(const char *format, ...)
{
	double now = milliseconds();
	char text[HISTORY_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	history_add_event(demo.refresh.history, now, "%s", text);
	printf("      > %s\n", text);
}

/* A client that is lost is started again. That happens to one that is well, too,
 * where the machine is so busy that it does not get to answer. */
static void tend(void)
{
	for (int i = 0; i < WINDOWS; i++) {
		const struct window *window = &demo.refresh.windows[i];

		if (window->socket >= 0 || i == demo.down)
			continue;
		tell("the %s %s", window->place.name, window->why);
		clients_end(&demo.clients, i);
		clients_start(&demo.clients, &demo.refresh, i);
	}
}

/* Composes frames, and shows every second what was. */
static void watch(double ms)
{
	double end = milliseconds() + ms;

	while (milliseconds() < end) {
		double left = end - milliseconds();
		struct sample now;

		refresh_run(&demo.refresh, left < 100 ? left : 100);
		camera_done(&demo.camera, &demo.refresh.screen, false);
		tend();
		now = history_latest(demo.refresh.history);
		if (now.seconds >= (float)demo.second + 1) {
			demo.second++;
			show_second(&now);
		}
	}
}

static void take_frame(const char *name)
{
	if (camera_take(&demo.camera, &demo.refresh.screen,
			demo.options->frames, name))
		fail("cannot write frame %s: %s", name, strerror(errno));
	printf("      > a frame: %s\n", demo.camera.path);
}

static float kept(void)
{
	struct sample now = history_latest(demo.refresh.history);
	float sum = 0;

	for (int kind = 0; kind < CACHE_KINDS; kind++)
		sum += now.kept[kind];
	return sum;
}

/* Until the caches grow no more. */
static void await_full(void)
{
	const struct message *last = &demo.refresh.windows[CONTENT].last;
	double end = milliseconds() + FILL_MS;
	uint64_t from;
	float before;

	do {
		before = kept();
		from = last->generation;
		/* One that is started again begins with its first. */
		while (last->generation - from < SETTLE_FRAMES) {
			watch(100);
			if (milliseconds() > end)
				fail("the caches do not get full: end some "
				     "program that takes memory first");
		}
	} while (kept() > before + GROWN_MIB || before == 0);
}

/* Until a window shows what its client draws. */
static void await_live(int window)
{
	double end = milliseconds() + START_MS;

	while (demo.refresh.windows[window].state != WINDOW_LIVE) {
		watch(100);
		if (milliseconds() > end)
			fail("the %s does not come: it %s",
			     clients_places[window].name,
			     demo.refresh.windows[window].why);
	}
}

static void await_lost(int window)
{
	double end = milliseconds() + START_MS;

	while (demo.refresh.windows[window].socket >= 0) {
		watch(50);
		if (milliseconds() > end)
			fail("the %s is not lost", clients_places[window].name);
	}
}

static struct memory_use look(void)
{
	return memory_use_now(&demo.refresh, demo.clients.picture);
}

static void confine(void)
{
	struct actor *actors[WINDOWS + 1];
	struct memory_use now = look();

	for (int i = 0; i < WINDOWS; i++)
		actors[i] = &demo.clients.actors[i];
	actors[WINDOWS] = &demo.pressure.hungry;
	pressure_confine(&demo.pressure, actors, WINDOWS + 1,
			 (size_t)(now.pinned + now.unpinned));
}

static void press(void)
{
	double end = milliseconds() + PURGE_MS, again;

	confine();
	demo.refresh.pressed = true;
	tell("a program takes %zu MiB", mib(HUNGER));
	pressure_begin(&demo.pressure);
	again = milliseconds() + RETRY_MS;
	while (history_latest(demo.refresh.history).purged == 0) {
		watch(100);
		if (milliseconds() > end) {
			demo.pressure.shortage->blame();
			fail("nothing was purged, and yet there was room");
		}
		/* Others on the machine may have given memory back. */
		if (milliseconds() > again) {
			confine();
			again += RETRY_MS;
		}
	}
	watch(PRESS_MS / 2);
	demo.summary.uses[1] = look();
	take_frame("pressure");
	watch(PRESS_MS / 2);
	pressure_end(&demo.pressure);
	tell("that program has ended");
	demo.refresh.pressed = false;
	demo.pressure.shortage->check();
	await_full();
	actor_end(&demo.pressure.hungry);
}

static void crash(void)
{
	demo.down = CONTENT;
	kill(demo.clients.actors[CONTENT].pid, SIGKILL);
	tell("the content is killed");
	await_lost(CONTENT);
	watch(500);
	take_frame("killed");
	watch(600);
	clients_end(&demo.clients, CONTENT);
	tell("the content is started again");
	clients_start(&demo.clients, &demo.refresh, CONTENT);
	demo.down = -1;
	await_live(CONTENT);
	watch(600);
}

static void hang(void)
{
	demo.down = NAVIGATION;
	kill(demo.clients.actors[NAVIGATION].pid, SIGSTOP);
	tell("the navigation bar is stopped");
	await_lost(NAVIGATION);
	tell("it does not answer: taken off");
	watch(600);
	clients_end(&demo.clients, NAVIGATION);
	tell("it is started again");
	clients_start(&demo.clients, &demo.refresh, NAVIGATION);
	demo.down = -1;
	await_live(NAVIGATION);
}

/* A window on a display, if there is one; the demo goes on without it. */
static void start_viewer(void)
{
	const char *argv[] = { demo.options->viewer, NULL, NULL };
	int socket;

	if (!demo.options->viewer)
		return;
	demo.viewer = process_start(&socket, NULL, argv);
	if (demo.viewer > 0 && screen_add_viewer(&demo.refresh.screen, socket))
		fail("cannot send the viewer the screen: %s", strerror(errno));
}

static void open_all(void)
{
	struct canvas picture;

	if (access(demo.options->frames, W_OK | X_OK))
		fail("%s: %s: choose another directory with --frames",
		     demo.options->frames, strerror(errno));
	picture = clients_read_picture(&demo.clients, demo.options->picture);
	pressure_prepare(&demo.pressure);
	demo.clients.cgroup = demo.pressure.shortage->cgroup;
	if (refresh_open(&demo.refresh, SCREEN_WIDTH, SCREEN_HEIGHT,
			 clients_places))
		fail("cannot make a screen: %s", strerror(errno));
	printf("THE WINDOW REFRESH\n\n"
	       "Three processes draw a window each, into memory that they made "
	       "and share: a\nstatus bar, a content with a picture, a "
	       "navigation bar. A compositor may only\nread it, and puts the "
	       "screen together from it, %d times a second. What they can\n"
	       "draw again they keep in caches, unpinned: it may be taken "
	       "away.\n\n"
	       INDENT "engine: %s    who purges: %s    screen: %d x %d\n"
	       INDENT "picture: ", TICKS_A_SECOND,
	       demo.clients.cgroup ? "the device" : "portable",
	       demo.pressure.shortage->purger, SCREEN_WIDTH, SCREEN_HEIGHT);
	show_name(demo.options->picture);
	printf(", %d x %d\n\n", picture.width, picture.height);
}

void show(const struct options *options)
{
	double start;

	demo.options = options;
	atexit(clear);
	open_all();
	start_viewer();
	show_axis();
	start = milliseconds();
	for (int i = 0; i < WINDOWS; i++)
		clients_start(&demo.clients, &demo.refresh, i);
	for (int i = 0; i < WINDOWS; i++)
		await_live(i);
	await_full();
	demo.summary.uses[0] = look();
	take_frame("start");
	watch(300);
	press();
	crash();
	hang();
	await_full();
	demo.summary.uses[2] = look();
	take_frame("after");
	watch(500);
	demo.summary.seconds = (milliseconds() - start) / 1e3;
	camera_done(&demo.camera, &demo.refresh.screen, true);
	if (push_measure(&demo.summary.push, &demo.refresh.screen.buffers[
			 demo.refresh.screen.latest].canvas))
		fail("cannot push a frame through a socket: %s",
		     strerror(errno));
	putchar('\n');
	show_summary(&demo.summary, &demo.refresh);
	clients_clear(&demo.clients);
	demo.pressure.shortage->conclude();
}
