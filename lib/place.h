/* SPDX-License-Identifier: MIT */
/*
 * Where ashmemd listens: the same answers for ashmemd itself and for those who
 * look for it.
 *
 * The machine's own service is at /run/ashmemd. A user's is in
 * $XDG_RUNTIME_DIR/ashmemd, else in /run/user/UID/ashmemd, else in
 * /tmp/ashmemd-UID: a directory that is the user's, and nobody else can enter.
 */
#ifndef ASHMEM_LIB_PLACE_H
#define ASHMEM_LIB_PLACE_H

#include <stdbool.h>

#define PLACE_MAX		108	/* of an address of a Unix socket */

/**
 * struct place - the files of one ashmemd
 * @directory: they are in
 * @socket:    where it listens
 * @lock:      flock()ed by who makes or removes the socket
 * @log:       what it says when a library started it
 */
struct place {
	char directory[PLACE_MAX];
	char socket[PLACE_MAX];
	char lock[PLACE_MAX];
	char log[PLACE_MAX];
};

/* The machine's. Always returns 0. */
int place_of_machine(struct place *place);

/* The effective user's. Returns 0, or -1 with errno ENAMETOOLONG. Nothing is
 * made, but it is at a directory that is there. */
int place_of_user(struct place *place);

/* That whose socket is @socket. Returns 0, or -1 with errno ENAMETOOLONG. */
int place_of_socket(struct place *place, const char *socket);

/**
 * place_make - makes the directory, or checks the one that is there
 *
 * Returns 0, or -1 with errno: EPERM if it belongs to another user or others
 * may enter it, ENOTDIR, or as mkdir(2).
 */
int place_make(const struct place *place);

#endif /* ASHMEM_LIB_PLACE_H */
