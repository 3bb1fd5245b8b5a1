/* SPDX-License-Identifier: MIT */
/*
 * What ashmemd tells those who only look (see WIRE_LIST in wire.h): its
 * regions, and what happens to them. Packets of fixed size, as all that it
 * sends.
 */
#ifndef ASHMEM_LIB_LISTING_H
#define ASHMEM_LIB_LISTING_H

#include <stdint.h>

#include "memfdname.h"

/* Regions in one packet. */
#define LISTING_REGIONS		32

/* The region was sealed against writing: it is not purged any more. */
#define LISTING_SEALED		1
/* Only readers are attached. */
#define LISTING_READ_ONLY	2
/* It is not purged before all who hold pages have come back. */
#define LISTING_AWAITED		4

/**
 * struct listing_region - a region that ashmemd serves
 * @device:   of its file, as fstat(2) has it
 * @inode:    of its file
 * @pages:    all of them
 * @resident: pages that have memory
 * @purged:   how many were purged since this ashmemd has it; it never shrinks
 * @attached: processes that are
 * @holding:  of these, who may hold pages
 * @flags:    LISTING_ and so on
 * @name:     of its file, terminated
 */
struct listing_region {
	uint64_t device;
	uint64_t inode;
	uint64_t pages;
	uint64_t resident;
	uint64_t purged;
	uint32_t attached;
	uint32_t holding;
	uint32_t flags;
	uint32_t reserved;
	char name[MEMFD_NAME_LEN];
};

/**
 * struct listing - the reply to WIRE_LIST
 * @type:    WIRE_LIST
 * @error:   0, or a number of errno
 * @cursor:  what to ask with for the next ones; 0 at the end
 * @count:   of @regions, 0 to LISTING_REGIONS; 0 is not the end
 * @pid:     of ashmemd, as it sees itself
 * @regions: those after @count are zero
 */
struct listing {
	uint32_t type;
	int32_t error;
	uint64_t cursor;
	uint32_t count;
	int32_t pid;
	struct listing_region regions[LISTING_REGIONS];
};

/* What happens. */
enum listing_kind {
	LISTING_ATTACH = 1,	/* a process has come */
	LISTING_RELEASE,	/* one has gone */
	LISTING_PURGE,		/* pages were purged */
	LISTING_LOST,		/* nothing: to tell of events that were lost */
};

/**
 * struct listing_event - what is sent to who has asked with WIRE_WATCH
 * @type:     WIRE_EVENT
 * @kind:     of enum listing_kind
 * @device:   of the region's file
 * @inode:    of the region's file
 * @pages:    of the region, or that were purged
 * @lost:     events that were not sent before this one, as the socket was full
 * @pid:      of the process, as ashmemd sees it; 0 for a purge
 * @attached: processes that are attached from now on
 * @name:     of the region's file, terminated
 */
struct listing_event {
	uint32_t type;
	uint32_t kind;
	uint64_t device;
	uint64_t inode;
	uint64_t pages;
	uint64_t lost;
	int32_t pid;
	uint32_t attached;
	char name[MEMFD_NAME_LEN];
};

#endif /* ASHMEM_LIB_LISTING_H */
