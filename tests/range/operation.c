// SPDX-License-Identifier: MIT
/*
 * Operations are drawn so that the interesting happens often: runs are mostly
 * short, areas mostly small, and purging is more often done as reclaim does
 * it, oldest first and from the front, than anywhere.
 */
#include "operation.h"

#include <stdlib.h>
#include <string.h>

#include "random.h"

#define AREA_PAGES_MAX	200
#define LENGTH_MIN	50
#define LENGTH_MAX	500

/* How often each kind is drawn, out of the sum of all, and what it takes. */
static const struct {
	const char *name;
	unsigned int weight;
	unsigned int arguments;
} kinds[OPERATION_KINDS] = {
	[OPERATION_PIN]     = { "pin",     30, 2 },
	[OPERATION_UNPIN]   = { "unpin",   40, 2 },
	[OPERATION_PURGE]   = { "purge",   20, 2 },
	[OPERATION_RECLAIM] = { "reclaim", 30, 2 },
	[OPERATION_TOUCH]   = { "touch",   15, 2 },
	[OPERATION_UNTOUCH] = { "untouch",  5, 1 },
	[OPERATION_CURSOR]  = { "cursor",  10, 1 },
	[OPERATION_CLEAR]   = { "clear",    1, 0 },
};

static enum operation_kind draw_kind(uint64_t *random)
{
	unsigned int sum = 0;
	unsigned long drawn;
	int kind;

	for (kind = 0; kind < OPERATION_KINDS; kind++)
		sum += kinds[kind].weight;
	drawn = random_below(random, sum);
	for (kind = 0; drawn >= kinds[kind].weight; kind++)
		drawn -= kinds[kind].weight;
	return kind;
}

/* Sizes up to @limit: one in four of any size, the others small. */
static unsigned long draw_size(uint64_t *random, unsigned long limit)
{
	if (limit > 8 && random_below(random, 4))
		limit = 8;
	return 1 + random_below(random, limit);
}

static struct operation draw_operation(uint64_t *random, unsigned long pages)
{
	unsigned long page = random_below(random, pages);
	struct operation operation = { draw_kind(random), { page, 0 } };

	switch (operation.kind) {
	case OPERATION_PIN:
	case OPERATION_UNPIN:
	case OPERATION_PURGE:
	case OPERATION_TOUCH:
		operation.argument[1] = draw_size(random, pages - page);
		break;
	case OPERATION_RECLAIM:
		operation.argument[0] = random_below(random, 2);
		operation.argument[1] = draw_size(random, pages);
		break;
	case OPERATION_CURSOR:
		operation.argument[0] = random_below(random, 4) != 0;
		break;
	default:
		break;
	}
	return operation;
}

/* Page numbers from 0, past 32 bits, or up to the last that bytes can name. */
static unsigned long draw_base(uint64_t *random, unsigned long pages)
{
	switch (random_below(random, 4)) {
	case 0:
		return (1ul << 32) - pages / 2;
	case 1:
		return UINT64_MAX / 4096 - pages;
	default:
		return 0;
	}
}

/**
 * sequence_generate - make a random sequence
 * @sequence: filled in; to be freed with sequence_free()
 * @seed:     the same seed gives the same sequence
 */
void sequence_generate(struct sequence *sequence, uint64_t seed)
{
	uint64_t random = random_mix(seed);

	sequence->pages = draw_size(&random, AREA_PAGES_MAX);
	if (random_below(&random, 2))
		sequence->pages = 1 + random_below(&random, 32);
	sequence->base = draw_base(&random, sequence->pages);
	sequence->length = LENGTH_MIN +
			   random_below(&random, LENGTH_MAX - LENGTH_MIN + 1);
	sequence->operations = calloc(sequence->length,
				      sizeof(*sequence->operations));
	if (!sequence->operations)
		abort();
	for (size_t i = 0; i < sequence->length; i++)
		sequence->operations[i] = draw_operation(&random,
							 sequence->pages);
}

