/* SPDX-License-Identifier: MIT */
/*
 * What ashmemd says: one line a message, to standard error, with the prefixes
 * of sd-daemon(3) if that is the journal.
 */
#ifndef ASHMEM_DAEMON_LOG_H
#define ASHMEM_DAEMON_LOG_H

#include <stdbool.h>

/* Until this is called, all but debug messages are shown. */
void log_start(bool verbose);

/* Something was asked for and could not be done. */
__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);

/* It goes on, and somebody should know. */
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);

/* What it did, and why. */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);

/* Only with --verbose. */
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);

#endif /* ASHMEM_DAEMON_LOG_H */
