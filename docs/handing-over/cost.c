// SPDX-License-Identifier: MIT
/*
 * What a hand-over costs on each road, from one process to another that takes
 * the region up and closes it again; ASHMEM_ENGINE says which engine. A line
 * each: microseconds, and the road.
 */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Of so many rounds the best is taken: others use the machine too. */
#define ROUNDS		40
#define TIMES		100
#define SECOND		1000

/* What the other process is told over the socket. */
enum word { NOTHING, REGION, END };

static struct ashmem_region *region;
static int ends[2];
static pid_t other;
static struct ashmem_binder_service *service;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void give_up_unless(int right, const char *what)
{
	if (!right)
		err(1, "%s", what);
}

/*
 * The other process.
 */

static int close_it(struct ashmem_binder_request *request, void *context)
{
	(void)request;
	(void)context;
	/* What came along is closed by the library. */
	return 0;
}

static void take_from_socket(char word)
{
	struct ashmem_region *received;

	if (word == REGION) {
		give_up_unless(ashmem_region_receive(&received, ends[1]) == 0,
			       "receive");
		ashmem_region_close(received);
	}
	give_up_unless(write(ends[1], &word, 1) == 1, "write");
}

static void be_other(void)
{
	struct ashmem_binder *binder;
	char word = NOTHING;
	int has_binder;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	has_binder = ashmem_binder_open(&binder, NULL) == 0 &&
		     ashmem_binder_become_manager(binder) == 0 &&
		     ashmem_binder_publish(binder, "other", close_it, NULL,
					   SECOND) == 0;
	take_from_socket(NOTHING);
	while (read(ends[1], &word, 1) == 1 && word != END)
		take_from_socket(word);
	while (has_binder && ashmem_binder_serve(binder, -1) >= 0)
		;
	pause();
}

/*
 * The roads.
 */

static void say(enum word word, enum ashmem_access access)
{
	char text = word;

	give_up_unless(write(ends[0], &text, 1) == 1, "write");
	if (word == REGION)
		give_up_unless(ashmem_region_send(region, ends[0],
						  access) == 0, "send");
	give_up_unless(read(ends[0], &text, 1) == 1, "read");
}

static void by_socket_without(void)
{
	say(NOTHING, 0);
}

static void by_socket(void)
{
	say(REGION, ASHMEM_ACCESS_WHOLE);
}

static void by_socket_for_reading(void)
{
	say(REGION, ASHMEM_ACCESS_READ_ONLY);
}

static void call(struct ashmem_region *along, enum ashmem_access access)
{
	struct ashmem_binder_message request = {
		.region = along, .access = access,
	};

	give_up_unless(ashmem_binder_call(service, &request, NULL,
					  SECOND) == 0, "call");
}

static void by_binder_without(void)
{
	call(NULL, 0);
}

static void by_binder(void)
{
	call(region, ASHMEM_ACCESS_WHOLE);
}

static void by_binder_for_reading(void)
{
	call(region, ASHMEM_ACCESS_READ_ONLY);
}

static void take_up(int fd)
{
	struct ashmem_region *taken;

	give_up_unless(fd >= 0 && ashmem_region_import(&taken, fd) == 0,
		       "import");
	ashmem_region_close(taken);
	close(fd);
}

/* The other has inherited it under the same number. */
static void by_pidfd(void)
{
	int pidfd = pidfd_open(other, 0);

	take_up(pidfd_getfd(pidfd, ashmem_region_descriptor(region), 0));
	close(pidfd);
}

static void by_proc(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)other,
		 ashmem_region_descriptor(region));
	take_up(open(path, O_RDONLY | O_CLOEXEC));
}

static void measure(const char *road, void (*hand_over)(void))
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double begin = now(), each;

		for (int i = 0; i < TIMES; i++)
			hand_over();
		each = (now() - begin) / TIMES;
		if (!round || each < best)
			best = each;
	}
	printf("%8.1f  %s\n", best, road);
	fflush(stdout);
}

static void measure_binder(int can_be_read_only)
{
	struct ashmem_binder *binder;
	char end = END;

	if (ashmem_binder_open(&binder, NULL) < 0) {
		printf("no binder: %s\n", errno == ENOENT ? "there is none" :
		       "it cannot be opened");
		return;
	}
	give_up_unless(write(ends[0], &end, 1) == 1, "write");
	give_up_unless(ashmem_binder_find(binder, "other", SECOND,
					  &service) == 0, "find");
	measure("binder, without a region", by_binder_without);
	measure("binder, whole", by_binder);
	if (can_be_read_only)
		measure("binder, for reading", by_binder_for_reading);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
}

/* Else much of it would be how long a sleeping processor takes to wake. */
static void stay_on_one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	give_up_unless(sched_setaffinity(0, sizeof(set), &set) == 0,
		       "sched_setaffinity");
}

int main(void)
{
	int portable;
	char word;

	stay_on_one_processor();
	give_up_unless(ashmem_region_create(&region, "cost", 4096) == 0 &&
		       ashmem_region_map(region, 0, PROT_READ, MAP_SHARED,
					 0) != MAP_FAILED, "region");
	portable = ashmem_region_engine(region) == ASHMEM_ENGINE_PORTABLE;
	give_up_unless(ashmem_region_descriptor(region) >= 0, "descriptor");
	give_up_unless(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0,
		       "socketpair");
	other = fork();
	give_up_unless(other >= 0, "fork");
	if (other == 0)
		be_other();
	/* It is ready. */
	give_up_unless(read(ends[0], &word, 1) == 1, "read");

	measure("socket, without a region", by_socket_without);
	measure("socket, whole", by_socket);
	if (portable)
		measure("socket, for reading", by_socket_for_reading);
	measure("pidfd_getfd", by_pidfd);
	measure("/proc/PID/fd", by_proc);
	measure_binder(portable);
	kill(other, SIGKILL);
	return 0;
}
