/* SPDX-License-Identifier: MIT */
/* An ashmemd that is tested: a process of its own, in a directory of its own. */
#ifndef ASHMEM_TESTS_DAEMON_SUBJECT_H
#define ASHMEM_TESTS_DAEMON_SUBJECT_H

#include <stdbool.h>
#include <sys/types.h>

/* Milliseconds that anything may take. */
#define SUBJECT_PATIENCE	5000

/**
 * struct subject - see above
 * @pid:       of the process; 0 when it has ended
 * @directory: of its own
 * @socket:    in it
 */
struct subject {
	pid_t pid;
	char directory[64];
	char socket[80];
};

/* The program. */
extern const char *subject_program;

/* Makes the directory; ends the test if it cannot. */
void subject_prepare(struct subject *subject);

/* Removes the directory with what is in it. */
void subject_remove(struct subject *subject);

/* Starts it with these settings, NULL for the defaults, and waits until it
 * listens. Returns whether it does. */
bool subject_start(struct subject *subject, const char *settings);

/* Starts a process of the program; standard error goes to the file @log in the
 * directory. Returns its number. */
pid_t subject_run(const struct subject *subject, char *const arguments[],
		  const char *log);

/* Sends it a signal, and waits. Returns the status of waitpid(2). */
int subject_end(struct subject *subject, int signal);

/* Waits for it to end. Returns its status, or -1 if it does not. */
int subject_wait(pid_t pid);

/* How many descriptors it has. */
int subject_descriptors(const struct subject *subject);

/* Does the file @log in the directory have @text? */
bool subject_said(const struct subject *subject, const char *log,
		  const char *text);

/* Waits a millisecond. */
void subject_pause(void);

#endif /* ASHMEM_TESTS_DAEMON_SUBJECT_H */
