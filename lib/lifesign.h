/* SPDX-License-Identifier: MIT */
/*
 * The life sign of ashmemd: one word that the kernel changes when ashmemd ends,
 * also by SIGKILL. It lies in a memfd that ashmemd writes, and that everybody
 * else maps read-only.
 *
 * The word is a robust futex (get_robust_list(2)): as long as ashmemd lives, it
 * is the number of its thread; when that has ended, the kernel has set
 * FUTEX_OWNER_DIED in it. So a process sees with one load that it has to look
 * for a new ashmemd, and needs no system call to see that it need not.
 */
#ifndef ASHMEM_LIB_LIFESIGN_H
#define ASHMEM_LIB_LIFESIGN_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct lifesign - what is mapped
 * @owner: the futex
 */
struct lifesign {
	_Atomic uint32_t owner;
};

static inline bool lifesign_is_alive(const struct lifesign *sign)
{
	return !(atomic_load(&sign->owner) & FUTEX_OWNER_DIED);
}

#endif /* ASHMEM_LIB_LIFESIGN_H */
