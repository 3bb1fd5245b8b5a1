/* SPDX-License-Identifier: MIT */
/*
 * A service that does what it is told, for the tests to call; and what calls it.
 *
 * It has an area of TESTER_BYTES, whose first byte is its letter, or none.
 */
#ifndef ASHMEM_TESTS_BINDER_TESTER_H
#define ASHMEM_TESTS_BINDER_TESTER_H

#include <ashmem_binder.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "peer.h"

#define TESTER_PAGES	4
#define TESTER_BYTES	((size_t)sysconf(_SC_PAGESIZE) * TESTER_PAGES)

enum tester_code {
	TESTER_ECHO = 1,	/* the same bytes and region */
	TESTER_GIVE,		/* the area */
	TESTER_GIVE_READ_ONLY,
	TESTER_TAKE,		/* makes the request's region the area */
	TESTER_LETTER,		/* the area's first byte */
	TESTER_WRITE,		/* makes the byte of the request that one */
	TESTER_UNPIN,		/* the area */
	TESTER_PIN,		/* answers what the pin did */
	TESTER_SAY_NOTHING,	/* does not answer, and returns 0 */
	TESTER_REFUSE,		/* returns the number of the request */
	TESTER_ANSWER_TWICE,	/* ends if the second is not refused */
	TESTER_ANSWER_TOO_LONG,	/* the errno that this has */
	TESTER_WAIT,		/* says a word on the channel, waits for one */
	TESTER_WAIT_AND_GIVE,	/* then the area */
	TESTER_DIE,		/* by SIGKILL */
	TESTER_CALL,		/* calls struct tester_call; answers its errno */
	TESTER_SERVE,		/* from within the handler: the errno */
	TESTER_PUBLISH,		/* likewise */
	TESTER_DESCRIPTORS,	/* how many the process has */
	TESTER_LIMIT,		/* and may have; the number of the request */
	TESTER_UID,		/* of the caller */
	TESTER_PID,
};

/**
 * struct tester_call - that a tester is to call another
 * @name:    of the other
 * @code:    to call it with
 * @timeout: for that call
 */
struct tester_call {
	char name[32];
	uint32_t code;
	int timeout;
};

/**
 * struct tester - one that is started
 * @device:  NULL for /dev/binder
 * @name:    to publish it as, or NULL
 * @manager: it is the manager as well
 * @letter:  of its area; 0 for none
 * @threads: beside its main one that serve
 * @forks:   it has a child that does nothing
 */
struct tester {
	const char *device;
	const char *name;
	bool manager;
	char letter;
	int threads;
	bool forks;
};

struct peer tester_start(const struct tester *tester);

/* Opens and finds; ends the program if that fails. */
struct ashmem_binder *tester_open(const char *device);
struct ashmem_binder_service *tester_find(struct ashmem_binder *binder,
					  const char *name);

/* Calls without anything beside the code. Returns 0, or an errno. */
int tester_call(struct ashmem_binder_service *service, enum tester_code code);

/* Calls likewise, for the number that it answers; -1 if there is none. */
int64_t tester_ask(struct ashmem_binder_service *service,
		   enum tester_code code);

/* Calls with a message, for a number. */
int64_t tester_ask_with(struct ashmem_binder_service *service,
			const struct ashmem_binder_message *request);

/* Calls, and is given a region; NULL if there was none. */
struct ashmem_region *tester_get(struct ashmem_binder_service *service,
				 enum tester_code code);

/* Does it answer, and rightly? */
bool tester_is_well(struct ashmem_binder_service *service);

/* How many descriptors this process has. */
int tester_descriptors(void);

#endif /* ASHMEM_TESTS_BINDER_TESTER_H */
