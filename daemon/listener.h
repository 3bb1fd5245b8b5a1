/* SPDX-License-Identifier: MIT */
/*
 * The socket that ashmemd listens on: bound by itself, or passed by who started
 * it, systemd or the library (see lib/place.h).
 */
#ifndef ASHMEM_DAEMON_LISTENER_H
#define ASHMEM_DAEMON_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "place.h"

struct options;

/**
 * struct listener - see above
 * @fd:    the socket
 * @place: where it is
 * @kept:  somebody else goes on listening when this process has ended
 * @dev:   of the socket in the file system, so that nobody else's is unlinked
 * @ino:   likewise
 */
struct listener {
	int fd;
	struct place place;
	bool kept;
	dev_t dev;
	ino_t ino;
};

/* Returns 0, or -1 after it has logged why not. */
int listener_open(struct listener *listener, const struct options *options);

/**
 * listener_retire - listens no more, if nobody is waiting
 *
 * Unlinks the socket, under the lock. Returns false if somebody is waiting to
 * connect, and all is as before.
 */
bool listener_retire(struct listener *listener);

/* Closes it, and unlinks it if it was bound here. */
void listener_close(struct listener *listener);

#endif /* ASHMEM_DAEMON_LISTENER_H */
