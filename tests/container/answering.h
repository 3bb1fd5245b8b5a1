/* SPDX-License-Identifier: MIT */
/*
 * A kernel that answers for memfds as for areas, as those do that are made for
 * Android. A stock one does not, so it is played.
 */
#ifndef ASHMEM_TESTS_CONTAINER_ANSWERING_H
#define ASHMEM_TESTS_CONTAINER_ANSWERING_H

#include <stdbool.h>

/* Runs something in a child, to whose main thread ASHMEM_GET_SIZE tells the
 * size of a memfd too. Returns whether it succeeded there. */
bool answering_run(bool (*run)(void));

#endif /* ASHMEM_TESTS_CONTAINER_ANSWERING_H */
