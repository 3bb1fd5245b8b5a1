// SPDX-License-Identifier: MIT
/*
 * A client that crashes, hangs or says what it may not loses its window, not
 * the screen; started again, it comes back.
 */
#include "suites.h"

#include "painter.h"

#include "../tap.h"

#include "../../demo/milliseconds.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The window that fails, and one that does not. */
#define FAILS		1
#define STAYS		0

/* Whether the other window goes on changing, and the one that failed is shown
 * as a layer of this look. */
static bool goes_on(struct refresh *refresh, enum look look)
{
	uint64_t before = refresh->windows[STAYS].last.generation;
	double end = milliseconds() + 10000;

	while (refresh->windows[STAYS].last.generation < before + 10) {
		if (milliseconds() > end)
			return false;
		painter_step(refresh);
	}
	return window_layer(&refresh->windows[FAILS]).look == look;
}

/* Whether the window on the screen is its last frame, greyed. */
static bool is_greyed(struct refresh *refresh)
{
	static pixel pixels[WIDTH * HEIGHT];
	const struct canvas canvas = { pixels, WIDTH, HEIGHT, WIDTH };
	const struct canvas *screen = painter_screen(refresh);
	const struct place *place = &painter_places[FAILS];
	struct layer layer = window_layer(&refresh->windows[FAILS]);

	compose(&canvas, &layer, 1);
	for (int y = place->y; y < place->y + place->height; y++)
		if (memcmp(pixels + (size_t)y * WIDTH,
			   screen->pixels + (size_t)y * WIDTH,
			   WIDTH * sizeof(pixel)))
			return false;
	return true;
}

static void check_comes_back(struct refresh *refresh)
{
	pid_t client = painter_start(refresh, FAILS, FAULT_NONE);

	tap_ok(painter_await(refresh, FAILS, WINDOW_LIVE) &&
	       goes_on(refresh, LOOK_LIVE), "started again, it comes back");
	painter_end(client);
}

static void test_crash(struct refresh *refresh)
{
	pid_t client = painter_start(refresh, FAILS, FAULT_NONE);

	painter_await(refresh, FAILS, WINDOW_LIVE);
	painter_end(client);
	tap_ok(painter_await(refresh, FAILS, WINDOW_LOST),
	       "a client that is killed loses its window");
	tap_ok(goes_on(refresh, LOOK_GREYED) && is_greyed(refresh),
	       "the screen goes on, with its last frame greyed");
	check_comes_back(refresh);
}

static void test_hang(struct refresh *refresh)
{
	pid_t client = painter_start(refresh, FAILS, FAULT_NONE);
	unsigned int patience = refresh->patience;
	int status = -1;

	painter_await(refresh, FAILS, WINDOW_LIVE);
	kill(client, SIGSTOP);
	refresh->patience = 20;
	tap_ok(painter_await(refresh, FAILS, WINDOW_LOST),
	       "a client that is stopped loses its window");
	refresh->patience = patience;
	tap_ok(goes_on(refresh, LOOK_GREYED) && is_greyed(refresh),
	       "the screen goes on, with its last frame greyed");
	kill(client, SIGCONT);
	tap_ok(waitpid(client, &status, 0) == client && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0,
	       "once it goes on, it is told, and ends");
	check_comes_back(refresh);
}

static void test_silent_start(struct refresh *refresh)
{
	unsigned int patience = refresh->patience;
	int ends[2];

	socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
	refresh->patience = 5;
	refresh_attach(refresh, FAILS, ends[0]);
	tap_ok(painter_await(refresh, FAILS, WINDOW_EMPTY),
	       "a client that never shows anything loses its window");
	refresh->patience = patience;
	tap_ok(goes_on(refresh, LOOK_EMPTY), "the screen goes on without it");
	close(ends[1]);
}

/* Sends a descriptor that is of no region. */
static void send_pipe(int socket)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec byte = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int ends[2];

	if (pipe(ends))
		return;
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), ends, sizeof(int));
	sendmsg(socket, &message, MSG_NOSIGNAL);
	close(ends[0]);
	close(ends[1]);
}

