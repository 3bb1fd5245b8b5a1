/* SPDX-License-Identifier: MIT */
/*
 * One process as ashmemd sees it: a connection and a process map, speaking the
 * protocol directly. Several of them may be in one process.
 */
#ifndef ASHMEM_TESTS_DAEMON_PEER_H
#define ASHMEM_TESTS_DAEMON_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "lifesign.h"
#include "pinmap.h"
#include "procmap.h"
#include "wire.h"

/* The size of a page. */
#define PEER_PAGE	((int)sysconf(_SC_PAGESIZE))

/**
 * struct peer - see above
 * @socket:     the connection, or -1
 * @procmap_fd: the process map's
 * @procmap:    mapped
 * @sign:       the life sign, once hello was said
 */
struct peer {
	int socket;
	int procmap_fd;
	struct procmap *procmap;
	const struct lifesign *sign;
};

/**
 * struct peer_region - a region, and what one peer got for it
 * @fd:         of the region; -1 for none
 * @memory:     mapped, if it is writable
 * @pages:      of it
 * @locks:      a description for locks
 * @pins:       the pin map's descriptor, or -1
 * @map:        the pin map; header NULL as long as there is none
 * @attachment: its number
 * @slot:       in the process map
 */
struct peer_region {
	int fd;
	char *memory;
	uint64_t pages;
	int locks;
	int pins;
	struct pinmap map;
	uint32_t attachment;
	uint32_t slot;
};

/* A memfd. Ends the test if there is none. */
int peer_memfd(const char *name, uint64_t size, unsigned int seals);

/* Makes the process map; does not connect. */
void peer_make(struct peer *peer);

/* Connects. Returns whether somebody listens. */
bool peer_connect(struct peer *peer, const char *socket);

/* Says hello. Returns 0, a number of errno, or -1 when the connection ends. */
int peer_hello(struct peer *peer);

/* All three, and ends the test if it is refused. */
void peer_open(struct peer *peer, const char *socket);

void peer_hang_up(struct peer *peer);
void peer_close(struct peer *peer);

/* Sends a request and waits for the reply. As peer_hello(). */
int peer_ask(struct peer *peer, const struct wire_request *request,
	     const struct wire_fds *sent, struct wire_reply *reply,
	     struct wire_fds *received);

/* Makes a region with memory in all of its pages. */
void region_make(struct peer_region *region, uint64_t pages);

/* The same one, as another peer has it: by a descriptor of its own. */
void region_share(struct peer_region *region, const struct peer_region *from,
		  bool writable);

/* Forgets what ashmemd said of it, and unlocks. */
void region_forget(struct peer_region *region);
void region_end(struct peer_region *region);

/* Attaches, with @hold_map; brings the pin map if it has one. As peer_hello(). */
int region_attach(struct peer *peer, struct peer_region *region, uint32_t slot,
		  uint64_t hold_map);
int region_detach(struct peer *peer, struct peer_region *region);

/* Takes the locks that go with an attachment, and with holds. */
bool region_lock(struct peer_region *region, bool holds);

/* Unpins pages as a client does it, at a time. */
void region_unpin(struct peer *peer, struct peer_region *region,
		  uint64_t first, uint64_t end, uint64_t now);

/* Pins; as pinmap_pin(), and waits for no more than SUBJECT_PATIENCE. */
int region_pin(struct peer_region *region, uint64_t first, uint64_t end);

/* How many pages have memory. */
uint64_t region_resident(const struct peer_region *region);

/* Begins to purge all, or goes on with @more, which is given whether there is
 * more. Returns the number of pages, or -1. */
int64_t peer_purge_some(struct peer *peer, bool *more);

/* Purges all. Returns the number of pages, or -1. */
int64_t peer_purge_all(struct peer *peer);

/* In nanoseconds. */
uint64_t peer_now(void);

#endif /* ASHMEM_TESTS_DAEMON_PEER_H */
