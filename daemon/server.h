/* SPDX-License-Identifier: MIT */
/* Accepts connections, as many as each user may have. */
#ifndef ASHMEM_DAEMON_SERVER_H
#define ASHMEM_DAEMON_SERVER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

struct client;
struct pressure;
struct registry;
struct settings;

/**
 * struct server - what every client needs
 * @event:    the loop
 * @registry: of what is served
 * @settings: in force for what comes
 * @pressure: is told of the clients' processes; may be NULL
 * @sign:     the life sign, to be read; sent to everybody
 * @listener: the socket
 * @input:    on it
 * @pause:    until connections are accepted again
 * @changed:  told when a client has come or gone, and there is something that
 *            timers may have to be started for
 * @context:  of @changed
 */
struct server {
	sd_event *event;
	struct registry *registry;
	const struct settings *settings;
	struct pressure *pressure;
	int sign;
	int listener;
	sd_event_source *input;
	sd_event_source *pause;
	void (*changed)(void *context);
	void *context;
};

/* Begins to accept; the fields up to @listener, and the last two, are set.
 * Returns 0, or a negative number of errno. */
int server_start(struct server *server);

/* Drops all clients, and accepts no more. @listener stays open. */
void server_stop(struct server *server);

#endif /* ASHMEM_DAEMON_SERVER_H */
