// SPDX-License-Identifier: MIT
/* Whether a purge helped, and how much is allowed: daemon/effect.h, quota.h. */
#include "effect.h"

#include "quota.h"
#include "tap.h"
#include "test.h"

static struct memory taken(uint64_t used, uint64_t shmem)
{
	return (struct memory){ .limit = GIB, .used = used, .shmem = shmem };
}

/* Purges until it rests; returns how often that was, at most 100 times. */
static int purge_in_vain(struct effect *effect, uint64_t now)
{
	struct memory same = taken(900 * MIB, 100 * MIB);
	int count = 0;

	while (effect_allows(effect, now) && count < 100) {
		effect_judge(effect, now, &same, &same, MIB, 0);
		count++;
	}
	return count;
}

static void test_in_vain(void)
{
	struct effect effect = { 0 };
	struct memory before = taken(900 * MIB, 100 * MIB);
	struct memory after = taken(899 * MIB, 99 * MIB);
	uint64_t now = EFFECT_FIRST_REST;

	tap_ok(purge_in_vain(&effect, 0) == EFFECT_PATIENCE,
	       "what is charged elsewhere: some steps, then a rest");
	tap_ok(!effect_allows(&effect, now - 1) && effect_allows(&effect, now),
	       "which ends");
	tap_ok(purge_in_vain(&effect, now) == 1 &&
	       !effect_allows(&effect, now * 2), "then one step, a longer rest");
	now = 10 * EFFECT_LONGEST_REST;
	effect_judge(&effect, now, &before, &after, MIB, 0);
	tap_ok(purge_in_vain(&effect, now) == EFFECT_PATIENCE,
	       "what helps again is trusted again");
}

static void test_hidden(void)
{
	struct effect effect = { 0 };
	bool helped = true, allowed = true;

	for (int i = 0; i < 100; i++) {
		struct memory same = taken(900 * MIB, 0);

		helped = helped && effect_judge(&effect, i, &same, &same,
						MIB, MIB);
	}
	tap_ok(helped, "freed, and taken at the rate that is known: it helped");
	for (uint64_t i = 0; i < 100; i++) {
		struct memory before = taken(900 * MIB, (200 - i) * MIB);
		struct memory after = taken(900 * MIB, (199 - i) * MIB);

		effect_judge(&effect, i, &before, &after, MIB, 0);
		allowed = allowed && effect_allows(&effect, i);
	}
	tap_ok(allowed, "taken faster than known: shared memory shows it");
}

static void test_quota(void)
{
	struct quota quota = { 0 };

	tap_ok(quota_left(&quota, SECOND, 0) == UINT64_MAX, "0 is no limit");
	quota_spend(&quota, GIB);
	tap_ok(quota_left(&quota, SECOND, MIB) == MIB / 4,
	       "the first quarter second's");
	quota_spend(&quota, MIB / 4);
	tap_ok(!quota_left(&quota, SECOND, MIB) &&
	       !quota_left(&quota, SECOND * 33 / 32, MIB),
	       "it is used up, and not given out in crumbs");
	tap_ok(quota_left(&quota, SECOND * 5 / 4, MIB) >= MIB / 5,
	       "it comes back");
	tap_ok(quota_left(&quota, SECOND * 2, MIB) == MIB / 4 &&
	       quota_left(&quota, SECOND * 9, MIB) == MIB / 4,
	       "never more than a quarter second's");
}

void test_effect(void)
{
	test_in_vain();
	test_hidden();
	test_quota();
}
