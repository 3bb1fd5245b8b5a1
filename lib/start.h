/* SPDX-License-Identifier: MIT */
/* Starting ashmemd on demand. */
#ifndef ASHMEM_LIB_START_H
#define ASHMEM_LIB_START_H

/**
 * start_ashmemd - starts ashmemd as a process of its own
 * @listener: a listening socket, which it is to serve; stays the caller's
 * @log:      a descriptor for its messages; stays the caller's
 *
 * It is told of the socket in the way of systemd's socket activation. The
 * caller's signals, children and descriptors are left alone: it is a child of
 * init, no SIGCHLD is raised, and it has none of the caller's descriptors. Where
 * the caller is init itself, or has made itself the subreaper of what its
 * children leave behind (prctl(2)), it inherits ashmemd, as it does any orphan.
 *
 * The program is that which $ASHMEMD names, unless the caller is privileged by
 * its file, else the one that was installed with the library.
 *
 * Returns 0 once it runs, or -1 with errno set to why it could not be started.
 */
int start_ashmemd(int listener, int log);

#endif /* ASHMEM_LIB_START_H */
