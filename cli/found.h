/* SPDX-License-Identifier: MIT */
/*
 * The regions that the caller may see, and who has them.
 *
 * They are looked for in two places. In /proc: descriptors that are areas of
 * the device, which tell all by their fdinfo, or memfds that the library would
 * take for regions, and mappings of either. A memfd with F_SEAL_SEAL is left
 * out: that is how other programs seal theirs, ashmem's pin and process maps
 * included, and never how the library seals a region. And in what the ashmemds
 * tell, who know the pin state, and regions of processes that /proc does not
 * show.
 *
 * Looking changes nothing: no region is attached to, no ashmemd is started, no
 * page is touched, and nobody's file offset is moved.
 *
 * A region goes by p and the inode number of its memory on the portable engine,
 * by d and that number on the device. An area that nobody has mapped yet has no
 * memory, and goes by process and descriptor, PID/FD. Both stay as long as the
 * region does, or the process has the descriptor. PID/FD is understood for
 * every region.
 */
#ifndef ASHMEM_CLI_FOUND_H
#define ASHMEM_CLI_FOUND_H

#include <ashmem.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "memfdname.h"
#include "service.h"

#define FOUND_COMMAND_LEN	16

/**
 * struct holder - a process that has a region
 * @user:     whose it is
 * @fd:       a descriptor's number there; -1 if it only has it mapped
 * @writable: by this descriptor
 */
struct holder {
	pid_t pid;
	uid_t user;
	int fd;
	bool writable;
	char command[FOUND_COMMAND_LEN];
};

typedef char found_id[24];

/**
 * struct found - a region
 * @inode:        of its memory; 0 for an area without any yet
 * @size:         in bytes; 0 if it is not known
 * @pages:        all of them
 * @resident:     pages that have memory
 * @knows_pins:   the next three are known
 * @unpinned:     pages that may be purged, or were
 * @purged:       pages that were, since they were unpinned
 * @purged_ever:  how many pages ashmemd has purged of it since it knows it
 * @service:      whose it is, in the list's services; NULL for none
 * @attached:     processes that are attached, says ashmemd
 * @flags:        LISTING_ and so on, of ashmemd
 * @protection:   PROT_ bits; -1 if not known
 * @holders:      by process, each once
 */
struct found {
	found_id id;
	enum ashmem_engine engine;
	uint64_t device;
	uint64_t inode;
	char name[ASHMEM_NAME_LEN];
	uint64_t size;
	uint64_t pages;
	uint64_t resident;
	bool knows_pins;
	uint64_t unpinned;
	uint64_t purged;
	uint64_t purged_ever;
	const struct service *service;
	uint32_t attached;
	uint32_t flags;
	int protection;
	struct holder *holders;
	size_t holder_count;
};

/**
 * struct found_list - all of them, by engine and number
 * @hidden:   processes whose descriptors the caller may not see
 * @error:    of an ashmemd that did not answer; 0 if all did
 * @partial:  it was the machine's, or the caller's own
 * @services: that were asked; they stay connected
 */
struct found_list {
	struct found *items;
	size_t count;
	size_t hidden;
	int error;
	bool partial;
	struct services services;
};

/* Looks, or looks again; @list is zero before the first time. Returns 0, or -1
 * with errno set: ENOMEM, ENOENT without /proc, EMFILE. */
int found_look(struct found_list *list);
void found_end(struct found_list *list);

/**
 * found_one - looks for the region that a person means
 * @list: zero; to be ended whatever is returned
 * @id:   as above
 *
 * Returns an enum status, having complained if it is not STATUS_DONE.
 */
int found_one(struct found_list *list, const char *id,
	      const struct found **found);

/* The same region in a list of an earlier look; NULL if it was not there. */
const struct found *found_before(const struct found_list *list,
				 const struct found *found);

/* Is this how a region is called? */
bool found_is_id(const char *id);

#endif /* ASHMEM_CLI_FOUND_H */