static void send_buffers(int socket, int height)
{
	struct buffer buffer;

	for (int i = 0; i < BUFFERS; i++) {
		if (buffer_create(&buffer, "test", WIDTH, height))
			return;
		buffer_begin(&buffer, 1);
		buffer_end(&buffer, 1);
		message_send_region(socket, buffer.region);
		buffer_destroy(&buffer);
	}
}

static void send_small(int socket)
{
	send_buffers(socket, HEIGHT / 3 - 30);
}

static void present(int socket, uint32_t kind, uint32_t buffer,
		    uint64_t generation)
{
	const struct message message = {
		.kind = kind, .buffer = buffer, .generation = generation,
	};

	message_send(socket, &message);
}

static void send_word(int socket)
{
	send_buffers(socket, HEIGHT / 3);
	send(socket, "hello", 5, MSG_NOSIGNAL);
}

static void send_long(int socket)
{
	char long_message[sizeof(struct message) + 1] = { MESSAGE_PRESENT };

	send_buffers(socket, HEIGHT / 3);
	send(socket, long_message, sizeof(long_message), MSG_NOSIGNAL);
}

static void send_kind(int socket)
{
	send_buffers(socket, HEIGHT / 3);
	present(socket, MESSAGE_SHOWN, 0, 1);
}

static void send_other(int socket)
{
	send_buffers(socket, HEIGHT / 3);
	present(socket, MESSAGE_PRESENT, 1, 1);
}

static void send_beyond(int socket)
{
	send_buffers(socket, HEIGHT / 3);
	present(socket, MESSAGE_PRESENT, 0xffffffff, 1);
}

static void send_twice(int socket)
{
	send_buffers(socket, HEIGHT / 3);
	present(socket, MESSAGE_PRESENT, 0, 1);
	present(socket, MESSAGE_PRESENT, 0, 2);
}

static void send_old(int socket)
{
	send_buffers(socket, HEIGHT / 3);
	present(socket, MESSAGE_PRESENT, 0, 0);
}

static void send_lie(int socket)
{
	send_buffers(socket, HEIGHT / 3);
	present(socket, MESSAGE_PRESENT, 0, 5);
}

#define NOT_OWN		"presented a buffer that is not its own"
#define NO_MESSAGE	"said what is no message"
#define TORN		"drew into what was on the screen"

static const struct {
	const char *name;
	void (*send)(int socket);
	const char *why;
} lies[] = {
	{ "a pipe", send_pipe, "sent no region" },
	{ "small regions", send_small, "sent a region that cannot be shown" },
	{ "too short a message", send_word, NO_MESSAGE },
	{ "too long a message", send_long, NO_MESSAGE },
	{ "what only the compositor sends", send_kind, NOT_OWN },
	{ "a buffer that is not its own", send_other, NOT_OWN },
	{ "a buffer that it does not have", send_beyond, NOT_OWN },
	{ "two buffers at once", send_twice, NOT_OWN },
	{ "an old generation", send_old, NOT_OWN },
	{ "another generation than it drew", send_lie, TORN },
};

static void test_lies(struct refresh *refresh)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		int before, ends[2];
		bool cast_out;

		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
		before = painter_descriptors();
		refresh_attach(refresh, FAILS, ends[0]);
		lies[i].send(ends[1]);
		cast_out = painter_await(refresh, FAILS, WINDOW_EMPTY) &&
			   refresh->windows[FAILS].why &&
			   !strcmp(refresh->windows[FAILS].why, lies[i].why);
		tap_ok(cast_out && goes_on(refresh, LOOK_EMPTY) &&
		       painter_descriptors() == before - 1,
		       "cast out, for sending %s", lies[i].name);
		close(ends[1]);
	}
}

void test_failing(void)
{
	struct refresh refresh;
	pid_t other;

	painter_open(&refresh);
	other = painter_start(&refresh, STAYS, FAULT_NONE);
	painter_await(&refresh, STAYS, WINDOW_LIVE);
	test_crash(&refresh);
	test_hang(&refresh);
	test_silent_start(&refresh);
	test_lies(&refresh);
	painter_end(other);
	refresh_close(&refresh);
}
