/* SPDX-License-Identifier: MIT */
/* What clients ask for; lib/wire.h has the words. */
#ifndef ASHMEM_DAEMON_REQUEST_H
#define ASHMEM_DAEMON_REQUEST_H

#include <stdbool.h>

#include "client.h"
#include "wire.h"

/**
 * request_handle - does what is asked for, and replies
 * @fds: that came with it; closed or kept, no longer the caller's
 *
 * Returns false if the client is no more.
 */
bool request_handle(struct client *client, const struct wire_request *request,
		    struct wire_fds *fds);

/* Is the reply still to come? Then no other message is to be read. */
bool request_is_under_way(const struct client *client);

#endif /* ASHMEM_DAEMON_REQUEST_H */
