// SPDX-License-Identifier: MIT
/*
 * What the portable engine costs, beside what it is built on.
 *
 * Each line is a ratio of two things measured in turn, round by round, of which
 * the median counts; what it may be at most stands beside it. Every answer is
 * checked; a wrong one ends it. ashmemd runs, started on demand.
 */
#define _GNU_SOURCE
#include <ashmem.h>
#include <cutils/ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS		21
#define KIB		1024ull
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define SMALL		(128 * KIB)
#define PROCESSES	100
#define PURGED		(256 * MIB)

/* The size of one, in bytes. */
static size_t page;

__attribute__((noreturn))
static void fail(const char *what)
{
	fprintf(stderr, "portable: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(bool good, const char *what)
{
	if (!good)
		fail(what);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
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

/**
 * struct work - something that is done over and over
 * @once:   does it, and checks what it does
 * @times:  in a round
 */
struct work {
	void (*once)(void *context);
	void *context;
	unsigned int times;
};

static double time_of(const struct work *work)
{
	double start = now();

	for (unsigned int i = 0; i < work->times; i++)
		work->once(work->context);
	return (now() - start) / work->times;
}

/* Prints and compares the medians of two works, done in turn. */
static void ratio(const char *what, const struct work *work,
		  const struct work *peer, double limit)
{
	double mine[ROUNDS], theirs[ROUNDS], ratios[ROUNDS];

	time_of(work);
	time_of(peer);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		mine[i] = time_of(work);
		theirs[i] = time_of(peer);
		ratios[i] = mine[i] / theirs[i];
	}
	printf("%-54s %9.0f ns %9.0f ns %6.2f  (at most %.2f)\n", what,
	       median(mine), median(theirs), median(ratios), limit);
	fflush(stdout);
}

static struct ashmem_region *region_of(uint64_t size)
{
	struct ashmem_region *region;

	must(ashmem_region_create(&region, "bench", size) == 0, "create");
	must(ashmem_region_descriptor(region) >= 0, "descriptor");
	must(ashmem_region_pin(region, 0, 0) == ASHMEM_NOT_PURGED, "pin");
	return region;
}

static void two_ioctls(void *context)
{
	int fd = *(int *)context;

	for (int i = 0; i < 2; i++)
		must(ioctl(fd, _IO(0x77, 0x7f)) < 0 && errno == ENOTTY,
		     "an ioctl that nobody knows");
}

/* The least that two changes to memory shared with other processes can cost. */
static void two_locked_operations(void *context)
{
	_Atomic uint64_t *word = context;

	must(!(atomic_fetch_or(word, 1) & 1), "unpinned");
	must(atomic_fetch_and(word, ~UINT64_C(1)) & 1, "pinned");
}

static void pin_small(void *context)
{
	struct ashmem_region *region = context;

	must(ashmem_region_unpin(region, 0, SMALL) == 0, "unpin");
	must(ashmem_region_pin(region, 0, SMALL) == ASHMEM_NOT_PURGED, "pin");
}

static void pin_whole(void *context)
{
	struct ashmem_region *region = context;

	must(ashmem_region_unpin(region, 0, 0) == 0, "unpin");
	must(ashmem_region_pin(region, 0, 0) == ASHMEM_NOT_PURGED, "pin");
}

static void hold_page(void *context)
{
	struct ashmem_region *region = context;

	must(ashmem_region_hold(region, 4 * MIB, page) == ASHMEM_NOT_PURGED,
	     "hold");
	must(ashmem_region_release(region, 4 * MIB, page) == 0, "release");
}

static void pin_by_descriptor(void *context)
{
	int fd = *(int *)context;

	must(ashmem_unpin_region(fd, 0, SMALL) == 0, "unpin");
	must(ashmem_pin_region(fd, 0, SMALL) == ASHMEM_NOT_PURGED, "pin");
}

static void life_of_region(void *context)
{
	struct ashmem_region *region;
	char *at;

	(void)context;
	must(ashmem_region_create(&region, "bench", MIB) == 0, "create");
	at = ashmem_region_map(region, MIB, PROT_READ | PROT_WRITE, MAP_SHARED,
			       0);
	must(at != MAP_FAILED, "map");
	at[0] = 1;
	must(ashmem_region_unmap(region, at, MIB) == 0, "unmap");
	ashmem_region_close(region);
}

static void life_of_memfd(void *context)
{
	int fd = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *at;

	(void)context;
	must(fd >= 0 && ftruncate(fd, MIB) == 0 &&
	     fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0, "memfd");
	at = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(at != MAP_FAILED, "mmap");
	at[0] = 1;
	must(munmap(at, MIB) == 0 && close(fd) == 0, "munmap");
}

/**
 * struct purged - memory that is filled, and given back
 * @region: of PURGED bytes
 * @at:     mapped
 * @puncher: who punches it when asked, at the other end
 */
struct purged {
	struct ashmem_region *region;
	char *at;
	int puncher;
};

static void fill(struct purged *purged)
{
	memset(purged->at, 1, PURGED);
}

/* Punches holes when asked, until nobody can ask any more. ashmemd too is a
 * process of its own, to which the pages' bookkeeping is cold. */
static void punch_when_asked(int fd, int socket)
{
	char byte;

	while (read(socket, &byte, 1) == 1) {
		must(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       0, PURGED) == 0, "fallocate");
		must(write(socket, &byte, 1) == 1, "write");
	}
	_exit(0);
}

static int start_puncher(int fd)
{
	int ends[2];
	pid_t pid;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0,
	     "socketpair");
	pid = fork();
	must(pid >= 0, "fork");
	if (!pid) {
		close(ends[0]);
		punch_when_asked(fd, ends[1]);
	}
	close(ends[1]);
	return ends[0];
}

