// SPDX-License-Identifier: MIT
#include "quota.h"

#define SECOND	UINT64_C(1000000)

uint64_t quota_left(struct quota *quota, uint64_t now, uint64_t per_second)
{
	uint64_t time = now - quota->time;

	if (!per_second)
		return UINT64_MAX;
	if (!quota->time || time >= SECOND)
		quota->left = per_second;
	else
		quota->left += (double)per_second * time / SECOND;
	if (quota->left > per_second)
		quota->left = per_second;
	quota->time = now;
	return quota->left;
}

void quota_spend(struct quota *quota, uint64_t bytes)
{
	quota->left -= bytes < quota->left ? bytes : quota->left;
}
