// SPDX-License-Identifier: MIT
#include "verb.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct verb *current;

static void say(const char *format, va_list arguments)
{
	/* What was printed before comes first where both are one. */
	fflush(stdout);
	fputs("ashmem", stderr);
	if (current)
		fprintf(stderr, " %s", current->name);
	fputs(": ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void verb_begin(const struct verb *verb)
{
	current = verb;
}

void complain(const char *format, ...)
{
	int error = errno;
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	errno = error;
}

int misused(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	fprintf(stderr, "Try `ashmem %s%s--help'.\n", current ? current->name : "",
		current ? " " : "");
	return STATUS_USAGE;
}

int status_of(int error)
{
	if (error == EACCES || error == EPERM)
		return STATUS_DENIED;
	if (error == ENOENT || error == ESRCH)
		return STATUS_ABSENT;
	if (error == ENOTSUP)
		return STATUS_UNSUPPORTED;
	return STATUS_FAILED;
}

int printed(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	complain("standard output: %s", strerror(errno));
	return STATUS_FAILED;
}

bool parse_bytes(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	unsigned int shift = 0;
	uint64_t number;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno)
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		shift = 10 * (unit - units + 1);
		end++;
	}
	if (*end || number > UINT64_MAX >> shift)
		return false;
	*bytes = number << shift;
	return true;
}

static void show_help(void)
{
	printf("usage: ashmem %s %s\n%c%s.\n\n%s"
	       "  -h, --help           this\n",
	       current->name, current->operands,
	       current->summary[0] - 'a' + 'A', current->summary + 1,
	       current->help);
}

int next_option(int count, char **arguments, const char *letters,
		const struct option *options)
{
	const char *argument;
	int option;

	opterr = 0;
	option = getopt_long(count, arguments, letters, options, NULL);
	if (option != '?')
		return option;
	argument = arguments[optind - 1];
	if (optopt == 'h' || (!optopt && !strcmp(argument, "--help"))) {
		show_help();
		exit(printed(STATUS_DONE));
	}
	if (!optopt)
		misused("there is no option %s", argument);
	else if (!strchr(letters, optopt))
		misused("there is no option -%c", optopt);
	else if (strchr(argument, '='))
		misused("%s: it takes no value", argument);
	else
		misused("%s needs a value", argument);
	return '?';
}
