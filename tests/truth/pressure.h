/* SPDX-License-Identifier: MIT */
/* The two ways in which pages come to be purged. */
#ifndef ASHMEM_TESTS_TRUTH_PRESSURE_H
#define ASHMEM_TESTS_TRUTH_PRESSURE_H

#include <stddef.h>

#include "ledger.h"

__attribute__((noreturn))
void pressure_purge(struct ledger *ledger, int fd, int signals);

const char *pressure_enter(void);
void pressure_leave(void);
long pressure_kills(void);
__attribute__((noreturn))
void pressure_allocate(struct ledger *ledger, int signals, int begin,
		       size_t bytes, unsigned int workers);

#endif /* ASHMEM_TESTS_TRUTH_PRESSURE_H */
