// SPDX-License-Identifier: MIT
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "event.h"
#include "log.h"
#include "pressure.h"
#include "registry.h"
#include "request.h"
#include "server.h"
#include "sweep.h"

/* For one wakeup. */
#define MOST_MESSAGES	16

/* Time to say hello, in microseconds. */
#define PATIENCE	10000000

/* Connections of a user beyond the limit that are told why, at a time. */
#define MOST_REFUSED	16

const holdmap_word *client_hold_map(const struct attachment *attachment)
{
	return (const holdmap_word *)((char *)attachment->client->procmap +
				      attachment->hold_map);
}

void client_take_slot(const struct attachment *attachment, uint64_t leave)
{
	struct region *region = attachment->region;
	uint64_t since = atomic_exchange(
		&attachment->client->procmap->slots[attachment->slot], leave);

	/* That of an attachment that ended says nothing about the time. */
	if (since == PROCMAP_ENDED)
		since = 1;
	if (since && (!region->oldest || since < region->oldest))
		region->oldest = since;
}

static void end_attachment(struct registry *registry,
			   struct attachment *attachment, uint64_t leave)
{
	struct client *client = attachment->client;

	client_take_slot(attachment, leave);
	client->attachments[attachment->slot] = NULL;
	client->attached--;
	client->pages -= attachment->region->pages;
	registry_detach(registry, attachment);
	free(attachment);
}

void client_end_attachment(struct registry *registry,
			   struct attachment *attachment)
{
	end_attachment(registry, attachment, PROCMAP_ENDED);
}

static void drop_procmap(struct client *client)
{
	struct registry *registry = client->server->registry;

	if (!client->procmap)
		return;
	/* First, so that it relies on no hold that nobody looks at. */
	atomic_store(&client->procmap->dropped, 1);
	for (uint32_t i = 0; i < client->slot_end; i++)
		if (client->attachments[i])
			end_attachment(registry, client->attachments[i], 0);
	munmap(client->procmap, client->procmap_size);
	registry->client_count--;
	if (client->server->pressure)
		pressure_remove(client->server->pressure, client->pid);
}

void client_drop(struct client *client, const char *why)
{
	struct server *server = client->server;

	log_debug("process %d: connection ends, %s", client->pid, why);
	sweep_free(client->sweep);
	event_unsubscribe(client);
	drop_procmap(client);
	free(client->attachments);
	wire_close(&client->fds);
	sd_event_source_disable_unref(client->input);
	sd_event_source_disable_unref(client->end);
	sd_event_source_disable_unref(client->timer);
	sd_event_source_disable_unref(client->later);
	sd_event_source_disable_unref(client->patience);
	close(client->socket);
	TAILQ_REMOVE(&server->registry->clients, client, list);
	free(client);
	server->changed(server->context);
}

static int on_input(sd_event_source *source, int fd, uint32_t events,
		    void *context)
{
	struct client *client = context;
	struct wire_request request;
	struct wire_fds fds;
	int received;

	(void)source;
	if (request_is_under_way(client)) {
		if (events & (EPOLLHUP | EPOLLERR))
			client_drop(client, "it hung up");
		return 0;
	}
	if (events & EPOLLOUT)
		event_go_on(client);
	for (int i = 0; i < MOST_MESSAGES; i++) {
		received = wire_receive(fd, &request, sizeof(request), &fds);
		if (received < 0 && errno == EAGAIN)
			return 0;
		if (received <= 0) {
			client_drop(client, received ? "it sent no message" :
						       "it hung up");
			return 0;
		}
		if (!request_handle(client, &request, &fds) ||
		    request_is_under_way(client))
			return 0;
	}
	return 0;
}

static int on_end(sd_event_source *source, int fd, uint32_t events,
		  void *context)
{
	(void)source;
	(void)fd;
	(void)events;
	client_drop(context, "the process ended");
	return 0;
}

static int on_silence(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	client_drop(context, "it did not say hello");
	return 0;
}

/* Returns a number of errno; -1 if there is no time to explain. */
static int refusal(const struct client *client)
{
	const struct registry *registry = client->server->registry;
	uint32_t limit = client->server->settings->connections_per_user;
	const struct client *other;
	uint32_t count = 0;

	if (!registry->machine && client->uid != geteuid())
		return EPERM;
	TAILQ_FOREACH(other, &registry->clients, list)
		count += other->uid == client->uid;
	if (count < limit)
		return 0;
	return count < limit + MOST_REFUSED ? EUSERS : -1;
}

/* A socket does not tell when its process has ended, but a child has it. */
static int add_end(struct client *client)
{
	int fd, result;

	if (client->pid <= 0)
		return 0;
	fd = syscall(SYS_pidfd_open, client->pid, 0);
	if (fd < 0)
		return errno == ESRCH ? -ESRCH : 0;
	result = sd_event_add_io(client->server->event, &client->end, fd,
				 EPOLLIN, on_end, client);
	if (result < 0) {
		close(fd);
		return result;
	}
	return sd_event_source_set_io_fd_own(client->end, true);
}

static int add_sources(struct client *client)
{
	sd_event *event = client->server->event;
	int result = sd_event_add_io(event, &client->input, client->socket,
				     EPOLLIN, on_input, client);

	if (result >= 0)
		result = add_end(client);
	if (result >= 0)
		result = sd_event_add_time_relative(event, &client->timer,
						    CLOCK_MONOTONIC, PATIENCE,
						    0, on_silence, client);
	return result;
}

int client_new(struct server *server, int socket)
{
	struct client *client = calloc(1, sizeof(*client));
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int result = 0;

	if (!client || getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer,
				  &size) < 0) {
		free(client);
		close(socket);
		return -1;
	}
	client->server = server;
	client->socket = socket;
	client->uid = peer.uid;
	client->pid = peer.pid;
	client->refused = refusal(client);
	TAILQ_INSERT_TAIL(&server->registry->clients, client, list);
	if (client->refused < 0)
		result = -EUSERS;
	if (result >= 0)
		result = add_sources(client);
	if (result < 0) {
		client_drop(client, "it could not be taken");
		errno = -result;
		return -1;
	}
	server->changed(server->context);
	return 0;
}
