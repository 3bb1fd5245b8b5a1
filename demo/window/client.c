// SPDX-License-Identifier: MIT
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many frames from one look at the caches to the next. */
#define COUNT_FRAMES	6

void client_fail(const struct client *client, const char *what)
{
	fprintf(stderr, "window-refresh: the %s: %s: %s\n", client->name, what,
		strerror(errno));
	exit(EXIT_FAILURE);
}

/* The compositor has gone: there is nobody to draw for. */
static void check_gone(void)
{
	if (errno == ECONNRESET)
		exit(EXIT_SUCCESS);
}

void client_open(struct client *client, const char *name, int socket, int width,
		 int height)
{
	*client = (struct client){ .name = name, .socket = socket };
	client->history = history_receive(&client->history_region, socket);
	if (!client->history) {
		check_gone();
		client_fail(client, "cannot receive the history");
	}
	for (int i = 0; i < BUFFERS; i++) {
		if (buffer_create(&client->buffers[i], name, width, height))
			client_fail(client, "cannot make a buffer");
		if (message_send_region(socket, client->buffers[i].region)) {
			check_gone();
			client_fail(client, "cannot send a buffer");
		}
	}
}

static void await_buffer(struct client *client)
{
	struct pollfd source = { .fd = client->socket, .events = POLLIN };
	struct message message;

	while (message_receive(client->socket, &message)) {
		check_gone();
		if (errno != EAGAIN)
			client_fail(client, "cannot receive");
		if (poll(&source, 1, -1) < 0 && errno != EINTR)
			client_fail(client, "cannot wait");
	}
	if (message.kind == MESSAGE_SHOWN && message.buffer < BUFFERS)
		client->mine = message.buffer == 0 ? 1 : 0;
}

const struct canvas *client_begin(struct client *client)
{
	while (client->mine < 0)
		await_buffer(client);
	buffer_begin(&client->buffers[client->mine], client->generation + 1);
	return &client->buffers[client->mine].canvas;
}

void client_end(struct client *client)
{
	struct message message = {
		.kind = MESSAGE_PRESENT,
		.buffer = (uint32_t)client->mine,
		.generation = ++client->generation,
		.refilled = client->refilled,
	};

	memcpy(message.caches, client->caches, sizeof(message.caches));
	buffer_end(&client->buffers[client->mine], client->generation);
	client->mine = -1;
	if (message_send(client->socket, &message)) {
		check_gone();
		client_fail(client, "cannot present a buffer");
	}
}

bool client_counts(const struct client *client)
{
	return client->generation % COUNT_FRAMES == 0;
}

void client_count(struct client *client, enum cache_kind kind,
		  const struct cache *cache, bool first)
{
	if (first)
		client->caches[kind] = (struct cache_pages){ 0 };
	if (cache_count(cache, &client->caches[kind]))
		client_fail(client, "cannot look at a cache");
}
