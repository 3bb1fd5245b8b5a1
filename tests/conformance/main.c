// SPDX-License-Identifier: MIT
/*
 * The contract (CONTRACT.md), line by line, from outside: a Test Anything
 * Protocol program that knows of an engine only what its callers can see.
 *
 *	conformance [--engine ENGINE] [--seed NUMBER] [--list | PART]
 *
 * runs all tests, or those with PART in their names; --list only names them.
 * ENGINE is device, its calls made directly, if nothing is said;
 * library-device or library-portable, by way of libashmem.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../tap.h"
#include "engine.h"
#include "runner.h"
#include "test.h"

const struct engine *engine = &device_engine;
size_t page;
uint64_t seed;

static const struct engine *const engines[] = {
	&device_engine,
#ifndef DEVICE_ONLY
	&library_device_engine,
	&library_portable_engine,
#endif
};

/* In the order of the contract's sections. */
static const struct test_group *const groups[] = {
	&life_tests, &mapping_tests, &file_tests, &fdinfo_tests,
	&pinning_tests, &hold_tests, &pin64_tests, &purge_tests, &model_tests,
	&reclaim_tests, &order_tests, &permission_tests, &upgrade_tests,
	&abi_tests, &pointer_tests, &race_tests, &alone_tests,
	&refused_tests,
};

/**
 * struct options - what the command line asks for
 * @part: only tests with this in their names
 * @list: only name them
 */
struct options {
	const char *part;
	bool list;
};

__attribute__((noreturn, format(printf, 1, 2)))
static void refuse(const char *format, ...)
{
	va_list args;

	fputs("conformance: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

static uint64_t parse_seed(const char *text)
{
	unsigned long long number;
	char *end;

	if (!text)
		refuse("--seed needs a number, as an earlier run printed it");
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9')
		refuse("--seed %s: say a number, as an earlier run printed it",
		       text);
	return number;
}

static const struct engine *parse_engine(const char *text)
{
	if (!text)
		refuse("--engine needs a name: device, library-device or library-portable");
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]);
	     i++)
		if (!strcmp(engines[i]->name, text))
			return engines[i];
	refuse("--engine %s: say device, library-device or library-portable%s",
	       text,
	       sizeof(engines) == sizeof(engines[0]) ?
	       "; the latter two are not in this build" : "");
}

static struct options parse(char **arguments)
{
	struct options options = { 0 };

	for (; *arguments; arguments++) {
		if (!strcmp(*arguments, "--list"))
			options.list = true;
		else if (!strcmp(*arguments, "--engine"))
			engine = parse_engine(*++arguments);
		else if (!strcmp(*arguments, "--seed"))
			seed = parse_seed(*++arguments);
		else if (**arguments == '-')
			refuse("%s is no option: say --list, --engine ENGINE, --seed NUMBER, or part of a test's name",
			       *arguments);
		else if (options.part)
			refuse("\"%s\" is one too many: say one part of a test's name",
			       *arguments);
		else
			options.part = *arguments;
	}
	return options;
}

static void check_engine(void)
{
	const char *missing = engine->start ? engine->start() : NULL;
	int fd;

	if (missing)
		refuse("%s", missing);
	fd = engine->open();
	if (fd < 0)
		refuse("cannot open an area of the engine %s (%s): %s",
		       engine->name, strerror(-fd), engine->advice);
	engine->close(fd);
}

/* Calls @visit with each test that is asked for; returns how many. */
static unsigned int visit(const char *part, void (*visit)(const struct test *))
{
	unsigned int count = 0;

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (size_t j = 0; j < groups[i]->count; j++) {
			const struct test *test = &groups[i]->tests[j];

			if (part && !strstr(test->name, part))
				continue;
			visit(test);
			count++;
		}
	return count;
}

static void print_name(const struct test *test)
{
	puts(test->name);
}

int main(int argc, char **argv)
{
	struct options options;
	unsigned int count;

	page = sysconf(_SC_PAGESIZE);
	if (getrandom(&seed, sizeof(seed), 0) < 0)
		refuse("getrandom: %s", strerror(errno));
	options = parse(argv + (argc > 0));
	if (!options.list) {
		check_engine();
		runner_init();
		tap_note("--seed %llu", (unsigned long long)seed);
	}
	count = visit(options.part, options.list ? print_name : runner_run);
	if (!count)
		refuse("no test has \"%s\" in its name: see --list",
		       options.part);
	return options.list ? 0 : tap_done();
}
