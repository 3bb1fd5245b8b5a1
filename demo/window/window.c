// SPDX-License-Identifier: MIT
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* So many times as patient is the compositor with a client that starts. */
#define START_PATIENCE	10

void window_init(struct window *window, const struct place *place)
{
	*window = (struct window){
		.place = *place,
		.state = WINDOW_EMPTY,
		.socket = -1,
		.shown = -1,
		.next = -1,
	};
}

void window_clear(struct window *window)
{
	for (int i = 0; i < BUFFERS; i++)
		buffer_destroy(&window->buffers[i]);
	if (window->socket >= 0)
		close(window->socket);
	window->socket = -1;
	window->received = 0;
	window->shown = -1;
	window->next = -1;
	window->owes = false;
	window->last = (struct message){ 0 };
	window->state = WINDOW_EMPTY;
}

void window_attach(struct window *window, int socket)
{
	window_clear(window);
	/* Receiving a region must not wait either. */
	fcntl(socket, F_SETFL, O_NONBLOCK);
	window->socket = socket;
	window->state = WINDOW_STARTING;
	window->owes = true;
	window->waited = 0;
	window->why = NULL;
}

/* What was on the screen stays in its mapping, also when its client is dead. */
static void lose(struct window *window, const char *why)
{
	int shown = window->shown;

	if (window->socket >= 0)
		close(window->socket);
	window->socket = -1;
	window->next = -1;
	window->owes = false;
	window->last = (struct message){ 0 };
	window->why = why;
	window->state = shown < 0 ? WINDOW_EMPTY : WINDOW_LOST;
}

/* What it has drawn is not trusted either. */
static void cast_out(struct window *window, const char *why)
{
	window_clear(window);
	window->why = why;
}

/* Takes a buffer, which comes before all messages. */
static void take_buffer(struct window *window)
{
	struct ashmem_region *region;

	if (ashmem_region_receive(&region, window->socket)) {
		if (errno == ECONNRESET)
			lose(window, "has ended");
		else if (errno != EAGAIN)
			cast_out(window, "sent no region");
		return;
	}
	if (buffer_map(&window->buffers[window->received], region,
		       window->place.width, window->place.height)) {
		cast_out(window, "sent a region that cannot be shown");
		return;
	}
	window->received++;
}

/* The client has one buffer at most: the first, and then the one that is not
 * shown, until it presents it. Generations only grow. */
static bool may_present(const struct window *window,
			const struct message *message)
{
	uint32_t own = window->shown == 0 ? 1 : 0;

	return message->kind == MESSAGE_PRESENT && message->buffer == own &&
	       window->next < 0 &&
	       message->generation > window->last.generation;
}

static void take_message(struct window *window)
{
	struct message message;

	if (message_receive(window->socket, &message)) {
		if (errno == ECONNRESET)
			lose(window, "has ended");
		else if (errno != EAGAIN)
			cast_out(window, "said what is no message");
		return;
	}
	if (!may_present(window, &message)) {
		cast_out(window, "presented a buffer that is not its own");
		return;
	}
	window->next = (int)message.buffer;
	window->generation[message.buffer] = message.generation;
	window->refilled += message.refilled - window->last.refilled;
	window->last = message;
	window->owes = false;
}

void window_read(struct window *window)
{
	/* A client has at most so much to say until it is answered. */
	for (int i = 0; i <= BUFFERS && window->socket >= 0; i++) {
		if (window->received < BUFFERS)
			take_buffer(window);
		else
			take_message(window);
	}
}

bool window_turn(struct window *window)
{
	if (window->next < 0)
		return false;
	window->shown = window->next;
	window->next = -1;
	window->state = WINDOW_LIVE;
	return true;
}

void window_tell(struct window *window)
{
	const struct message message = {
		.kind = MESSAGE_SHOWN,
		.buffer = (uint32_t)window->shown,
	};

	window->owes = true;
	window->waited = 0;
	/* There is room for it: at most one is on its way. */
	if (message_send(window->socket, &message))
		lose(window, "has ended");
}

void window_watch(struct window *window, unsigned int patience)
{
	if (window->state == WINDOW_STARTING)
		patience *= START_PATIENCE;
	if (window->owes && ++window->waited > patience)
		lose(window, "does not answer");
}

struct layer window_layer(const struct window *window)
{
	struct layer layer = {
		.x = window->place.x,
		.y = window->place.y,
		.width = window->place.width,
		.height = window->place.height,
		.look = LOOK_EMPTY,
	};

	if (window->shown < 0)
		return layer;
	layer.pixels = window->buffers[window->shown].canvas.pixels;
	layer.look = window->state == WINDOW_LIVE ? LOOK_LIVE : LOOK_GREYED;
	return layer;
}

bool window_was_whole(struct window *window)
{
	if (window->shown < 0 ||
	    buffer_is_of(&window->buffers[window->shown],
			 window->generation[window->shown]))
		return true;
	window->torn++;
	cast_out(window, "drew into what was on the screen");
	return false;
}
