// SPDX-License-Identifier: MIT
/* What the engines of tests/conformance need to be so: else the test ends. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "truth: %s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(2);
}

void must_hold(const char *file, int line, const char *condition, bool holds)
{
	if (!holds)
		test_fail(file, line, "not so: %s (last error: %s)", condition,
			  strerror(errno));
}

void must_equal(const char *file, int line, const char *expression,
		long long seen, long long wanted)
{
	if (seen != wanted)
		test_fail(file, line, "%s is %lld, and should be %lld",
			  expression, seen, wanted);
}
