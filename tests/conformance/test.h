/* SPDX-License-Identifier: MIT */
/*
 * What a test is, and how its body says what does not hold.
 *
 * A body runs in a process of its own. It ends by returning (the line of the
 * contract holds), by test_fail() or by test_skip(), in whichever process that
 * it has started; whatever it leaves behind is killed and closed after it.
 */
#ifndef ASHMEM_TESTS_CONFORMANCE_TEST_H
#define ASHMEM_TESTS_CONFORMANCE_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL if the machine or the engine has what a test needs, else why not. */
typedef const char *need_fn(void);

/**
 * struct test - one line of the contract
 * @name:  the section, the thing, and what holds of it
 * @body:  tries it; NULL while no engine has what it needs
 * @needs: must all be there, or the test is skipped
 */
struct test {
	const char *name;
	void (*body)(void);
	need_fn *needs[3];
};

/* The lines of a file, as main.c finds them. */
struct test_group {
	const struct test *tests;
	size_t count;
};

#define TEST_GROUP(tests) { tests, sizeof(tests) / sizeof((tests)[0]) }

extern const struct test_group abi_tests, fdinfo_tests, file_tests;
extern const struct test_group alone_tests, hold_tests;
extern const struct test_group life_tests, mapping_tests, model_tests;
extern const struct test_group order_tests, permission_tests, pin64_tests;
extern const struct test_group pinning_tests, pointer_tests, purge_tests;
extern const struct test_group race_tests, reclaim_tests, refused_tests;
extern const struct test_group upgrade_tests;

/* The size of a page, in bytes. */
extern size_t page;

/* What random numbers start from; printed, and set by --seed. */
extern uint64_t seed;

__attribute__((noreturn, format(printf, 3, 4)))
void test_fail(const char *file, int line, const char *format, ...);
__attribute__((noreturn))
void test_skip(const char *reason);

void must_hold(const char *file, int line, const char *condition, bool holds);
void must_equal(const char *file, int line, const char *expression,
		long long seen, long long wanted);

#define must(condition) \
	must_hold(__FILE__, __LINE__, #condition, (condition))

/* Of numbers, and of results where an error is its negative number. */
#define must_be(expression, wanted) \
	must_equal(__FILE__, __LINE__, #expression, (expression), (wanted))

/* What a system call returned, or its error as a negative number. */
static inline long long or_errno(long long result)
{
	return result == -1 ? -errno : result;
}

#endif /* ASHMEM_TESTS_CONFORMANCE_TEST_H */
