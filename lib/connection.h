/* SPDX-License-Identifier: MIT */
/*
 * This process's connection to ashmemd: one for all of its regions, made when
 * the first of them needs it.
 *
 * A process shows ashmemd its process map, and sees by ashmemd's life sign
 * whether it still lives. Both lie at the same addresses for as long as the
 * process lives: a new ashmemd's life sign is mapped over the old one's, and a
 * forked child maps a process map of its own over its parent's. So who looks at
 * them takes no lock, and keeps plain pointers.
 *
 * Each connection has a generation, a number from 1 on. It stands in a page
 * that the kernel wipes in forked children: there it is 0, and nothing that was
 * attached counts any more.
 */
#ifndef ASHMEM_LIB_CONNECTION_H
#define ASHMEM_LIB_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lifesign.h"
#include "procmap.h"
#include "wire.h"

/* How often something is begun anew because ashmemd broke down meanwhile. */
#define CONNECTION_TRIES	8

/**
 * struct connection - what every pin looks at; all NULL before the first
 * @generation: of the connection there is; 0 if there is none, as in a forked
 *              child
 * @sign:       of the ashmemd that it is to
 * @procmap:    of this process
 */
struct connection {
	_Atomic uint32_t *generation;
	struct lifesign *sign;
	struct procmap *procmap;
};

extern struct connection connection;

/*
 * Is what was attached in this generation still attached? No system call.
 *
 * Who asks this after a look at a pin map relies on that it was so during the
 * look, so none of the loads may come before it: they are sequentially
 * consistent, as is what is done to the pin map. The generation comes last. It
 * ends before another ashmemd's life sign is mapped over the one before, so if
 * it has not ended, then it was that one which was looked at.
 */
static inline bool connection_is_current(uint32_t generation)
{
	return generation && lifesign_is_alive(connection.sign) &&
	       !atomic_load(&connection.procmap->dropped) &&
	       atomic_load(connection.generation) == generation;
}

/*
 * All that follow are called with the lock held, and allow no cancellation.
 */
void connection_lock(void);
void connection_unlock(void);

/**
 * connection_make - makes sure that there is one, starting ashmemd if need be
 *
 * Returns the generation, or 0 with errno set when no ashmemd can be reached.
 * After a failure none is tried for a while, and it fails at once.
 */
uint32_t connection_make(void);

/**
 * connection_ask - sends a request and waits for its reply
 * @sent:     descriptors that go along, still the caller's
 * @received: descriptors that came with the reply, now the caller's
 *
 * Returns 0; or -1 with errno set to what the reply says, and then nothing was
 * received; or -1 with ECONNRESET when the connection broke: it is to be made
 * again.
 */
int connection_ask(const struct wire_request *request,
		   const struct wire_fds *sent, struct wire_reply *reply,
		   struct wire_fds *received);

/* A slot of the process map that nobody uses, or -1 with errno EMFILE. */
int64_t connection_take_slot(void);
void connection_give_slot(uint32_t slot);

/**
 * connection_take_window - room in the process map, for a hold map
 * @bytes: at least one
 *
 * Returns its offset there, all zero; 0 with errno ENOMEM if there is none.
 */
uint64_t connection_take_window(size_t bytes);
void connection_give_window(uint64_t offset);

/* Told in a forked child, without the lock, before anything else happens. */
void connection_on_fork(void (*forked)(void));

#endif /* ASHMEM_LIB_CONNECTION_H */
