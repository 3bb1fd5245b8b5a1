// SPDX-License-Identifier: MIT
/*
 * What it costs to pin a page and unpin it again, on /dev/ashmem.
 *
 * Ratios are what it is about: absolute times mean nothing in an emulated
 * machine. So what is compared is measured in turn, round by round, and the
 * median of the rounds counts. Every answer is checked; a wrong one ends it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/ashmem.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS		15
#define PAIRS		5000	/* in a round */
#define COLUMNS		4
#define PAGE_SIZE	4096ul

/* Unpinned ranges in one area, and areas with one unpinned range each. */
static const unsigned long range_counts[COLUMNS] = { 1, 100, 10000, 100000 };
static const unsigned long area_counts[COLUMNS] = { 1, 10, 100, 1000 };

__attribute__((noreturn))
static void fail(const char *what)
{
	fprintf(stderr, "pin: %s: %s\n", what, strerror(errno));
	exit(1);
}

__attribute__((noreturn))
static void wrong(const char *what)
{
	fprintf(stderr, "pin: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Spread over all of the pages, and the same each time. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), compare);
	return values[ROUNDS / 2];
}

/*
 * An area in which every other page is unpinned, @ranges of them. The pages
 * have no memory; pinning is about numbers.
 */
static int open_area(unsigned long ranges)
{
	unsigned long pages = 2 * ranges;
	int fd = open("/dev/ashmem", O_RDWR | O_CLOEXEC);
	void *mapping;

	if (fd < 0)
		fail("/dev/ashmem; is the module loaded?");
	if (ioctl(fd, ASHMEM_SET_SIZE, pages * PAGE_SIZE))
		fail("ASHMEM_SET_SIZE");
	mapping = mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (mapping == MAP_FAILED)
		fail("mmap");
	munmap(mapping, PAGE_SIZE);

	for (unsigned long page = 0; page < pages; page += 2) {
		struct ashmem_pin run = { page * PAGE_SIZE, PAGE_SIZE };

		if (ioctl(fd, ASHMEM_UNPIN, &run))
			fail("ASHMEM_UNPIN");
	}
	return fd;
}

/* Every other page must be unpinned, and the others not. */
static void check_area(int fd, unsigned long ranges)
{
	for (unsigned long page = 0; page < 2 * ranges; page++) {
		struct ashmem_pin run = { page * PAGE_SIZE, PAGE_SIZE };
		int wanted = page % 2 ? ASHMEM_IS_PINNED : ASHMEM_IS_UNPINNED;

		if (ioctl(fd, ASHMEM_GET_PIN_STATUS, &run) != wanted)
			wrong("GET_PIN_STATUS is wrong after the measurement");
	}
}

static void pin_and_unpin(int fd, unsigned long page)
{
	struct ashmem_pin run = { page * PAGE_SIZE, PAGE_SIZE };

	if (ioctl(fd, ASHMEM_PIN, &run) != ASHMEM_NOT_PURGED)
		wrong("PIN did not say that the page was not purged");
	if (ioctl(fd, ASHMEM_UNPIN, &run))
		fail("ASHMEM_UNPIN");
}

/* Nanoseconds for the least that an ioctl can do. */
static double time_empty(int fd)
{
	unsigned long size = 0;
	double start = now();

	for (unsigned int i = 0; i < PAIRS; i++)
		size |= ioctl(fd, ASHMEM_GET_SIZE, 0);
	if (!size)
		wrong("GET_SIZE is 0");
	return (now() - start) / PAIRS;
}

/* Nanoseconds for a pair, on any of the unpinned pages of an area. */
static double time_pairs(int fd, unsigned long ranges)
{
	uint32_t random = ranges;
	double start = now();

	for (unsigned int i = 0; i < PAIRS; i++)
		pin_and_unpin(fd, 2 * (next_random(&random) % ranges));
	return (now() - start) / PAIRS;
}

/* The same, on the one page of any of many areas. */
static double time_pairs_over(const int *fds, unsigned long areas)
{
	uint32_t random = areas;
	double start = now();

	for (unsigned int i = 0; i < PAIRS; i++)
		pin_and_unpin(fds[next_random(&random) % areas], 0);
	return (now() - start) / PAIRS;
}

static void print_row(const char *name, const double values[COLUMNS],
		      double unit, int digits)
{
	printf("%-28s", name);
	for (unsigned int i = 0; i < COLUMNS; i++)
		printf(" %9.*f", digits, values[i] / unit);
	putchar('\n');
}

static void print_table(const char *title, const unsigned long counts[COLUMNS],
			double rounds[COLUMNS][ROUNDS], double empty)
{
	double pairs[COLUMNS];

	printf("%-28s", title);
	for (unsigned int i = 0; i < COLUMNS; i++) {
		pairs[i] = median(rounds[i]);
		printf(" %9lu", counts[i]);
	}
	putchar('\n');
	print_row("pin + unpin, nanoseconds", pairs, 1, 0);
	print_row("  over an empty ioctl", pairs, empty, 2);
	print_row("  over the first column", pairs, pairs[0], 2);
	putchar('\n');
}

static void measure_ranges(void)
{
	double rounds[COLUMNS][ROUNDS], empty[ROUNDS];
	int fds[COLUMNS];

	for (unsigned int i = 0; i < COLUMNS; i++)
		fds[i] = open_area(range_counts[i]);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		empty[round] = time_empty(fds[0]);
		for (unsigned int i = 0; i < COLUMNS; i++)
			rounds[i][round] = time_pairs(fds[i], range_counts[i]);
	}
	for (unsigned int i = 0; i < COLUMNS; i++) {
		check_area(fds[i], range_counts[i]);
		close(fds[i]);
	}
	printf("an empty ioctl: %.0f nanoseconds\n\n", median(empty));
	print_table("unpinned ranges in the area", range_counts, rounds,
		    median(empty));
	printf("target: over 1 range at most 3 with 100000\n\n");
}

