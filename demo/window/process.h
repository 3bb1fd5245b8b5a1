/* SPDX-License-Identifier: MIT */
/* The processes of the demo: this program again, in another part, or another
 * program. Each has a socket, and ends at the latest when its starter does. */
#ifndef DEMO_WINDOW_PROCESS_H
#define DEMO_WINDOW_PROCESS_H

#include <sys/types.h>

/**
 * process_start - starts a process
 * @socket: is given the starter's end of its socket, closed on exec
 * @cgroup: where its memory is charged; NULL for the starter's
 * @argv:   the program, "/proc/self/exe" for this one, and its arguments; the
 *          first that is NULL is replaced by the number of its socket, and
 *          another NULL ends them
 *
 * Returns its number, or -1 with errno. If the program cannot be run, the
 * process says so on standard error, and ends.
 */
pid_t process_start(int *socket, const char *cgroup, const char **argv);

#endif /* DEMO_WINDOW_PROCESS_H */
