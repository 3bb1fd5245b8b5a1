/* SPDX-License-Identifier: MIT */
/*
 * A client: one process, by one connection.
 *
 * It is dropped when it hangs up, when its process ends (a forked child may
 * still have the socket), when it sends what is no message, and when it does not
 * read its replies. With it go its attachments, and so its holds.
 */
#ifndef ASHMEM_DAEMON_CLIENT_H
#define ASHMEM_DAEMON_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "holdmap.h"
#include "procmap.h"
#include "wire.h"

struct attachment;
struct registry;
struct server;
struct sweep;

/**
 * struct client - see above
 * @list:         in the registry's
 * @watchers:     likewise, if @is_watcher
 * @uid:          by the socket
 * @pid:          by the socket; 0 if it is not to be seen from here
 * @socket:       the connection
 * @input:        on @socket
 * @end:          on a descriptor of the process
 * @timer:        until it has to have said hello; then for what is tried again
 * @later:        goes on with @sweep
 * @patience:     until @sweep is given up, while it stands still
 * @refused:      what its hello is answered with; 0 if it may come in
 * @is_watcher:   it is told of events
 * @lost:         events that it could not be told of
 * @procmap:      once it has said hello
 * @procmap_size: in bytes
 * @attachments:  by slot; NULL where there is none
 * @slot_end:     how many of these there are
 * @attached:     how many are not NULL
 * @pages:        of the regions that it is attached to
 * @in_scope:     of the purge that is under way
 * @watch_slot:   from where its attachments are to be watched
 * @request:      one that is under way, or tried again
 * @fds:          that came with it
 * @tries:        how often it was tried
 * @sweep:        a purge that it has asked for; it stands still without @later
 * @sweep_since:  when that was last asked for
 */
struct client {
	TAILQ_ENTRY(client) list;
	TAILQ_ENTRY(client) watchers;
	struct server *server;
	uid_t uid;
	pid_t pid;
	int socket;
	sd_event_source *input;
	sd_event_source *end;
	sd_event_source *timer;
	sd_event_source *later;
	sd_event_source *patience;
	int refused;
	bool is_watcher;
	uint64_t lost;
	struct procmap *procmap;
	uint64_t procmap_size;
	struct attachment **attachments;
	uint32_t slot_end;
	uint32_t attached;
	uint64_t pages;
	bool in_scope;
	uint32_t watch_slot;
	struct wire_request request;
	struct wire_fds fds;
	unsigned int tries;
	struct sweep *sweep;
	uint64_t sweep_since;
};

/**
 * client_new - takes a connection
 * @socket: does not block; the client's even if this fails
 *
 * Returns 0, or -1 with errno set.
 */
int client_new(struct server *server, int socket);

/* Ends it with all that it had. */
void client_drop(struct client *client, const char *why);

/* The hold map of an attachment that has one. */
const holdmap_word *client_hold_map(const struct attachment *attachment);

/* Takes the time of an attachment's slot, leaving what is given there, and notes
 * it with the region. */
void client_take_slot(const struct attachment *attachment, uint64_t leave);

/* Ends one attachment, and says so in its slot. */
void client_end_attachment(struct registry *registry,
			   struct attachment *attachment);

#endif /* ASHMEM_DAEMON_CLIENT_H */
