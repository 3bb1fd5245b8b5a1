// SPDX-License-Identifier: MIT
#include "pressure.h"

#include <sys/mman.h>

#include "area.h"
#include "engine.h"
#include "test.h"
#include "worker.h"

static long fill(const struct job *job)
{
	pages_fill(job->at, job->offset, job->length, FILLING);
	return 0;
}

/**
 * worker_fill - have a worker write pages, so that its cgroup pays for them
 * @worker: the worker; younger than the area
 * @area:   the area
 * @start:  the first page
 * @end:    one past the last
 */
void worker_fill(const struct worker *worker, const struct area *area,
		 size_t start, size_t end)
{
	worker_do(worker, &(struct job){ fill, .at = area->at,
					 .offset = start, .length = end });
}

static long fill_every_second(const struct job *job)
{
	for (size_t i = job->offset; i < job->length; i += 2)
		page_fill(job->at, i, FILLING);
	return 0;
}

/**
 * worker_fill_every_second - have a worker write every second page
 * @worker: the worker; younger than the area
 * @area:   the area
 * @start:  the first page, 0 or 1
 */
void worker_fill_every_second(const struct worker *worker,
			      const struct area *area, size_t start)
{
	worker_do(worker, &(struct job){ fill_every_second, .at = area->at,
					 .offset = start,
					 .length = area->pages });
}

static long unpin_all(const struct job *job)
{
	return engine->unpin(job->fd, 0, 0);
}

/**
 * worker_unpin_all - have a worker unpin an area
 * @worker: the worker; younger than the area
 * @area:   the area
 */
void worker_unpin_all(const struct worker *worker, const struct area *area)
{
	must_be(worker_do(worker, &(struct job){ unpin_all, area->fd }), 0);
}

static long eat(const struct job *job)
{
	char *at = mmap(NULL, job->length, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return -errno;
	/* Whole large pages would make a step larger than it was meant. */
	madvise(at, job->length, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < job->length; i += page)
		at[i] = 1;
	return 0;
}

/**
 * worker_try_eat - have a worker take memory
 * @worker: the worker
 * @bytes:  how much more
 *
 * Return: false if it was killed for that.
 */
bool worker_try_eat(const struct worker *worker, size_t bytes)
{
	const struct job job = { eat, .length = bytes };
	long result = 0;
	bool survived = worker_try(worker, &job, &result);

	must_be(result, 0);
	return survived;
}

/**
 * worker_eat - have a worker take memory, and see that it survives
 * @worker: the worker
 * @bytes:  how much more
 */
void worker_eat(const struct worker *worker, size_t bytes)
{
	bool survived = worker_try_eat(worker, bytes);

	must(survived);
}

/**
 * pages_purged - pin pages that workers have filled, and see which were purged
 * @area:  the area
 * @start: the first page
 * @end:   one past the last
 *
 * What pin says of each page and what is in it must agree.
 *
 * Return: how many were purged.
 */
size_t pages_purged(const struct area *area, size_t start, size_t end)
{
	size_t count = 0;

	for (size_t i = start; i < end; i++) {
		long purged = engine->pin(area->fd, i * page, page);

		must(purged == 0 || purged == 1);
		must(page_holds(area->at, i, purged ? 0 : FILLING));
		count += purged;
	}
	return count;
}
