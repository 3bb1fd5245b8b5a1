/* SPDX-License-Identifier: MIT */
/* Who kills ashmemd, whatever it is doing. */
#ifndef ASHMEM_TESTS_TRUTH_KILLER_H
#define ASHMEM_TESTS_TRUTH_KILLER_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

/**
 * killer_run - kill the test's ashmemd, again and again
 * @ledger:  the ledger
 * @signals: when to
 * @random:  the state of random choices
 *
 * Ends the process when nobody can tell it any more.
 */
__attribute__((noreturn))
void killer_run(struct ledger *ledger, int signals, uint64_t random);

/**
 * killer_find - the test's ashmemd
 *
 * Return: its process number, or 0 if there is none.
 */
int killer_find(void);

/**
 * killer_await_end - wait for the test's ashmemd to end, as nobody needs it
 *
 * Return: false if it did not within a minute.
 */
bool killer_await_end(void);

/**
 * killer_count_left - descriptors of memory of the test, in any process
 *
 * Of regions, of pin maps and of what else ashmemd and libashmem make.
 */
unsigned int killer_count_left(void);

#endif /* ASHMEM_TESTS_TRUTH_KILLER_H */
