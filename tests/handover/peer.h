/* SPDX-License-Identifier: MIT */
/* The other end of a socket, which sends what it likes. */
#ifndef ASHMEM_TESTS_HANDOVER_PEER_H
#define ASHMEM_TESTS_HANDOVER_PEER_H

#include <ashmem.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../../lib/handover.h"

/* The most descriptors that the kernel lets through with a message. */
#define MOST_FDS	253

extern const int socket_types[3];
const char *socket_type_name(int type);

/**
 * struct pair - two connected sockets
 * @type: of both
 */
struct pair {
	int type;
	int from;
	int to;
};

bool pair_open(struct pair *pair, int type);
void pair_close(struct pair *pair);
bool set_non_blocking(int socket);

/* Sends bytes, with descriptors; returns what sendmsg(2) does. */
ssize_t send_raw(int socket, const void *bytes, size_t size, const int *fds,
		 size_t count);

/* What ashmem_region_send() would send. */
bool message_of(struct ashmem_region *region, enum ashmem_access access,
		struct handover *message);

#endif /* ASHMEM_TESTS_HANDOVER_PEER_H */
