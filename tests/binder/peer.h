/* SPDX-License-Identifier: MIT */
/* Processes that the tests start, and end. */
#ifndef ASHMEM_TESTS_BINDER_PEER_H
#define ASHMEM_TESTS_BINDER_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* How long anything may take that has to come about, in milliseconds. */
#define PATIENCE	30000

/**
 * struct peer - a process that was started
 * @pid:     of it
 * @channel: to it
 */
struct peer {
	pid_t pid;
	int channel;
};

/* What it does: says on the channel that it is ready, by peer_ready(), and
 * returns when there is something to be read there, or all is done. */
typedef void peer_role(int channel, const void *argument);

/* Starts a process, and returns once it is ready. If it is not the program ends,
 * and says what @name could not do. */
struct peer peer_start(const char *name, peer_role *role,
		       const void *argument);

/* Of the peer: 0, or an errno. */
void peer_ready(int channel, int error);

/* Of the peer: it goes no further. */
__attribute__((noreturn))
void peer_fail(const char *what);

/* Bids it end, and waits until it has. */
void peer_end(struct peer *peer);

/* Waits until it has ended by itself. */
void peer_wait(struct peer *peer);

/* Kills it, and waits until it is dead. */
void peer_kill(struct peer *peer);

#endif /* ASHMEM_TESTS_BINDER_PEER_H */
