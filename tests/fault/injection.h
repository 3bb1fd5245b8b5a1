/* SPDX-License-Identifier: MIT */
/*
 * Making the kernel run out of memory at a chosen point: the Nth allocation
 * that this thread causes from now on fails, and only that one. Needs a kernel
 * with CONFIG_FAULT_INJECTION (Documentation/fault-injection).
 */
#ifndef ASHMEM_TESTS_FAULT_INJECTION_H
#define ASHMEM_TESTS_FAULT_INJECTION_H

#include <stdbool.h>

/*
 * Lets every kind of allocation fail that the debug kernel can make fail.
 * Returns false, with errno, if this kernel cannot.
 */
bool injection_prepare(void);

/* The Nth allocation from now on fails, counted from 1. */
void injection_arm(unsigned int nth);

/* No allocation fails any more. Returns true if one did. */
bool injection_disarm(void);

/* How many allocations there were since it was armed; none has failed. */
unsigned int injection_count(unsigned int nth);

#endif /* ASHMEM_TESTS_FAULT_INJECTION_H */
