/* SPDX-License-Identifier: MIT */
/*
 * What a process and ashmemd say to each other, over a Unix socket of type
 * SOCK_SEQPACKET: one request, one reply, each a packet of fixed size that may
 * carry descriptors. Both sides are on the same machine, so numbers are in its
 * own byte order.
 *
 * Who only looks says no hello, and is no client: it attaches to nothing, and
 * does not keep ashmemd from ending. It is told of what its user may know: of all
 * that an ashmemd serves to one user, that user and root; of what the machine's
 * serves, root, and of each region the users whose processes are attached to it.
 *
 * Nothing here knows what a region is.
 */
#ifndef ASHMEM_LIB_WIRE_H
#define ASHMEM_LIB_WIRE_H

#include <stdint.h>
#include <sys/types.h>

#define WIRE_VERSION		2

/* The most descriptors that a packet carries. */
#define WIRE_MAX_FDS		2

/**
 * enum wire_type - what is asked for
 *
 * @WIRE_HELLO: must come first, and once. Carries a process map (procmap.h).
 *	The reply carries ashmemd's life sign (lifesign.h), to be mapped
 *	read-only.
 *	Errors: EPROTO wrong version, EINVAL not a process map, EPERM not a user
 *	whom this ashmemd serves, EUSERS too many connections of this user.
 *
 * @WIRE_ATTACH: to a region. Carries its memfd, and, from a process that has
 *	been attached before, the pin map as second descriptor. @slot and
 *	@hold_map say where in the process map this region is shown; @hold_map
 *	is 0 as long as the process holds nothing there. @watch is a
 *	descriptor's number in the sending process: the attachment ends by
 *	itself when it no longer names the region; -1 for none.
 *	The reply carries the pin map, which can be written only by who sent a
 *	descriptor that can, and has @attachment and @pages. The number is this
 *	ashmemd's choice: who has locks (locks.h) of another number takes those
 *	of the new one first, and then drops the others.
 *	To attach again with the same slot changes @hold_map and @watch.
 *	Errors: EINVAL not a region, or a slot or hold map out of range, EBUSY
 *	another ashmemd serves it, or a process without one, EAGAIN processes
 *	that know its pin map are still to come back, EMFILE too many regions of
 *	this process, ENFILE of all, EFBIG too large, EACCES its file's mode
 *	keeps this ashmemd out.
 *
 * @WIRE_DETACH: from the region at @slot. Errors: EINVAL nothing there.
 *
 * @WIRE_PURGE_ALL: purges all that this user's processes have unpinned. The
 *	reply has the number of @pages that were purged since it was asked for.
 *	It comes after a second at the latest, if need be with @more: then it
 *	stands still until it is asked for again, with @cursor 1. With 0 it
 *	begins anew. Of a region that is large, and of which little has memory,
 *	pages without memory are neither purged nor counted.
 *
 * These need no hello:
 *
 * @WIRE_LIST: some regions. @cursor is 0 to begin with, and then what the last
 *	reply said. The reply is a struct listing (listing.h). A region that is
 *	there from the first to the last reply is told of, once. Errors: EPERM,
 *	EUSERS as for hello, in a reply of that size.
 *
 * @WIRE_LOOK: the pin map of the region whose file is @device and @inode, to be
 *	read only. Errors: ENOENT no such region that this user may know of;
 *	EPERM, EUSERS.
 *
 * @WIRE_WATCH: from the reply on, each event is told by a struct listing_event.
 *	Who does not read loses some, and is told how many. Errors: EBUSY too
 *	many of this user's do that; EPERM, EUSERS; EALREADY.
 *
 * @WIRE_PURGE: purges what is unpinned of the pages [@first, @end) of a region,
 *	whose memfd it carries. The reply has the number of @pages. Errors:
 *	EINVAL not a region, or no pages of it; ENOENT nobody is attached to it;
 *	EACCES the descriptor cannot write; EBUSY others who hold pages are
 *	awaited, or it is sealed; EPERM, EUSERS.
 *
 * @WIRE_EVENT: is sent by ashmemd alone.
 */
enum wire_type {
	WIRE_HELLO = 1,
	WIRE_ATTACH,
	WIRE_DETACH,
	WIRE_PURGE_ALL,
	WIRE_LIST,
	WIRE_LOOK,
	WIRE_WATCH,
	WIRE_PURGE,
	WIRE_EVENT,
};

/**
 * struct wire_request - what a process sends
 * @type:       of enum wire_type; the others are 0 if it does not need them
 * @version:    WIRE_VERSION
 * @slot:       in the process map
 * @unused:     whatever it is
 * @hold_map:   offset in the process map, a multiple of PROCMAP_ALIGN
 * @watch:      see WIRE_ATTACH
 * @device:     see WIRE_LOOK, as for @inode
 * @end:        see WIRE_PURGE, as for @first
 * @cursor:     see WIRE_LIST and WIRE_PURGE_ALL
 */
struct wire_request {
	uint32_t type;
	uint32_t version;
	union {
		struct {
			uint32_t slot;
			uint32_t unused;
		};
		uint64_t device;
		uint64_t end;
	};
	union {
		uint64_t hold_map;
		uint64_t cursor;
		uint64_t inode;
		uint64_t first;
	};
	int32_t watch;
	uint32_t reserved;
};

/**
 * struct wire_reply - what ashmemd answers
 * @type:       of the request
 * @error:      0, or a number of errno
 * @pages:      of the region, or purged
 * @attachment: see WIRE_ATTACH
 * @more:       see WIRE_PURGE_ALL; else 0
 */
struct wire_reply {
	uint32_t type;
	int32_t error;
	uint64_t pages;
	uint32_t attachment;
	uint32_t more;
};

/**
 * struct wire_fds - descriptors that come with a packet
 * @count: how many of @fd are there
 */
struct wire_fds {
	unsigned int count;
	int fd[WIRE_MAX_FDS];
};

/**
 * wire_send - sends one packet
 * @fds: sent along, and still the caller's; NULL for none
 *
 * Returns 0, or -1 with errno set: EPIPE when the other side is gone, EAGAIN
 * when it does not read.
 */
int wire_send(int socket, const void *packet, size_t size,
	      const struct wire_fds *fds);

/**
 * wire_receive - receives one packet of exactly @size bytes
 * @fds: those that came with it, now the caller's and closed on exec; more than
 *       WIRE_MAX_FDS are never installed
 *
 * Returns 1, 0 when the other side is gone, or -1 with errno set, and then no
 * descriptor is left behind: EAGAIN when there is nothing to read, EPROTO for a
 * packet of another size, or with more or other things in it than descriptors.
 */
int wire_receive(int socket, void *packet, size_t size, struct wire_fds *fds);

void wire_close(struct wire_fds *fds);

#endif /* ASHMEM_LIB_WIRE_H */
