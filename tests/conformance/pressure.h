/* SPDX-License-Identifier: MIT */
/* Jobs for workers that hold memory of an area, or take memory from it. */
#ifndef ASHMEM_TESTS_CONFORMANCE_PRESSURE_H
#define ASHMEM_TESTS_CONFORMANCE_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>

#define MIB	((size_t)1 << 20)

/* What workers fill pages with. */
#define FILLING	'f'

struct area;
struct job;
struct worker;

void worker_fill(const struct worker *worker, const struct area *area,
		 size_t start, size_t end);
void worker_fill_every_second(const struct worker *worker,
			      const struct area *area, size_t start);
void worker_unpin_all(const struct worker *worker, const struct area *area);
bool worker_try_eat(const struct worker *worker, size_t bytes);
void worker_eat(const struct worker *worker, size_t bytes);

size_t pages_purged(const struct area *area, size_t start, size_t end);

#endif /* ASHMEM_TESTS_CONFORMANCE_PRESSURE_H */
