/* SPDX-License-Identifier: MIT */
/*
 * The operations of the random test of lib/pinmap.c. The base of a sequence is
 * the epoch that its map starts with.
 */
#ifndef ASHMEM_TESTS_PINMAP_OPERATION_H
#define ASHMEM_TESTS_PINMAP_OPERATION_H

#include "../range/sequence.h"

enum operation_kind {
	OPERATION_PIN,		/* (first page, pages) */
	OPERATION_UNPIN,	/* (first page, pages) */
	OPERATION_PURGE,	/* (first page, pages), also pinned ones */
	OPERATION_ABANDON,	/* (first page, pages): claimed, no more */
	OPERATION_REFUSE,	/* (first page, pages): the punch failed */
	OPERATION_DIE,		/* (first page, pages): after the commit */
	OPERATION_GIVE_UP,	/* (first page, pages): a pin that would wait */
	OPERATION_RENEW,	/* (first page, pages) */
	OPERATION_ASK,		/* (first page, pages): status and settle */
	OPERATION_TIDY,		/* () */
	OPERATION_KINDS,
};

#endif /* ASHMEM_TESTS_PINMAP_OPERATION_H */
