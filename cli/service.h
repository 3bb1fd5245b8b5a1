/* SPDX-License-Identifier: MIT */
/*
 * The ashmemds that run, as one who only looks sees them: nothing here starts
 * one, attaches to anything, or keeps one from ending.
 *
 * What they say is believed as far as it cannot harm: a user's ashmemd may be
 * anything that this user has written.
 */
#ifndef ASHMEM_CLI_SERVICE_H
#define ASHMEM_CLI_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "listing.h"
#include "patience.h"
#include "place.h"

/**
 * struct service - one ashmemd
 * @socket:   connected; it does not wait (O_NONBLOCK)
 * @place:    where it listens
 * @owner:    the user who listens there
 * @patience: with it, and with others of the same user
 * @asked:    for whoever uses it; false to begin with
 */
struct service {
	int socket;
	struct place place;
	uid_t owner;
	struct patience *patience;
	bool asked;
};

/**
 * struct services - all that the caller reaches
 * @items:    the machine's comes first, if there is one
 * @error:    why neither the caller's own nor the machine's was reached, a number
 *            of errno; ETIMEDOUT if one of them does not answer; else 0
 * @patience: with them
 */
struct services {
	struct service *items;
	size_t count;
	int error;
	struct patience_list *patience;
};

/* Connects to the machine's, to the caller's own, and, for root, to those of
 * all users, as far as it is not connected yet; forgets those that have ended.
 * @services is zero before the first time. Returns 0, or -1 with errno
 * ENOMEM. */
int services_connect(struct services *services);
void services_close(struct services *services);

/* What the matter is with one that fails with this number of errno, as a
 * sentence of its own. */
const char *service_trouble(int error);

/**
 * service_list - asks for some regions
 * @cursor: see WIRE_LIST
 *
 * Returns 0, or -1 with errno set: ECONNRESET, EPROTO an ashmemd of another
 * version, ETIMEDOUT it does not answer, or what it says.
 */
int service_list(const struct service *service, uint64_t cursor,
		 struct listing *listing);

/* A descriptor of what ashmemd says is the pin map of a region, the caller's to
 * close; or -1 with errno set: as for service_list(), and ENOENT. */
int service_look(const struct service *service, uint64_t device,
		 uint64_t inode);

/* Asks to be told of events. Returns 0, or -1 with errno set. */
int service_watch(const struct service *service);

/* Waits for the next event. Returns 1, 0 when the ashmemd has ended, or -1 with
 * errno set. */
int service_event(const struct service *service, struct listing_event *event);

/**
 * service_purge - purges what is unpinned of the pages [first, end)
 * @fd:    of the region, which can be written
 * @pages: is given how many were purged
 *
 * Returns 0, or -1 with errno set, as WIRE_PURGE has it.
 */
int service_purge(const struct service *service, int fd, uint64_t first,
		  uint64_t end, uint64_t *pages);

#endif /* ASHMEM_CLI_SERVICE_H */
