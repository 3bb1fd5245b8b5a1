// SPDX-License-Identifier: MIT
#include "effect.h"

bool effect_allows(const struct effect *effect, uint64_t now)
{
	return now >= effect->until;
}

/*
 * Somebody may take memory faster than it was ever seen, and so hide what
 * became free. Shared memory shows that it did all the same, though late: so
 * this is looked at over several steps.
 */
static bool shmem_fell(const struct effect *effect, const struct memory *after)
{
	return effect->shmem > after->shmem &&
	       effect->shmem - after->shmem >= effect->freed / 4;
}

static void rest(struct effect *effect, uint64_t now)
{
	if (!effect->rest)
		effect->rest = EFFECT_FIRST_REST;
	else if (effect->rest < EFFECT_LONGEST_REST)
		effect->rest *= 2;
	effect->until = now + effect->rest;
	/* One step, afterwards, is enough to see that nothing has changed. */
	effect->failures = EFFECT_PATIENCE - 1;
	effect->freed = 0;
}

bool effect_judge(struct effect *effect, uint64_t now,
		  const struct memory *before, const struct memory *after,
		  uint64_t freed, uint64_t grown)
{
	if (after->used + freed / 2 <= before->used + grown) {
		*effect = (struct effect){ 0 };
		return true;
	}
	if (!effect->freed)
		effect->shmem = before->shmem;
	effect->freed += freed;
	effect->failures++;
	if (shmem_fell(effect, after))
		*effect = (struct effect){ 0 };
	else if (effect->failures >= EFFECT_PATIENCE)
		rest(effect, now);
	return false;
}
