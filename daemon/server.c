// SPDX-License-Identifier: MIT
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "log.h"
#include "registry.h"

/* For one wakeup. */
#define MOST_ACCEPTS	16

/* How long nobody is let in when descriptors have run out, in microseconds. */
#define PAUSE		100000

static int end_pause(sd_event_source *source, uint64_t usec, void *context)
{
	struct server *server = context;

	(void)source;
	(void)usec;
	server->pause = sd_event_source_unref(server->pause);
	return sd_event_source_set_enabled(server->input, SD_EVENT_ON);
}

/* It would be woken again at once. */
static void pause_accepting(struct server *server)
{
	log_warning("no connection can be taken for now: %m");
	if (sd_event_add_time_relative(server->event, &server->pause,
				       CLOCK_MONOTONIC, PAUSE, 0, end_pause,
				       server) >= 0)
		sd_event_source_set_enabled(server->input, SD_EVENT_OFF);
}

static bool is_of_the_peer(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPERM ||
	       error == EPROTO;
}

static int take_connections(sd_event_source *source, int fd, uint32_t events,
			    void *context)
{
	struct server *server = context;

	(void)source;
	(void)events;
	for (int i = 0; i < MOST_ACCEPTS; i++) {
		int socket = accept4(fd, NULL, NULL,
				     SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (socket >= 0) {
			if (client_new(server, socket) < 0)
				log_warning("a connection was refused: %m");
			continue;
		}
		if (is_of_the_peer(errno))
			continue;
		if (errno != EAGAIN)
			pause_accepting(server);
		break;
	}
	return 0;
}

int server_start(struct server *server)
{
	int flags = fcntl(server->listener, F_GETFL);

	if (flags < 0 ||
	    fcntl(server->listener, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return sd_event_add_io(server->event, &server->input, server->listener,
			       EPOLLIN, take_connections, server);
}

void server_stop(struct server *server)
{
	struct client *client;

	server->input = sd_event_source_disable_unref(server->input);
	server->pause = sd_event_source_disable_unref(server->pause);
	while ((client = TAILQ_FIRST(&server->registry->clients)))
		client_drop(client, "ashmemd ends");
}
