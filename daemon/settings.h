/* SPDX-License-Identifier: MIT */
/*
 * What can be set about ashmemd: defaults, and what a file says instead.
 * packaging/ashmemd.conf explains each setting to its users.
 */
#ifndef ASHMEM_DAEMON_SETTINGS_H
#define ASHMEM_DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct settings_amount - memory, as bytes or as a part of a limit
 * @bytes:   if it is not 0
 * @percent: of the limit in question, if @bytes is 0; from 0 to 100
 */
struct settings_amount {
	uint64_t bytes;
	double percent;
};

/**
 * struct settings - all of them
 * @keep_available:       what is kept free below each limit
 * @step_bytes:           the most that is purged before the next look
 * @most_per_second:      the most that is purged in a second, in bytes; 0 for no
 *                        limit
 * @connections_per_user: processes of one user, at the same time
 * @regions_per_process:  that one process is attached to
 * @regions:              of all processes
 * @pages_per_process:    of all regions that one process is attached to
 * @idle_exit_seconds:    without a connection; 0 never to exit
 */
struct settings {
	struct settings_amount keep_available;
	uint64_t step_bytes;
	uint64_t most_per_second;
	uint32_t connections_per_user;
	uint32_t regions_per_process;
	uint32_t regions;
	uint64_t pages_per_process;
	uint32_t idle_exit_seconds;
};

/* Fills in the defaults. */
void settings_default(struct settings *settings);

/**
 * settings_read - reads a file over what @settings has
 * @path:     of the file
 * @required: whether it has to exist
 *
 * Returns 0, or -1 after it has logged one line that names file and line, and
 * what to do; then @settings is as it was.
 */
int settings_read(struct settings *settings, const char *path, bool required);

#endif /* ASHMEM_DAEMON_SETTINGS_H */
