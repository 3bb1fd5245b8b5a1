// SPDX-License-Identifier: MIT
/*
 * Operations are drawn so that the interesting happens often: one in five is on
 * the whole region, most others are short, and one map in four soon has no
 * epoch left.
 */
#include "operation.h"

#include <stdlib.h>

#include "../range/random.h"

#define PAGES_MAX	200
#define LENGTH_MIN	50
#define LENGTH_MAX	500

static const struct {
	const char *name;
	unsigned int weight;
} kinds[OPERATION_KINDS] = {
	[OPERATION_PIN]     = { "pin",     35 },
	[OPERATION_UNPIN]   = { "unpin",   40 },
	[OPERATION_PURGE]   = { "purge",   30 },
	[OPERATION_ABANDON] = { "abandon",  5 },
	[OPERATION_REFUSE]  = { "refuse",   5 },
	[OPERATION_DIE]     = { "die",      5 },
	[OPERATION_GIVE_UP] = { "give_up",  5 },
	[OPERATION_RENEW]   = { "renew",   10 },
	[OPERATION_ASK]     = { "ask",     15 },
	[OPERATION_TIDY]    = { "tidy",     5 },
};

static unsigned int draw_kind(uint64_t *random)
{
	unsigned int sum = 0, kind;
	unsigned long drawn;

	for (kind = 0; kind < OPERATION_KINDS; kind++)
		sum += kinds[kind].weight;
	drawn = random_below(random, sum);
	for (kind = 0; drawn >= kinds[kind].weight; kind++)
		drawn -= kinds[kind].weight;
	return kind;
}

static struct operation draw_operation(uint64_t *random, unsigned long pages)
{
	struct operation operation = { .kind = draw_kind(random) };
	unsigned long first = random_below(random, pages), most = pages - first;

	if (random_below(random, 5) == 0) {
		operation.argument[1] = pages;
		return operation;
	}
	if (most > 8 && random_below(random, 4))
		most = 8;
	operation.argument[0] = first;
	operation.argument[1] = 1 + random_below(random, most);
	return operation;
}

void sequence_generate(struct sequence *sequence, uint64_t seed)
{
	uint64_t random = random_mix(seed);

	sequence->pages = 1 + random_below(&random,
		random_below(&random, 2) ? PAGES_MAX : 40);
	sequence->base = 1;
	if (random_below(&random, 4) == 0)
		sequence->base = UINT32_MAX - random_below(&random, 10);
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

void sequence_print(const struct sequence *sequence, const char *prefix,
		    FILE *out)
{
	fprintf(out, "%sepoch(%#lx), pages(%lu);\n", prefix, sequence->base,
		sequence->pages);
	for (size_t i = 0; i < sequence->length; i++) {
		const struct operation *operation = &sequence->operations[i];

		fprintf(out, "%s%s(%lu, %lu);\n", prefix,
			kinds[operation->kind].name, operation->argument[0],
			operation->argument[1]);
	}
}

void sequence_free(struct sequence *sequence)
{
	free(sequence->operations);
	sequence->operations = NULL;
	sequence->length = 0;
}
