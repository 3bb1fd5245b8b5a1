/* SPDX-License-Identifier: MIT */
#ifndef ASHMEM_TESTS_HANDOVER_INHERITANCE_H
#define ASHMEM_TESTS_HANDOVER_INHERITANCE_H

/* The first argument of this program when a test executes it anew; the second
 * is the number of the descriptor that it has inherited. */
#define HEIR	"heir"

/* Returns the exit status. */
int inherit(const char *number);

#endif /* ASHMEM_TESTS_HANDOVER_INHERITANCE_H */
