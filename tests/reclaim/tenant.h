/* SPDX-License-Identifier: MIT */
/*
 * A process in a cgroup, with a region. It does what it is told over a socket,
 * one thing at a time, until that is closed or the kernel kills it.
 */
#ifndef ASHMEM_TESTS_RECLAIM_TENANT_H
#define ASHMEM_TESTS_RECLAIM_TENANT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"

#define MIB	(UINT64_C(1) << 20)

/**
 * struct tenant - one process, seen from the one that made it
 * @pid:    of it
 * @socket: to it
 */
struct tenant {
	pid_t pid;
	int socket;
};

/* Starts one, whose region has @bytes. */
struct tenant tenant_start(const struct cgroup *cgroup, uint64_t bytes);

/* Ends it. Returns whether it was there until then. */
bool tenant_end(struct tenant *tenant);

/*
 * What it can be told. Each returns what it answered, or -1 if it was killed
 * over it.
 */

/* Writes its region, from offset 0. */
int64_t tenant_fill(const struct tenant *tenant, uint64_t bytes);

/* Unpins what it wrote, all but the first @keep bytes. */
int64_t tenant_unpin(const struct tenant *tenant, uint64_t keep);

/* Takes anonymous memory and keeps it, as fast as it can or, if @rate is not 0,
 * at no more bytes a second than that. Answers how many microseconds that took. */
int64_t tenant_eat(const struct tenant *tenant, uint64_t bytes, uint64_t rate);

/* Writes @bytes through the region, MiB after MiB and round again: pins, writes
 * and unpins each. Answers how many microseconds that took. */
int64_t tenant_stream(const struct tenant *tenant, uint64_t bytes,
		      uint64_t rate);

/* How much memory the region has, in bytes. */
int64_t tenant_resident(const struct tenant *tenant);

/* How many of the first @bytes of the region have what was written there. */
int64_t tenant_intact(const struct tenant *tenant, uint64_t bytes);

#endif /* ASHMEM_TESTS_RECLAIM_TENANT_H */
