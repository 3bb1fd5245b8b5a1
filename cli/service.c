// SPDX-License-Identifier: MIT
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

/* How long to wait for the caller's own, or the machine's, to take a connection,
 * in seconds, and for one to purge, in milliseconds. */
#define CONNECTING	5
#define PURGING		5000

/* Of one user, besides these. */
#define MOST_OF_ONE	16

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

static size_t count_with(const struct services *services,
			 const struct patience *patience)
{
	size_t count = 0;

	for (size_t i = 0; i < services->count; i++)
		count += services->items[i].patience == patience;
	return count;
}

/* Takes up one that is connected, and is not closed if this fails. */
static int add(struct services *services, const struct place *place, int fd,
	       uid_t owner, struct patience *patience)
{
	struct service *items = reallocarray(services->items,
					     services->count + 1,
					     sizeof(*items));

	if (!items)
		return -1;
	services->items = items;
	items[services->count++] = (struct service){
		.socket = fd,
		.place = *place,
		.owner = owner,
		.patience = patience,
	};
	return 0;
}

/* Who listens there, whatever the path is by now. */
static int find_owner(int fd, uid_t *owner)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -1;
	*owner = peer.uid;
	return 0;
}

static int close_and_fail(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static int connect_known(struct services *services, enum standing standing,
			 const struct place *place)
{
	struct patience *patience = patience_with(services->patience, standing,
						  geteuid());
	uid_t owner;
	int fd;

	if (!patience)
		return -1;
	if (is_known(services, place->socket))
		return 0;
	errno = ETIMEDOUT;
	if (patience->left <= 0)
		return -1;
	fd = place_connect_within(place, CONNECTING);
	if (fd >= 0) {
		if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
		    find_owner(fd, &owner) == 0 &&
		    add(services, place, fd, owner, patience) == 0)
			return 0;
		return close_and_fail(fd);
	}
	if (errno == EAGAIN) {
		patience_lose(patience);
		errno = ETIMEDOUT;
	}
	return -1;
}

/* Whose socket has moved since it was bound is left out: by a link, it could be
 * anybody's, and be asked many times over. */
static bool is_bound_to(int fd, const struct place *place)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address);

	return getpeername(fd, (struct sockaddr *)&address, &size) == 0 &&
	       !strncmp(address.sun_path, place->socket,
			sizeof(address.sun_path));
}

/* Returns -1 without memory; whoever is not there, or takes too long, is passed
 * over. */
static int connect_other(struct services *services, const struct place *place)
{
	struct patience *patience;
	uid_t owner;
	int fd;

	if (is_known(services, place->socket))
		return 0;
	fd = place_connect_within(place, 0);
	if (fd < 0)
		return 0;
	if (!is_bound_to(fd, place) || find_owner(fd, &owner) < 0) {
		close(fd);
		return 0;
	}
	patience = patience_with(services->patience, STANDING_OTHER, owner);
	if (!patience)
		return close_and_fail(fd);
	if (patience->left <= 0 ||
	    count_with(services, patience) == MOST_OF_ONE) {
		close(fd);
		return 0;
	}
	if (add(services, place, fd, owner, patience) < 0)
		return close_and_fail(fd);
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

/* Every user's, as far as this namespace has them, but those that have been
 * tried. */
static int connect_to_all(struct services *services, const char *machine,
			  const char *own)
{
	FILE *file = fopen(SOCKETS, "re");
	char line[512], *path;
	struct place place;
	int result = 0;

	if (!file)
		return 0;
	while (result == 0 && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		path = strchr(line, '/');
		if (path && is_of_ashmemd(path) && strcmp(path, machine) &&
		    strcmp(path, own) && place_given(&place, path) == 0)
			result = connect_other(services, &place);
	}
	fclose(file);
	return result;
}

/* An answer that comes too late would be taken for one to what is asked then. */
static bool has_ended(const struct service *service)
{
	char byte;

	return service->patience->lost ||
	       recv(service->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
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

static bool is_absence(int error)
{
	return error == ENOENT || error == ECONNREFUSED;
}

/* Why neither was reached, of which the machine's is tried first. That one does
 * not answer is told even if the other does. */
static int sum_up(int machine, int own)
{
	if (machine == ETIMEDOUT || own == ETIMEDOUT)
		return ETIMEDOUT;
	if (!machine || !own)
		return 0;
	return is_absence(machine) ? own : machine;
}

int services_connect(struct services *services)
{
	struct place machine, user;
	int errors[2] = { 0 };

	if (!services->patience)
		services->patience = calloc(1, sizeof(*services->patience));
	if (!services->patience)
		return -1;
	forget_ended(services);
	patience_renew(services->patience);
	place_machine(&machine);
	if (connect_known(services, STANDING_MACHINE, &machine) < 0)
		errors[0] = errno;
	if (place_user(&user) < 0 ||
	    connect_known(services, STANDING_OWN, &user) < 0)
		errors[1] = errno;
	services->error = sum_up(errors[0], errors[1]);
	if (services->error == ENOMEM) {
		errno = ENOMEM;
		return -1;
	}
	if (geteuid())
		return 0;
	return connect_to_all(services, machine.socket, user.socket);
}

void services_close(struct services *services)
{
	while (services->count)
		close(services->items[--services->count].socket);
	free(services->items);
	if (services->patience)
		patience_end(services->patience);
	*services = (struct services){ 0 };
}

const char *service_trouble(int error)
{
	switch (error) {
	case EAGAIN:
	case ETIMEDOUT:
		return "it does not answer";
	case EPROTO:
		return "it is of another version";
	case EBUSY:
		return "too many of this user's are told";
	default:
		return strerror(error);
	}
}

static bool wait_for_purge(int socket)
{
	struct pollfd polled = { socket, POLLIN, 0 };

	return poll(&polled, 1, PURGING) > 0;
}

/* Sends a request and waits for the packet that is the answer. */
static int ask(const struct service *service,
	       const struct wire_request *request, const struct wire_fds *sent,
	       void *answer, size_t size, struct wire_fds *received)
{
	bool purges = request->type == WIRE_PURGE;
	int result;

	received->count = 0;
	errno = ETIMEDOUT;
	if (!purges && !patience_begin(service->patience))
		return -1;
	if (wire_send(service->socket, request, sizeof(*request), sent) < 0)
		return -1;
	errno = ETIMEDOUT;
	if (!(purges ? wait_for_purge(service->socket) :
		       patience_wait(service->patience, service->socket)))
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
	/* A file that is no memory could keep its reader waiting. */
	if (fds.count == 1 && fcntl(fds.fd[0], F_GET_SEALS) >= 0)
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
