/* SPDX-License-Identifier: MIT */
/* What stands on ashmemd's command line. */
#ifndef ASHMEM_DAEMON_OPTIONS_H
#define ASHMEM_DAEMON_OPTIONS_H

#include <stdbool.h>

/**
 * struct options - what the user wants
 * @machine: to serve all users
 * @socket:  to listen there; NULL for the usual place
 * @config:  the settings' file; NULL for the usual one
 * @metrics: where to serve them, NULL for nowhere
 * @verbose: to be told more
 */
struct options {
	bool machine;
	const char *socket;
	const char *config;
	const char *metrics;
	bool verbose;
};

/**
 * options_parse - reads the command line
 *
 * Returns -1 to go on, or a status to exit with at once: after --help and
 * --version, and after a line that says what is wrong.
 */
int options_parse(struct options *options, int count, char **arguments);

#endif /* ASHMEM_DAEMON_OPTIONS_H */
