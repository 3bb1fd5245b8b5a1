/* SPDX-License-Identifier: MIT */
/*
 * A process map: what one process shows to ashmemd, in one memfd of its own
 * that it makes and sends when it says hello.
 *
 *   header      has ashmemd given this process up?
 *   slots       one for each region that the process is attached to: since when
 *               it may have unpinned pages there
 *   hold maps   for each region, lib/holdmap.h, where the process wants it
 *
 * The process decides which slot and which hold map belong to a region, and
 * says so when it attaches. The file is sealed against resizing, so that
 * nobody who maps it can be made to fault. ashmemd believes nothing of it that
 * could harm others than the process itself.
 */
#ifndef ASHMEM_LIB_PROCMAP_H
#define ASHMEM_LIB_PROCMAP_H

#include <stdatomic.h>
#include <stdint.h>

#define PROCMAP_MIN_BYTES	(UINT64_C(2) << 20)
#define PROCMAP_MAX_BYTES	(UINT64_C(1) << 30)

/* What a process makes; sparse. */
#if UINTPTR_MAX > UINT32_MAX
#define PROCMAP_BYTES		(UINT64_C(256) << 20)
#else
#define PROCMAP_BYTES		(UINT64_C(64) << 20)
#endif

#define PROCMAP_SLOTS		65536

/* In a slot: ashmemd has ended the attachment. */
#define PROCMAP_ENDED		UINT64_MAX

/* A hold map begins at a multiple of this. */
#define PROCMAP_ALIGN		64

/**
 * struct procmap - the beginning of a process map
 * @dropped: ashmemd has let go of this process; what it holds no longer counts
 * @slots:   when the process first unpinned something there since ashmemd last
 *           looked, in nanoseconds; 0 if it has not
 *
 * Who unpins writes the pin map first and then looks at its slot, and sets it
 * if it is 0. ashmemd first takes the slot, leaving 0, and then looks at the
 * pin map. So none is missed, and most unpins only read the slot.
 *
 * When ashmemd ends an attachment by itself it leaves PROCMAP_ENDED in the slot:
 * the process has to attach again, and none of its holds there count any more.
 */
struct procmap {
	_Atomic uint32_t dropped;
	uint8_t reserved[4092];
	_Atomic uint64_t slots[PROCMAP_SLOTS];
};

#endif /* ASHMEM_LIB_PROCMAP_H */
