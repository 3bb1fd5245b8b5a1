// SPDX-License-Identifier: MIT
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "log.h"
#include "options.h"

static int find_place(struct place *place, const struct options *options)
{
	if (options->socket) {
		if (place_given(place, options->socket) < 0) {
			log_error("--socket=%s: %s", options->socket,
				  errno == EINVAL ? "begin it with '/', and "
				  "end it with a name" : "shorten it");
			return -1;
		}
		/* Who may come is asked when they say hello. */
		place->machine = options->machine;
		return 0;
	}
	if (options->machine) {
		place_machine(place);
		return 0;
	}
	if (place_user(place) == 0)
		return 0;
	log_error("$XDG_RUNTIME_DIR is too long for a socket: shorten it");
	return -1;
}

static void explain(const struct place *place)
{
	switch (errno) {
	case EADDRINUSE:
		log_error("%s: an ashmemd listens there already; end it first, "
			  "or give another place with --socket",
			  place->socket);
		break;
	case EPERM:
	case ENOTDIR:
		log_error("%s: its directory is not to be trusted: make it a "
			  "directory of your own, with mode 700",
			  place->socket);
		break;
	default:
		log_error("%s: cannot listen there: %m", place->socket);
	}
}

/* Where a socket is that was passed. */
static int take_over(struct listener *listener)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address) - 1;

	listener->fd = SD_LISTEN_FDS_START;
	listener->kept = getenv("LISTEN_FDNAMES");
	if (sd_is_socket_unix(listener->fd, SOCK_SEQPACKET, 1, NULL, 0) <= 0) {
		log_error("descriptor %d, which was passed, is no listening "
			  "socket of type SEQPACKET", listener->fd);
		return -1;
	}
	if (getsockname(listener->fd, (struct sockaddr *)&address, &size) < 0 ||
	    place_given(&listener->place, address.sun_path) < 0)
		listener->kept = true;
	return 0;
}

static int bind_own(struct listener *listener, const struct options *options)
{
	if (find_place(&listener->place, options) < 0)
		return -1;
	listener->fd = place_listen(&listener->place);
	if (listener->fd >= 0)
		return 0;
	explain(&listener->place);
	return -1;
}

int listener_open(struct listener *listener, const struct options *options)
{
	int passed = sd_listen_fds(0);
	struct stat status;

	*listener = (struct listener){ .fd = -1 };
	if (passed > 1) {
		log_error("%d sockets were passed, and one is used: give "
			  "ListenSequentialPacket= once", passed);
		return -1;
	}
	if ((passed == 1 ? take_over(listener) :
			   bind_own(listener, options)) < 0)
		return -1;
	if (stat(listener->place.socket, &status) == 0) {
		listener->dev = status.st_dev;
		listener->ino = status.st_ino;
	}
	return 0;
}

static void unlink_own(const struct listener *listener)
{
	struct stat status;

	if (!listener->kept && listener->ino &&
	    stat(listener->place.socket, &status) == 0 &&
	    status.st_dev == listener->dev && status.st_ino == listener->ino)
		unlink(listener->place.socket);
}

bool listener_retire(struct listener *listener)
{
	struct pollfd waiting = { .fd = listener->fd, .events = POLLIN };
	int lock;

	if (listener->kept)
		return poll(&waiting, 1, 0) == 0;
	lock = place_lock(&listener->place);
	if (poll(&waiting, 1, 0) != 0) {
		if (lock >= 0)
			close(lock);
		return false;
	}
	unlink_own(listener);
	close(listener->fd);
	listener->fd = -1;
	if (lock >= 0)
		close(lock);
	return true;
}

void listener_close(struct listener *listener)
{
	int lock;

	if (listener->fd < 0)
		return;
	lock = listener->kept ? -1 : place_lock(&listener->place);
	unlink_own(listener);
	close(listener->fd);
	listener->fd = -1;
	if (lock >= 0)
		close(lock);
}
