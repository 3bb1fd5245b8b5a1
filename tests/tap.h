/* SPDX-License-Identifier: MIT */
/*
 * The Test Anything Protocol for programs that run in a bare virtual machine,
 * statically linked, with nothing but a kernel below them.
 */
#ifndef ASHMEM_TESTS_TAP_H
#define ASHMEM_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* Weak, so that all files of a program that include this count together. */
__attribute__((weak)) unsigned int tap_count;
__attribute__((weak)) unsigned int tap_failed;

/* One line of the report: "ok 3 - NAME", or "not ok 3 - NAME". */
__attribute__((format(printf, 2, 3), unused))
static bool tap_ok(bool passed, const char *name, ...)
{
	va_list args;

	tap_count++;
	if (!passed)
		tap_failed++;
	printf("%sok %u - ", passed ? "" : "not ", tap_count);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return passed;
}

/* A test that cannot run here; @reason says why. */
__attribute__((unused))
static void tap_skip(const char *name, const char *reason)
{
	printf("ok %u - %s # SKIP %s\n", ++tap_count, name, reason);
	fflush(stdout);
}

/* A remark: a number, or why the test above failed. */
__attribute__((format(printf, 1, 2), unused))
static void tap_note(const char *format, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* Ends the report; returns the exit code of main(). */
__attribute__((unused))
static int tap_done(void)
{
	printf("1..%u\n", tap_count);
	fflush(stdout);
	return tap_failed || !tap_count;
}

#endif /* ASHMEM_TESTS_TAP_H */
