/* SPDX-License-Identifier: MIT */
/*
 * How a region goes over a Unix socket: one message, and one descriptor with its
 * first byte. Sender and receiver are on one machine, so numbers are in its own
 * byte order; callers of 32 and of 64 bits understand each other.
 */
#ifndef ASHMEM_LIB_HANDOVER_H
#define ASHMEM_LIB_HANDOVER_H

#include <ashmem.h>
#include <stdint.h>

/* The first byte is none of a text. */
#define HANDOVER_MAGIC		"\211ashmem\n"
#define HANDOVER_MAGIC_LENGTH	8

#define HANDOVER_VERSION	1

/**
 * struct handover - the message
 * @magic:    HANDOVER_MAGIC, without a NUL
 * @version:  HANDOVER_VERSION; what follows may be something else in another
 * @access:   of enum ashmem_access
 * @size:     of the region in bytes; not 0
 * @name:     of the region, all zeros after its end
 */
struct handover {
	char magic[HANDOVER_MAGIC_LENGTH];
	uint32_t version;
	uint32_t access;
	uint64_t size;
	char name[ASHMEM_NAME_LEN];
};

_Static_assert(sizeof(struct handover) == 280, "the same for all callers");

#endif /* ASHMEM_LIB_HANDOVER_H */
