/* SPDX-License-Identifier: MIT */
/*
 * Where ashmemd listens: a directory with a socket and a lock file in it. The
 * library and ashmemd itself find, check and make it in the same way, as either
 * can be the one that binds the socket: the library starts ashmemd with the
 * listening socket as descriptor 3, LISTEN_FDS=1 and LISTEN_PID (as
 * sd_listen_fds(3), and without LISTEN_FDNAMES, by which ashmemd knows systemd).
 *
 * Who binds, and who unlinks, has the lock (flock(2)). A socket that nobody
 * listens on is unlinked only under the lock.
 */
#ifndef ASHMEM_LIB_PLACE_H
#define ASHMEM_LIB_PLACE_H

#include <stdbool.h>
#include <sys/un.h>

#define PLACE_MACHINE	"/run/ashmemd"
#define PLACE_BACKLOG	128

/**
 * struct place - where an ashmemd listens
 * @socket:  the path
 * @machine: it serves all users, and the directory is for all to see
 * @given:   the path was given by the user, who answers for the directory
 */
struct place {
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	bool machine;
	bool given;
};

/* That of the machine's ashmemd, the first to try. */
void place_machine(struct place *place);

/* That of this user's: in $XDG_RUNTIME_DIR, else /run/user/UID if that is the
 * user's, else /tmp/ashmemd-UID. Returns 0, or -1 with errno ENAMETOOLONG. */
int place_user(struct place *place);

/* One given by its path. Returns 0, or -1 with errno ENAMETOOLONG or EINVAL. */
int place_given(struct place *place, const char *socket);

/**
 * place_check - can the directory be trusted?
 *
 * A user's has to be a real directory, the user's own, and nobody else's to
 * look into. Returns 0, or -1 with errno set: ENOENT if there is none, EPERM if
 * it is not to be trusted, ENOTDIR.
 */
int place_check(const struct place *place);

/* Makes the directory, if it is not there, and checks it. As place_check(). */
int place_make(const struct place *place);

/* Takes the lock, waiting for it. Returns a descriptor, which is closed to drop
 * the lock, or -1 with errno set. */
int place_lock(const struct place *place);

/* Connects, waiting for as long as others are before it. Returns a descriptor,
 * closed on exec, or -1 with errno set: ENOENT or ECONNREFUSED when nobody
 * listens, EPERM as place_check(). */
int place_connect(const struct place *place);

/* Likewise, and waits no longer than so many seconds, then EAGAIN. After 0, when
 * it does not wait at all, nor does the descriptor (O_NONBLOCK). */
int place_connect_within(const struct place *place, unsigned int seconds);

/**
 * place_listen - binds the socket, under the lock
 *
 * Returns a listening descriptor, closed on exec, or -1 with errno set:
 * EADDRINUSE when somebody listens already, or as place_make().
 */
int place_listen(const struct place *place);

/* Opens the file beside the socket in which an ashmemd that a library starts
 * leaves what it says; an earlier one's is gone. Returns a descriptor, closed on
 * exec, or -1 with errno set. */
int place_log(const struct place *place);

#endif /* ASHMEM_LIB_PLACE_H */
