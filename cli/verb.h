/* SPDX-License-Identifier: MIT */
/*
 * The verbs of the tool, each in a file of its own, and how they read their
 * command line.
 */
#ifndef ASHMEM_CLI_VERB_H
#define ASHMEM_CLI_VERB_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "status.h"

/**
 * struct verb - one of them
 * @name:     what is typed
 * @operands: what follows it, for the first line of its help
 * @summary:  what it does, in a few words
 * @help:     the rest of its help: lines of at most 80 columns
 * @run:      does it; the first argument is the name. Returns an enum status
 */
struct verb {
	const char *name;
	const char *operands;
	const char *summary;
	const char *help;
	int (*run)(int count, char **arguments);
};

extern const struct verb verb_cat;
extern const struct verb verb_create;
extern const struct verb verb_doctor;
extern const struct verb verb_ls;
extern const struct verb verb_map;
extern const struct verb verb_pin;
extern const struct verb verb_purge;
extern const struct verb verb_put;
extern const struct verb verb_run;
extern const struct verb verb_top;
extern const struct verb verb_unpin;
extern const struct verb verb_watch;

/* From here on it is this one that complains and helps. */
void verb_begin(const struct verb *verb);

/* Says on standard error what is wrong, after the name of the verb. Leaves errno
 * as it is. */
__attribute__((format(printf, 1, 2)))
void complain(const char *format, ...);

/* Likewise, and where to read how it is done. Returns STATUS_USAGE. */
__attribute__((format(printf, 1, 2)))
int misused(const char *format, ...);

/* What a number of errno is to who calls the program: STATUS_DENIED for
 * permissions, STATUS_ABSENT for what is gone, else STATUS_FAILED. */
int status_of(int error);

/* Did what was printed arrive? Returns @status, or STATUS_FAILED having said
 * what is wrong. */
int printed(int status);

/* A number of bytes, with K, M, G or T for multiples by 1024. */
bool parse_bytes(const char *text, uint64_t *bytes);

/**
 * next_option - as getopt_long(3), for a verb
 *
 * Returns -1 at the end, or '?' for what there is not, which it has complained
 * about. Asked for help, it shows it and exits.
 */
int next_option(int count, char **arguments, const char *letters,
		const struct option *options);

#endif /* ASHMEM_CLI_VERB_H */
