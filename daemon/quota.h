/* SPDX-License-Identifier: MIT */
/*
 * The most that may be purged in a second. What is not used is kept for later,
 * up to what is allowed in a quarter of one.
 */
#ifndef ASHMEM_DAEMON_QUOTA_H
#define ASHMEM_DAEMON_QUOTA_H

#include <stdint.h>

/**
 * struct quota - all 0 at the beginning
 * @left: bytes, as of @time
 * @time: in microseconds; 0 before the first use
 */
struct quota {
	uint64_t left;
	uint64_t time;
};

/* How many bytes may be purged now, at @per_second; 0 of these is no limit. None
 * until it is worth a step. */
uint64_t quota_left(struct quota *quota, uint64_t now, uint64_t per_second);

/* That many were. */
void quota_spend(struct quota *quota, uint64_t bytes);

#endif /* ASHMEM_DAEMON_QUOTA_H */
