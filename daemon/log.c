// SPDX-License-Identifier: MIT
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

static bool verbose;
static bool journal;

void log_start(bool is_verbose)
{
	verbose = is_verbose;
	journal = getenv("JOURNAL_STREAM");
}

/* Leaves errno alone, so that %m can be used before and after. */
static void say(const char *level, const char *format, va_list arguments)
{
	int error = errno;

	flockfile(stderr);
	fputs(journal ? level : "ashmemd: ", stderr);
	errno = error;
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	funlockfile(stderr);
	errno = error;
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(SD_ERR, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(SD_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(SD_INFO, format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	if (!verbose)
		return;
	va_start(arguments, format);
	say(SD_DEBUG, format, arguments);
	va_end(arguments);
}
