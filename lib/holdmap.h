/* SPDX-License-Identifier: MIT */
/*
 * A hold map: how often one process holds each page of one region.
 *
 * Only that process writes it; the purger reads it. A count is all there is, so
 * that taking a hold is one atomic operation, and no second word can disagree
 * with it: 16 bits a page, four pages to an atomic word.
 *
 * Who takes a hold then asks pinmap_settle(); see pinmap.h for the rule.
 */
#ifndef ASHMEM_LIB_HOLDMAP_H
#define ASHMEM_LIB_HOLDMAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOLDMAP_WORD_PAGES	4
#define HOLDMAP_MAX_COUNT	UINT16_MAX

/* Four counts, that of the lowest page in the lowest bits. */
typedef _Atomic uint64_t holdmap_word;

/* Bytes that the hold map of a region of so many pages takes. */
size_t holdmap_bytes(uint64_t pages);

/*
 * Runs are given as page numbers [first, end), first < end.
 */

/* Takes a hold of each page. Returns false if one has HOLDMAP_MAX_COUNT of
 * them: then none was taken. */
bool holdmap_take(holdmap_word *words, uint64_t first, uint64_t end);

/* Gives back a hold of each page. Returns false if one has none: then none was
 * given back. */
bool holdmap_give(holdmap_word *words, uint64_t first, uint64_t end);

/* Is each page held at least once? */
bool holdmap_has(const holdmap_word *words, uint64_t first, uint64_t end);

/* For the purger: those of 32 pages, from page @first on, that are held.
 * @first is a multiple of 32, and the map has all of the 32. */
uint32_t holdmap_held(const holdmap_word *words, uint64_t first);

#endif /* ASHMEM_LIB_HOLDMAP_H */
