// SPDX-License-Identifier: MIT
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire.h"

/* How long an answer may take, in seconds: one that was stopped never gives
 * any. */
#define PATIENCE	5

#define SOCKETS		"/proc/net/unix"
#define SOCKET_END	"/ashmemd/socket"
#define FALLBACK_BEGIN	"/tmp/ashmemd-"
#define FALLBACK_END	"/socket"

static bool is_known(const struct services *services, const char *path)
{
	for (size_t i = 0; i < services->count; i++)
		if (!strcmp(services->items[i].place.socket, path))
			return true;
	return false;
}

static int connect_to(struct services *services, const struct place *place)
{
	struct timeval patience = { .tv_sec = PATIENCE };
	struct service *items, *service;
	struct stat status;
	int fd;

	if (is_known(services, place->socket))
		return 0;
	items = reallocarray(services->items, services->count + 1,
			     sizeof(*items));
	if (!items)
		return -1;
	services->items = items;
	fd = place_connect(place);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	service = &items[services->count++];
	*service = (struct service){ .socket = fd, .place = *place };
	if (stat(place->socket, &status) == 0)
		service->owner = status.st_uid;
	return 0;
}

static bool begins_with(const char *text, const char *begin)
{
	return !strncmp(text, begin, strlen(begin));
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) &&
	       !strcmp(text + length - strlen(end), end);
}

/* Where libraries look for an ashmemd, see place.h. */
static bool is_of_ashmemd(const char *path)
{
	return ends_with(path, SOCKET_END) ||
	       (begins_with(path, FALLBACK_BEGIN) &&
		ends_with(path, FALLBACK_END));
}

/* Every user's, as far as this namespace has them. Who cannot be reached by now
 * has ended. */
static void connect_to_all(struct services *services)
{
	FILE *file = fopen(SOCKETS, "re");
	char line[512], *path;
	struct place place;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		path = strchr(line, '/');
		if (path && is_of_ashmemd(path) &&
		    place_given(&place, path) == 0)
			connect_to(services, &place);
	}
	fclose(file);
}

static bool has_ended(const struct service *service)
{
	char byte;

	return recv(service->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void forget_ended(struct services *services)
{
	size_t kept = 0;

	for (size_t i = 0; i < services->count; i++)
		if (has_ended(&services->items[i]))
			close(services->items[i].socket);
		else
			services->items[kept++] = services->items[i];
	services->count = kept;
}

int services_connect(struct services *services)
{
	struct place place;

	forget_ended(services);
	services->error = 0;
	place_machine(&place);
	if (connect_to(services, &place) < 0)
		services->error = errno;
	if ((place_user(&place) < 0 || connect_to(services, &place) < 0) &&
	    (services->error == ENOENT || services->error == ECONNREFUSED))
		services->error = errno;
	if (services->count)
		services->error = 0;
	if (geteuid() == 0)
		connect_to_all(services);
	if (services->error != ENOMEM)
		return 0;
	errno = ENOMEM;
	return -1;
}

void services_close(struct services *services)
{
	while (services->count)
		close(services->items[--services->count].socket);
	free(services->items);
	services->items = NULL;
}

/* Sends a request and waits for the packet that is the answer. */
static int ask(const struct service *service,
	       const struct wire_request *request, const struct wire_fds *sent,
	       void *answer, size_t size, struct wire_fds *received)
{
	int result;

	received->count = 0;
	if (wire_send(service->socket, request, sizeof(*request), sent) < 0)
		return -1;
	result = wire_receive(service->socket, answer, size, received);
	if (result == 1)
		return 0;
	/* One that does not know the request hangs up. */
	if (result == 0)
		errno = EPROTO;
	return -1;
}

/* Likewise for a struct wire_reply; fails with its error. */
static int ask_simply(const struct service *service,
		      const struct wire_request *request,
		      const struct wire_fds *sent, struct wire_reply *reply,
		      struct wire_fds *received)
{
	if (ask(service, request, sent, reply, sizeof(*reply), received) < 0)
		return -1;
	if (!reply->error && reply->type == request->type)
		return 0;
	wire_close(received);
	errno = reply->type == request->type ? reply->error : EPROTO;
	return -1;
}

int service_list(const struct service *service, uint64_t cursor,
		 struct listing *listing)
{
	struct wire_request request = {
		.type = WIRE_LIST,
		.version = WIRE_VERSION,
		.cursor = cursor,
	};
	struct wire_fds none;

	if (ask(service, &request, NULL, listing, sizeof(*listing), &none) < 0)
		return -1;
	wire_close(&none);
	errno = listing->error;
	if (listing->error)
		return -1;
	if (listing->type == WIRE_LIST && listing->count <= LISTING_REGIONS)
		return 0;
	errno = EPROTO;
	return -1;
}

int service_look(const struct service *service, uint64_t device,
		 uint64_t inode)
{
	struct wire_request request = {
		.type = WIRE_LOOK,
		.version = WIRE_VERSION,
		.device = device,
		.inode = inode,
	};
	struct wire_reply reply;
	struct wire_fds fds;

	if (ask_simply(service, &request, NULL, &reply, &fds) < 0)
		return -1;
	if (fds.count == 1)
		return fds.fd[0];
	wire_close(&fds);
	errno = EPROTO;
	return -1;
}

int service_watch(const struct service *service)
{
	struct wire_request request = {
		.type = WIRE_WATCH,
		.version = WIRE_VERSION,
	};
	struct wire_reply reply;
	struct wire_fds none;

	return ask_simply(service, &request, NULL, &reply, &none);
}

int service_event(const struct service *service, struct listing_event *event)
{
	struct wire_fds none;
	int result = wire_receive(service->socket, event, sizeof(*event),
				  &none);

	if (result != 1)
		return result;
	wire_close(&none);
	event->name[sizeof(event->name) - 1] = '\0';
	if (event->type == WIRE_EVENT)
		return 1;
	errno = EPROTO;
	return -1;
}

int service_purge(const struct service *service, int fd, uint64_t first,
		  uint64_t end, uint64_t *pages)
{
	struct wire_request request = {
		.type = WIRE_PURGE,
		.version = WIRE_VERSION,
		.first = first,
		.end = end,
	};
	struct wire_fds sent = { 1, { fd } }, none;
	struct wire_reply reply;

	if (ask_simply(service, &request, &sent, &reply, &none) < 0)
		return -1;
	wire_close(&none);
	*pages = reply.pages;
	return 0;
}
