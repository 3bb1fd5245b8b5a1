/* SPDX-License-Identifier: MIT */
/*
 * Asks whether memory can be read or written, without a signal if it cannot:
 * the kernel copies the byte.
 */
#ifndef ASHMEM_TESTS_CONFORMANCE_ACCESS_H
#define ASHMEM_TESTS_CONFORMANCE_ACCESS_H

#include <stdbool.h>

bool can_read(const void *at);
bool can_write(void *at, char byte);

#endif /* ASHMEM_TESTS_CONFORMANCE_ACCESS_H */
