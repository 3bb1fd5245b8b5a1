/* SPDX-License-Identifier: MIT */
/*
 * One step of a random test of pin state.
 *
 * An operation means something whatever came before it, so that any part of a
 * sequence is a sequence: those that work on a range name a page of it, and do
 * nothing if that page is in no range.
 */
#ifndef ASHMEM_TESTS_RANGE_OPERATION_H
#define ASHMEM_TESTS_RANGE_OPERATION_H

#include "sequence.h"

enum operation_kind {
	OPERATION_PIN,		/* (first page, pages) */
	OPERATION_UNPIN,	/* (first page, pages) */
	OPERATION_PURGE,	/* (first page, pages), in one range */
	OPERATION_RECLAIM,	/* (after the cursor?, most pages) */
	OPERATION_TOUCH,	/* (page) */
	OPERATION_UNTOUCH,	/* (page) */
	OPERATION_CURSOR,	/* (on?): on by a range, or to the start */
	OPERATION_CLEAR,	/* () */
	OPERATION_KINDS,
};

#endif /* ASHMEM_TESTS_RANGE_OPERATION_H */
