// SPDX-License-Identifier: MIT
/*
 * Holds driver/range.c against the model of pin state (CONTRACT.md, section 4
 * and its rule of exactness) with random operations.
 *
 * A failing sequence is shortened and printed. Put the printed lines into a
 * file, with or without the "# " before them, and --replay FILE runs them.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "trial.h"

#define DEFAULT_STEPS	5000000
#define DEFAULT_SEED	1

static void report_failure(const struct sequence *sequence,
			   const struct trial *trial)
{
	tap_note("%s, at the last of these %zu operations:", trial->fault,
		 sequence->length);
	sequence_print(sequence, "# ", stdout);
}

static void search(unsigned long seed, unsigned long steps)
{
	struct trial trial = trial_search(seed, steps);
	struct sequence sequence;

	tap_note("%lu steps in %lu sequences, seed %lu", trial.steps,
		 trial.sequences, seed);
	tap_ok(!trial.failed,
	       "random pin, unpin and purge are exact for each page");
	if (!trial.failed)
		return;

	sequence_generate(&sequence, seed + trial.sequences - 1);
	trial = trial_run(&sequence, true);
	if (!trial.failed) {
		tap_note("no sequence by itself fails: it leaks memory");
	} else {
		trial_shrink(&sequence, &trial);
		report_failure(&sequence, &trial);
	}
	sequence_free(&sequence);
}

static int replay(const char *path)
{
	struct sequence sequence;
	struct trial trial;
	size_t bad_line;
	FILE *in = fopen(path, "r");

	if (!in) {
		fprintf(stderr, "range: %s: %s; name a file that holds a "
			"printed sequence\n", path, strerror(errno));
		return 2;
	}
	if (!sequence_parse(&sequence, in, &bad_line)) {
		fprintf(stderr, "range: %s, line %zu: not an operation; the "
			"first line must be area(BASE, PAGES), the others as "
			"printed for it\n", path, bad_line);
		fclose(in);
		sequence_free(&sequence);
		return 2;
	}
	fclose(in);
	trial = trial_run(&sequence, false);
	sequence.length = trial.length;
	tap_ok(!trial.failed, "the sequence in %s", path);
	if (trial.failed)
		report_failure(&sequence, &trial);
	sequence_free(&sequence);
	return tap_done();
}

static unsigned long number(const char *option, const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || *end || end == text || strchr(text, '-')) {
		fprintf(stderr, "range: --%s %s: give a whole number\n",
			option, text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "replay", required_argument, NULL, 'r' },
		{ "seed",   required_argument, NULL, 'e' },
		{ "steps",  required_argument, NULL, 't' },
		{ 0 }
	};
	unsigned long seed = DEFAULT_SEED, steps = DEFAULT_STEPS;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			return replay(optarg);
		else if (option == 'e')
			seed = number("seed", optarg);
		else if (option == 't')
			steps = number("steps", optarg);
		else
			optind = argc + 1;
	}
	if (optind != argc) {
		fprintf(stderr, "usage: range [--steps N] [--seed N] "
			"[--replay FILE]\n");
		return 2;
	}
	search(seed, steps);
	return tap_done();
}
