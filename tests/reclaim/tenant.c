// SPDX-License-Identifier: MIT
#include "tenant.h"

#include <ashmem.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND	1000000

enum verb {
	FILL,
	UNPIN,
	EAT,
	STREAM,
	RESIDENT,
	INTACT,
};

/**
 * struct order - what a tenant is told
 * @bytes: see tenant.h, as the next
 * @rate:  in bytes per second, or 0
 */
struct order {
	enum verb verb;
	uint64_t bytes;
	uint64_t rate;
};

/**
 * struct home - what a tenant has
 * @region: its region
 * @memory: that, mapped
 * @size:   in bytes
 * @filled: how much of it was written by fill
 */
struct home {
	struct ashmem_region *region;
	unsigned char *memory;
	uint64_t size;
	uint64_t filled;
};

static void must(bool succeeded, const char *what)
{
	if (succeeded)
		return;
	fprintf(stderr, "reclaim: %s: %s\n", what, strerror(errno));
	exit(3);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * UINT64_C(1000000) + time.tv_nsec / 1000;
}

/* Waits until a MiB that was begun at @begin is due. What took longer is not
 * caught up with: that would be a burst. */
static void keep_to(uint64_t rate, uint64_t begin)
{
	uint64_t due;
	struct timespec time;

	if (!rate)
		return;
	due = begin + (double)MIB / rate * SECOND;
	time.tv_sec = due / SECOND;
	time.tv_nsec = due % SECOND * 1000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static int64_t fill(struct home *home, uint64_t bytes)
{
	memset(home->memory, 0xa5, bytes);
	home->filled = bytes;
	return 0;
}

static int64_t unpin(struct home *home, uint64_t keep)
{
	must(!ashmem_region_unpin(home->region, keep, home->filled - keep),
	     "unpin");
	return 0;
}

static int64_t eat(uint64_t bytes, uint64_t rate)
{
	uint64_t begin = now();
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(memory != MAP_FAILED, "mmap");
	for (uint64_t done = 0; done < bytes; done += MIB) {
		uint64_t started = now();

		memset(memory + done, 1, MIB);
		keep_to(rate, started);
	}
	return now() - begin;
}

static int64_t stream(struct home *home, uint64_t bytes, uint64_t rate)
{
	uint64_t begin = now();

	for (uint64_t done = 0; done < bytes; done += MIB) {
		uint64_t offset = done % home->size, started = now();

		must(ashmem_region_pin(home->region, offset, MIB) >= 0, "pin");
		memset(home->memory + offset, 1, MIB);
		must(!ashmem_region_unpin(home->region, offset, MIB), "unpin");
		keep_to(rate, started);
	}
	return now() - begin;
}

static int64_t resident(struct home *home)
{
	struct ashmem_information information;

	must(!ashmem_region_information(home->region, &information,
					sizeof(information)), "information");
	return information.resident * sysconf(_SC_PAGESIZE);
}

static int64_t intact(const struct home *home, uint64_t bytes)
{
	int64_t count = 0;

	for (uint64_t i = 0; i < bytes; i++)
		count += home->memory[i] == 0xa5;
	return count;
}

static int64_t obey(struct home *home, const struct order *order)
{
	switch (order->verb) {
	case FILL:
		return fill(home, order->bytes);
	case UNPIN:
		return unpin(home, order->bytes);
	case EAT:
		return eat(order->bytes, order->rate);
	case STREAM:
		return stream(home, order->bytes, order->rate);
	case RESIDENT:
		return resident(home);
	case INTACT:
		return intact(home, order->bytes);
	}
	return -1;
}

__attribute__((noreturn))
static void live(const struct cgroup *cgroup, uint64_t bytes, int socket)
{
	struct home home = { .size = bytes };
	struct order order;
	int64_t answer;

	cgroup_enter(cgroup);
	must(!ashmem_region_create(&home.region, "reclaim", bytes), "region");
	home.memory = ashmem_region_map(home.region, 0, PROT_READ | PROT_WRITE,
					MAP_SHARED, 0);
	must(home.memory != MAP_FAILED, "map");
	while (read(socket, &order, sizeof(order)) == sizeof(order)) {
		answer = obey(&home, &order);
		must(write(socket, &answer, sizeof(answer)) == sizeof(answer),
		     "answer");
	}
	_exit(0);
}

struct tenant tenant_start(const struct cgroup *cgroup, uint64_t bytes)
{
	struct tenant tenant;
	int sockets[2];

	must(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets),
	     "socketpair");
	tenant.pid = fork();
	must(tenant.pid >= 0, "fork");
	if (!tenant.pid) {
		close(sockets[0]);
		live(cgroup, bytes, sockets[1]);
	}
	close(sockets[1]);
	tenant.socket = sockets[0];
	return tenant;
}

bool tenant_end(struct tenant *tenant)
{
	int status;

	/* Tenants that were started later have it open as well. */
	shutdown(tenant->socket, SHUT_RDWR);
	close(tenant->socket);
	must(waitpid(tenant->pid, &status, 0) == tenant->pid, "waitpid");
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static int64_t tell(const struct tenant *tenant, struct order order)
{
	int64_t answer;

	if (send(tenant->socket, &order, sizeof(order), MSG_NOSIGNAL) < 0 ||
	    recv(tenant->socket, &answer, sizeof(answer), 0) != sizeof(answer))
		return -1;
	return answer;
}

int64_t tenant_fill(const struct tenant *tenant, uint64_t bytes)
{
	return tell(tenant, (struct order){ .verb = FILL, .bytes = bytes });
}

int64_t tenant_unpin(const struct tenant *tenant, uint64_t keep)
{
	return tell(tenant, (struct order){ .verb = UNPIN, .bytes = keep });
}

int64_t tenant_eat(const struct tenant *tenant, uint64_t bytes, uint64_t rate)
{
	return tell(tenant, (struct order){
		.verb = EAT, .bytes = bytes, .rate = rate });
}

int64_t tenant_stream(const struct tenant *tenant, uint64_t bytes,
		      uint64_t rate)
{
	return tell(tenant, (struct order){
		.verb = STREAM, .bytes = bytes, .rate = rate });
}

int64_t tenant_resident(const struct tenant *tenant)
{
	return tell(tenant, (struct order){ .verb = RESIDENT });
}

int64_t tenant_intact(const struct tenant *tenant, uint64_t bytes)
{
	return tell(tenant, (struct order){ .verb = INTACT, .bytes = bytes });
}
