// SPDX-License-Identifier: MIT
#include "quota.h"

#define SECOND	UINT64_C(1000000)

uint64_t quota_left(struct quota *quota, uint64_t now, uint64_t per_second)
{
	uint64_t time = now - quota->time;
	uint64_t most = per_second / 4;

	if (!per_second)
		return UINT64_MAX;
	if (!quota->time || time >= SECOND)
		quota->left = most;
	else
		quota->left += (double)per_second * time / SECOND;
	if (quota->left > most)
		quota->left = most;
	quota->time = now;
	return quota->left >= most / 4 ? quota->left : 0;
}

void quota_spend(struct quota *quota, uint64_t bytes)
{
	quota->left -= bytes < quota->left ? bytes : quota->left;
}
