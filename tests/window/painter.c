// SPDX-License-Identifier: MIT
#include "painter.h"

#include "client.h"

#include "../../demo/milliseconds.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* For what happens at once, on a machine that is busy. */
#define PATIENCE_MS	20000
/* Frames are composed as fast as can be. */
#define NEVER		100000000

const struct place painter_places[WINDOWS] = {
	{ "above", 0, 0, WIDTH, HEIGHT / 3 },
	{ "middle", 0, HEIGHT / 3, WIDTH, HEIGHT / 3 },
	{ "below", 0, HEIGHT / 3 * 2, WIDTH, HEIGHT / 3 },
};

void painter_open(struct refresh *refresh)
{
	if (refresh_open(refresh, WIDTH, HEIGHT, painter_places)) {
		perror("refresh_open");
		exit(2);
	}
	refresh->patience = NEVER;
}

static void paint(const struct canvas *canvas, uint64_t generation)
{
	canvas_fill(canvas, (pixel)generation);
}

__attribute__((noreturn))
static void paint_silently(struct client *client)
{
	for (pixel colour = 2; ; colour++)
		for (int i = 0; i < BUFFERS; i++)
			paint(&client->buffers[i].canvas, colour);
}

__attribute__((noreturn))
static void paint_openly(struct client *client)
{
	for (uint64_t generation = 2; ; generation++)
		for (int i = 0; i < BUFFERS; i++) {
			buffer_begin(&client->buffers[i], generation);
			paint(&client->buffers[i].canvas, generation);
			buffer_end(&client->buffers[i], generation);
		}
}

__attribute__((noreturn))
static void play(int socket, int width, int height, enum fault fault)
{
	struct client client;

	client_open(&client, "painter", socket, width, height);
	for (;;) {
		paint(client_begin(&client), client.generation + 1);
		client_end(&client);
		if (fault == FAULT_SILENT)
			paint_silently(&client);
		if (fault == FAULT_OPEN)
			paint_openly(&client);
	}
}

static void play_well(int socket, int width, int height)
{
	play(socket, width, height, FAULT_NONE);
}

static void play_silent(int socket, int width, int height)
{
	play(socket, width, height, FAULT_SILENT);
}

static void play_open(int socket, int width, int height)
{
	play(socket, width, height, FAULT_OPEN);
}

pid_t painter_fork(struct refresh *refresh, int window,
		   void (*play)(int socket, int width, int height))
{
	const struct place *place = &refresh->windows[window].place;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		perror("socketpair");
		exit(2);
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		play(ends[1], place->width, place->height);
		abort();
	}
	close(ends[1]);
	if (pid < 0 || refresh_attach(refresh, window, ends[0])) {
		perror("cannot start a client");
		exit(2);
	}
	return pid;
}

pid_t painter_start(struct refresh *refresh, int window, enum fault fault)
{
	return painter_fork(refresh, window,
			    fault == FAULT_SILENT ? play_silent :
			    fault == FAULT_OPEN ? play_open : play_well);
}

void painter_step(struct refresh *refresh)
{
	for (int i = 0; i < WINDOWS; i++)
		if (refresh->windows[i].socket >= 0)
			window_read(&refresh->windows[i]);
	refresh_tick(refresh);
}

bool painter_await(struct refresh *refresh, int window, enum window_state state)
{
	double end = milliseconds() + PATIENCE_MS;

	while (refresh->windows[window].state != state) {
		if (milliseconds() > end)
			return false;
		refresh_run(refresh, 10);
	}
	return true;
}

void painter_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

const struct canvas *painter_screen(const struct refresh *refresh)
{
	return &refresh->screen.buffers[refresh->screen.latest].canvas;
}

bool painter_is_whole(const struct refresh *refresh, int window,
		      uint64_t *generation)
{
	const struct place *place = &refresh->windows[window].place;
	struct canvas part = canvas_part(painter_screen(refresh), place->x,
					 place->y, place->width,
					 place->height);

	*generation = part.pixels[0];
	for (int y = 0; y < part.height; y++)
		for (int x = 0; x < part.width; x++)
			if (part.pixels[(size_t)y * (size_t)part.stride + x] !=
			    part.pixels[0])
				return false;
	return true;
}

int painter_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count;
}
