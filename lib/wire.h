/* SPDX-License-Identifier: MIT */
/*
 * What a process and ashmemd say to each other, over a Unix socket of type
 * SOCK_SEQPACKET: one request, one reply, each a packet of fixed size that may
 * carry descriptors. Both sides are on the same machine, so numbers are in its
 * own byte order.
 *
 * Nothing here knows what a region is.
 */
#ifndef ASHMEM_LIB_WIRE_H
#define ASHMEM_LIB_WIRE_H

#include <stdint.h>
#include <sys/types.h>

#define WIRE_VERSION		1

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
 *	is 0 as long as the process holds nothing there. @attachment is the
 *	number given earlier, or 0. @watch is a descriptor's number in the
 *	sending process: the attachment ends by itself when it no longer names
 *	the region; -1 for none.
 *	The reply carries the pin map, which can be written only by who sent a
 *	descriptor that can, and has @attachment and @pages.
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
 *	reply has the number of @pages.
 */
enum wire_type {
	WIRE_HELLO = 1,
	WIRE_ATTACH,
	WIRE_DETACH,
	WIRE_PURGE_ALL,
};

/**
 * struct wire_request - what a process sends
 * @type:       of enum wire_type; the others are 0 if it does not need them
 * @version:    WIRE_VERSION
 * @slot:       in the process map
 * @attachment: see WIRE_ATTACH
 * @hold_map:   offset in the process map, a multiple of PROCMAP_ALIGN
 * @watch:      see WIRE_ATTACH
 */
struct wire_request {
	uint32_t type;
	uint32_t version;
	uint32_t slot;
	uint32_t attachment;
	uint64_t hold_map;
	int32_t watch;
	uint32_t reserved;
};

/**
 * struct wire_reply - what ashmemd answers
 * @type:       of the request
 * @error:      0, or a number of errno
 * @pages:      of the region, or purged
 * @attachment: see WIRE_ATTACH
 */
struct wire_reply {
	uint32_t type;
	int32_t error;
	uint64_t pages;
	uint32_t attachment;
	uint32_t reserved;
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
