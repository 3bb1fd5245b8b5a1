// SPDX-License-Identifier: MIT
/*
 * ashmem: shows and handles regions of shared memory whose pages can be given
 * back. One verb a file; here the one that is meant is found.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "verb.h"

/* In the order in which they are shown. */
static const struct verb *const verbs[] = {
	&verb_ls, &verb_top, &verb_map, &verb_create, &verb_run, &verb_cat,
	&verb_put, &verb_pin, &verb_unpin, &verb_purge, &verb_watch,
	&verb_doctor,
};

#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

static void show_help(void)
{
	puts("usage: ashmem VERB [OPTION...] [OPERAND...]\n"
	     "Shows and handles anonymous shared memory whose pages can be "
	     "purged.\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-8s %s\n", verbs[i]->name, verbs[i]->summary);
	puts("\n`ashmem VERB --help' tells more, and ashmem(1) all.\n"
	     "  -h, --help     this\n"
	     "  -V, --version  the version");
}

static const struct verb *find(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

static bool is_help(const char *argument)
{
	return !strcmp(argument, "-h") || !strcmp(argument, "--help");
}

/* Where standard input, output or error is closed, its number must not become
 * something else's: what is printed would go there. What takes its place can be
 * neither read nor written (EBADF), and goes when this becomes a program. */
static bool keep_places(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/", O_PATH | O_CLOEXEC) != fd)
			return false;
	return true;
}

int main(int count, char **arguments)
{
	const struct verb *verb;

	if (!keep_places())
		return STATUS_FAILED;
	setlocale(LC_ALL, "");
	if (count < 2)
		return misused("what is to be done?");
	if (is_help(arguments[1])) {
		show_help();
		return printed(STATUS_DONE);
	}
	if (!strcmp(arguments[1], "-V") || !strcmp(arguments[1], "--version")) {
		puts("ashmem " ASHMEM_VERSION);
		return printed(STATUS_DONE);
	}
	verb = find(arguments[1]);
	if (!verb)
		return misused("there is no verb `%s'", arguments[1]);
	verb_begin(verb);
	return verb->run(count - 1, arguments + 1);
}