static void measure_areas(void)
{
	double rounds[COLUMNS][ROUNDS], empty[ROUNDS];
	unsigned long most = area_counts[COLUMNS - 1];
	int fds[most];

	for (unsigned long i = 0; i < most; i++)
		fds[i] = open_area(1);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		empty[round] = time_empty(fds[0]);
		for (unsigned int i = 0; i < COLUMNS; i++)
			rounds[i][round] = time_pairs_over(fds, area_counts[i]);
	}
	for (unsigned long i = 0; i < most; i++) {
		check_area(fds[i], 1);
		close(fds[i]);
	}
	print_table("areas, a range in each", area_counts, rounds,
		    median(empty));
}

/* What each of two processes does at the same time. */
struct work {
	const char *name;
	bool pairs;		/* or empty ioctls */
	bool same_area;		/* or one each */
};

static const struct work works[] = {
	{ "empty ioctls", false, false },
	{ "pairs on two areas", true, false },
	{ "pairs in one area", true, true },
};

#define WORKS	(sizeof(works) / sizeof(works[0]))

/**
 * struct race - processes that work at the same time
 * @ready: how many are there
 * @done:  how many have done what is measured; they go on until all have
 * @times: nanoseconds that each needed for one pair or ioctl
 */
struct race {
	atomic_uint ready;
	atomic_uint done;
	double times[2];
};

/* Two processes in one area take a range each, page 0 and page 2. */
static double time_work(const struct work *work, const int fds[2],
			unsigned int number)
{
	int fd = fds[work->same_area ? 0 : number];
	unsigned long page = work->same_area ? 2 * number : 0;
	double start;

	if (!work->pairs)
		return time_empty(fd);
	start = now();
	for (unsigned int i = 0; i < PAIRS; i++)
		pin_and_unpin(fd, page);
	return (now() - start) / PAIRS;
}

/* On a processor of its own: it is not processors that they shall share. */
__attribute__((noreturn))
static void run_racer(struct race *race, unsigned int racers,
		      unsigned int number, const struct work *work,
		      const int fds[2])
{
	cpu_set_t processor;

	CPU_ZERO(&processor);
	CPU_SET(number, &processor);
	if (sched_setaffinity(0, sizeof(processor), &processor))
		fail("sched_setaffinity");
	race->ready++;
	while (race->ready < racers)
		;
	race->times[number] = time_work(work, fds, number);
	race->done++;
	while (race->done < racers)
		time_work(work, fds, number);
	_exit(0);
}

/* What all together do in a nanosecond. */
static double race_rate(struct race *race, unsigned int racers,
			const struct work *work, const int fds[2])
{
	double rate = 0;

	race->ready = 0;
	race->done = 0;
	fflush(NULL);
	for (unsigned int i = 0; i < racers; i++) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (!child)
			run_racer(race, racers, i, work, fds);
	}
	for (unsigned int i = 0; i < racers; i++) {
		int status;

		if (wait(&status) < 0 || status)
			wrong("a process that measured has failed");
	}
	for (unsigned int i = 0; i < racers; i++)
		rate += 1 / race->times[i];
	return rate;
}

static void measure_two(void)
{
	struct race *race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const int fds[2] = { open_area(2), open_area(2) };
	double ratios[WORKS][ROUNDS];

	if (race == MAP_FAILED)
		fail("mmap");
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (unsigned int i = 0; i < WORKS; i++)
			ratios[i][round] =
				race_rate(race, 2, &works[i], fds) /
				race_rate(race, 1, &works[i], fds);

	printf("%-28s\n", "two processes over one");
	for (unsigned int i = 0; i < WORKS; i++)
		printf("  %-26s %9.2f\n", works[i].name, median(ratios[i]));
	printf("target: pairs on two areas at least 1.8; what the machine "
	       "allows is in\nthe first line\n");
	check_area(fds[0], 2);
	check_area(fds[1], 2);
}

/* A descriptor for each area, and a few. */
static void allow_descriptors(void)
{
	const struct rlimit limit = {
		.rlim_cur = area_counts[COLUMNS - 1] + 64,
		.rlim_max = area_counts[COLUMNS - 1] + 64,
	};

	if (setrlimit(RLIMIT_NOFILE, &limit))
		fail("setrlimit");
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: pin\n");
		return 2;
	}
	allow_descriptors();
	printf("One page pinned and unpinned: the median of %d rounds of %d.\n",
	       ROUNDS, PAIRS);
	measure_ranges();
	measure_areas();
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		printf("two processes over one: not measured, as there is one "
		       "processor\n");
	else
		measure_two();
	return 0;
}
