/* SPDX-License-Identifier: MIT */
/* Makes the life sign of this process; lib/lifesign.h says what it is. */
#ifndef ASHMEM_DAEMON_SIGN_H
#define ASHMEM_DAEMON_SIGN_H

/**
 * sign_make - makes the one life sign of this process
 *
 * Only in the main thread: it is its end that the sign tells. Returns a
 * descriptor that can only be read, or -1 with errno set.
 */
int sign_make(void);

#endif /* ASHMEM_DAEMON_SIGN_H */