static double punch_time(struct purged *purged)
{
	double start;
	char byte = 0;

	fill(purged);
	start = now();
	must(write(purged->puncher, &byte, 1) == 1 &&
	     read(purged->puncher, &byte, 1) == 1, "punch");
	return now() - start;
}

static double purge_time(struct purged *purged)
{
	double start, end;

	fill(purged);
	must(ashmem_region_unpin(purged->region, 0, 0) == 0, "unpin");
	start = now();
	must(ashmem_purge_all(purged->region) ==
	     (int64_t)(PURGED / page), "purge");
	end = now();
	must(ashmem_region_pin(purged->region, 0, 0) == ASHMEM_WAS_PURGED &&
	     purged->at[PURGED / 2] == 0, "pin");
	return end - start;
}

static void bench_purge(void)
{
	struct purged purged = { .region = region_of(PURGED) };
	double mine[ROUNDS], theirs[ROUNDS], ratios[ROUNDS];

	purged.at = ashmem_region_map(purged.region, 0, PROT_READ | PROT_WRITE,
				      MAP_SHARED, 0);
	must(purged.at != MAP_FAILED, "map");
	purged.puncher = start_puncher(ashmem_region_descriptor(purged.region));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		theirs[i] = punch_time(&purged);
		must(purged.at[PURGED / 2] == 0, "punched");
		mine[i] = purge_time(&purged);
		ratios[i] = mine[i] / theirs[i];
	}
	printf("%-54s %9.2f ms %9.2f ms %6.2f  (at most %.2f)\n",
	       "purge 256 MiB / another process punches them",
	       median(mine) / 1e6, median(theirs) / 1e6, median(ratios), 1.1);
	close(purged.puncher);
	must(wait(NULL) > 0, "wait");
	ashmem_region_unmap(purged.region, purged.at, PURGED);
	ashmem_region_close(purged.region);
}

/* A process that has the region attached, with a hold elsewhere in it. */
static void attach_and_stay(struct ashmem_region *region, int ready, int end)
{
	char byte = 0;

	must(ashmem_region_hold(region, 0, page) >= 0, "hold");
	must(write(ready, &byte, 1) == 1, "write");
	/* Until the other end is closed. */
	must(read(end, &byte, 1) == 0, "read");
	_exit(0);
}

static void bench_holds_among_many(struct ashmem_region *region,
				   const struct work *peer)
{
	struct work work = { hold_page, region, 200000 };
	int ready[2], end[2];
	char byte;

	must(pipe(ready) == 0 && pipe(end) == 0, "pipe");
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (!pid) {
			close(end[1]);
			attach_and_stay(region, ready[1], end[0]);
		}
		must(read(ready[0], &byte, 1) == 1, "read");
	}
	ratio("hold + release a page, 100 attached / 2 ioctls", &work, peer,
	      0.1);
	close(end[1]);
	while (wait(NULL) > 0)
		continue;
}

int main(void)
{
	struct ashmem_region *region = region_of(GIB);
	int fd = ashmem_region_descriptor(region);
	int other = ashmem_create_region("bench", MIB);
	struct work ioctls = { two_ioctls, &fd, 100000 };
	_Atomic uint64_t word = 0;
	struct work locked = { two_locked_operations, &word, 500000 };
	struct work small = { pin_small, region, 500000 };
	struct work whole = { pin_whole, region, 500000 };
	struct work hold = { hold_page, region, 500000 };
	struct work descriptor = { pin_by_descriptor, &other, 100000 };
	struct work own = { life_of_region, NULL, 2000 };
	struct work bare = { life_of_memfd, NULL, 2000 };

	page = sysconf(_SC_PAGESIZE);
	must(other >= 0, "create");
	printf("%-54s %12s %12s %6s\n", "", "this", "that", "ratio");
	ratio("two locked operations / 2 ioctls", &locked, &ioctls, 0.1);
	ratio("pin + unpin 128 KiB / 2 ioctls", &small, &ioctls, 0.1);
	ratio("hold + release a page, alone / 2 ioctls", &hold, &ioctls, 0.1);
	bench_holds_among_many(region, &ioctls);
	ratio("pin + unpin 1 GiB at once / 128 KiB", &whole, &small, 4);
	ratio("pin + unpin by descriptor / 2 ioctls", &descriptor, &ioctls,
	      2.5);
	ratio("create, map, touch, unmap, close / memfd", &own, &bare, 1.1);
	bench_purge();
	return 0;
}
