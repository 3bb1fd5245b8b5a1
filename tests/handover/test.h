/* SPDX-License-Identifier: MIT */
/*
 * What a test is. Each runs in a process of its own, which has to have as many
 * descriptors afterwards as before.
 */
#ifndef ASHMEM_TESTS_HANDOVER_TEST_H
#define ASHMEM_TESTS_HANDOVER_TEST_H

#include <ashmem.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "../tap.h"

/* What a test needs; it is skipped without. */
enum need {
	ANY		= 0,
	DEVICE		= 1,
	PORTABLE	= 2,
	ROOT		= 4,
};

/**
 * struct test - one line of what is promised
 * @name:  the thing, and what holds of it
 * @run:   returns whether it holds
 * @needs: of enum need
 */
struct test {
	const char *name;
	bool (*run)(void);
	int needs;
};

struct test_group {
	const struct test *tests;
	size_t count;
};

#define TEST_GROUP(tests) { tests, sizeof(tests) / sizeof((tests)[0]) }

extern const struct test_group socket_tests, refusal_tests, read_only_tests;
extern const struct test_group inheritance_tests, pinning_tests;
extern const struct test_group memory_file_tests, fuzz_tests;

/* The process of ashmemd; 0 on the device. */
extern pid_t daemon_pid;

/* Ends the test if something does not hold, and says what. */
#define must(condition) do {						\
	errno = 0;							\
	if (!(condition)) {						\
		tap_note("%s:%d: %s: %s", __FILE__, __LINE__,		\
			 #condition, strerror(errno));			\
		return false;						\
	}								\
} while (0)

/* The same of a call that has to fail with this number of errno. */
#define must_fail(call, error) do {					\
	int must_result, must_errno;					\
									\
	errno = 0;							\
	must_result = (call);						\
	must_errno = errno;						\
	if (must_result != -1 || must_errno != (error)) {		\
		tap_note("%s:%d: %s: %d, %s", __FILE__, __LINE__,	\
			 #call, must_result, strerror(must_errno));	\
		return false;						\
	}								\
} while (0)

/* The machine's. */
#define PAGE		((unsigned int)sysconf(_SC_PAGESIZE))
#define PAGES		8u
#define REGION_BYTES	(PAGES * PAGE)
#define REGION_NAME	"handed over"

/* Whether the device serves the regions of this run. */
bool on_device(void);

/* A region of REGION_BYTES, mapped and filled with 'a'; NULL, and a note, if
 * there is none. @at may be NULL. */
struct ashmem_region *region_make(char **at);

/* Maps all of a region; NULL if that fails. */
char *region_map(struct ashmem_region *region, int prot);

/* Takes write from the mask on the device, where nothing else makes a region
 * read-only; true if that is done or not needed. */
bool region_ready_to_read(struct ashmem_region *region);

/* Does every byte of these pages have this value? */
bool is_filled(const char *at, size_t first, size_t end, char value);

/* Breaks this process's connection to ashmemd; false if it has none. */
bool hang_up(void);

/* As fork(2), into a process that ends at the test's limit at the latest. */
pid_t fork_limited(void);

/* Runs it in a forked process, as @user; returns what it does. */
#define SAME_USER	0
#define OTHER_USER	65531
bool in_child(int user, bool (*run)(void *context), void *context);

#endif /* ASHMEM_TESTS_HANDOVER_TEST_H */