/**
 * sequence_print - write a sequence as text that sequence_parse() reads
 * @sequence: what to write
 * @prefix:   what each line begins with
 * @out:      where to
 */
void sequence_print(const struct sequence *sequence, const char *prefix,
		    FILE *out)
{
	fprintf(out, "%sarea(%#lx, %lu);\n", prefix, sequence->base,
		sequence->pages);
	for (size_t i = 0; i < sequence->length; i++) {
		const struct operation *operation = &sequence->operations[i];

		fprintf(out, "%s%s(", prefix, kinds[operation->kind].name);
		for (size_t j = 0; j < kinds[operation->kind].arguments; j++)
			fprintf(out, j ? ", %lu" : "%lu",
				operation->argument[j]);
		fprintf(out, ");\n");
	}
}

/* Reads "name(1, 2);" and nothing else; returns how many arguments, or -1. */
static int parse_call(const char *line, char name[16],
		      unsigned long argument[2])
{
	int at = 0, count = 0;

	if (sscanf(line, " %15[a-z](%n", name, &at) != 1 || !at)
		return -1;
	for (line += at; *line != ')'; line += at) {
		const char *form = count ? " , %li%n" : "%li%n";

		if (count == 2 ||
		    sscanf(line, form, (long *)&argument[count], &at) != 1)
			return -1;
		count++;
	}
	return strspn(line + 1, "; \r\n") == strlen(line + 1) ? count : -1;
}

static bool parse_operation(const char *line, unsigned long pages,
			    struct operation *operation)
{
	char name[16];
	int count = parse_call(line, name, operation->argument);
	int kind = 0;

	while (kind < OPERATION_KINDS && strcmp(name, kinds[kind].name))
		kind++;
	if (count < 0 || kind == OPERATION_KINDS ||
	    (unsigned int)count != kinds[kind].arguments)
		return false;
	operation->kind = kind;
	if (kind == OPERATION_RECLAIM || kind == OPERATION_CURSOR || !count)
		return true;
	if (operation->argument[0] >= pages)
		return false;
	return count == 1 || (operation->argument[1] &&
		operation->argument[1] <= pages - operation->argument[0]);
}

static bool parse_area(const char *line, struct sequence *sequence)
{
	char name[16];
	unsigned long argument[2];

	if (parse_call(line, name, argument) != 2 || strcmp(name, "area"))
		return false;
	sequence->base = argument[0];
	sequence->pages = argument[1];
	return sequence->pages && sequence->pages <= AREA_PAGES_MAX &&
	       sequence->base <= UINT64_MAX / 4096 - sequence->pages;
}

/**
 * sequence_parse - read what sequence_print() wrote
 * @sequence: filled in; to be freed with sequence_free() in any case
 * @in:       where to read; lines may begin with "# ", as TAP remarks do
 * @bad_line: set to the number of the line that makes no sense
 *
 * Return: true if all of it was read.
 */
bool sequence_parse(struct sequence *sequence, FILE *in, size_t *bad_line)
{
	char line[128];

	*sequence = (struct sequence){ 0 };
	for (*bad_line = 1; fgets(line, sizeof(line), in); ++*bad_line) {
		const char *text = line + strspn(line, "# \t");
		struct operation operation = { 0 };

		if (!sequence->pages) {
			if (!parse_area(text, sequence))
				return false;
			continue;
		}
		if (!parse_operation(text, sequence->pages, &operation))
			return false;
		sequence->operations = realloc(sequence->operations,
			(sequence->length + 1) * sizeof(operation));
		if (!sequence->operations)
			abort();
		sequence->operations[sequence->length++] = operation;
	}
	return sequence->pages;
}

void sequence_free(struct sequence *sequence)
{
	free(sequence->operations);
	sequence->operations = NULL;
	sequence->length = 0;
}
