/* SPDX-License-Identifier: MIT */
/* sendmsg(2) and recvmsg(2) as the library has them in this program: they can be
 * made to do less than they could, which the kernel seldom does. */
#ifndef ASHMEM_TESTS_HANDOVER_CALLS_H
#define ASHMEM_TESTS_HANDOVER_CALLS_H

#include <stddef.h>

/**
 * struct calls - what they do from now on; all zeros for what the kernel does
 * @most:      bytes at once; 0 for all
 * @interrupt: how many fail with EINTR first
 * @sent:      counts those that were let through to sendmsg(2)
 * @received:  and to recvmsg(2)
 * @flags:     of the last recvmsg(2)
 * @full:      a descriptor that is written to when a socket was full; 0 for none
 * @arrive:    is called, once, when recvmsg(2) is about to look
 */
extern struct calls {
	size_t most;
	unsigned int interrupt;
	unsigned int sent;
	unsigned int received;
	int flags;
	int full;
	void (*arrive)(void);
} calls;

#endif /* ASHMEM_TESTS_HANDOVER_CALLS_H */
