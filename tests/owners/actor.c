// SPDX-License-Identifier: MIT
#include "actor.h"

#include <ashmem.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../lib/wire.h"

#define FILLED_WITH	0x5a

/* For what comes about by and by: how often, and how long in between. */
#define MOST_TRIES	300
#define PAUSE		100000000

/**
 * struct answer - of an actor
 * @result: of what it did
 */
struct answer {
	long result;
};

/**
 * struct self - an actor's own
 * @region: that it has
 * @at:     mapped
 */
struct self {
	struct ashmem_region *region;
	char *at;
};

__attribute__((noreturn))
static void give_up(const char *what)
{
	fprintf(stderr, "owners: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long or_errno(long result)
{
	return result < 0 ? -errno : result;
}

static long map(struct self *self, int prot)
{
	self->at = ashmem_region_map(self->region, 0, prot, MAP_SHARED, 0);
	return self->at == MAP_FAILED ? -errno : 0;
}

static long create(struct self *self)
{
	long result;

	if (ashmem_region_create(&self->region, "owners", ACTOR_BYTES) < 0)
		return -errno;
	result = map(self, PROT_READ | PROT_WRITE);
	if (result == 0)
		memset(self->at, FILLED_WITH, ACTOR_BYTES);
	return result;
}

static long take(struct self *self, int fd, int prot)
{
	if (ashmem_region_import(&self->region, fd) < 0)
		return -errno;
	return map(self, prot);
}

static long is_intact(const struct self *self)
{
	for (size_t i = 0; i < ACTOR_BYTES; i++)
		if (self->at[i] != FILLED_WITH)
			return 0;
	return 1;
}

static bool is_pin_map(int fd)
{
	char path[64], link[128];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, link, sizeof(link) - 1);
	link[length > 0 ? length : 0] = '\0';
	return strstr(link, "ashmem-pins");
}

/* By the descriptor itself, and by a new one of the same file. */
static bool can_write(int fd)
{
	char path[64];
	void *at;
	int again;

	at = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at != MAP_FAILED)
		return true;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR);
	return again >= 0;
}

static long write_pin_map(void)
{
	int found = 0;

	for (int fd = 3; fd < 64; fd++) {
		if (!is_pin_map(fd))
			continue;
		found++;
		if (can_write(fd))
			return 1;
	}
	return found ? 0 : -ENOENT;
}

static long act(struct self *self, enum action action, struct wire_fds *fds)
{
	switch (action) {
	case CREATE:
		return create(self);
	case HAND_OUT:
		return or_errno(ashmem_region_duplicate(self->region,
							ASHMEM_ACCESS_WHOLE));
	case HAND_OUT_READ_ONLY:
		return or_errno(ashmem_region_duplicate(
					self->region, ASHMEM_ACCESS_READ_ONLY));
	case TAKE:
		return take(self, fds->fd[0], PROT_READ | PROT_WRITE);
	case TAKE_READ_ONLY:
		return take(self, fds->fd[0], PROT_READ);
	case PIN:
		return or_errno(ashmem_region_pin(self->region, 0, 0));
	case UNPIN:
		return or_errno(ashmem_region_unpin(self->region, 0, 0));
	case HOLD:
		return or_errno(ashmem_region_hold(self->region, 0, 0));
	case RELEASE:
		return or_errno(ashmem_region_release(self->region, 0, 0));
	case PURGE_ALL:
		return or_errno(ashmem_purge_all(self->region));
	case CLOSE:
		ashmem_region_close(self->region);
		return 0;
	case IS_INTACT:
		return is_intact(self);
	case WRITE_PIN_MAP:
		return write_pin_map();
	}
	return -EINVAL;
}

static bool is_hand_out(enum action action)
{
	return action == HAND_OUT || action == HAND_OUT_READ_ONLY;
}

static void become(const struct actor_place *place)
{
	setenv("XDG_RUNTIME_DIR", place->directory, 1);
	setenv("XDG_CONFIG_HOME", place->directory, 1);
	if (place->alone)
		setenv("ASHMEMD", "/nonexistent", 1);
	if (place->apart && unshare(CLONE_NEWNS) < 0)
		give_up("a mount namespace");
	if (place->user != geteuid() &&
	    (setgroups(0, NULL) < 0 || setgid(place->user) < 0 ||
	     setuid(place->user) < 0))
		give_up("another user");
}

__attribute__((noreturn))
static void run(const struct actor_place *place, int socket)
{
	struct self self = { 0 };
	struct wire_fds fds;
	enum action action;

	become(place);
	while (wire_receive(socket, &action, sizeof(action), &fds) == 1) {
		struct answer answer = { act(&self, action, &fds) };
		struct wire_fds sent = { 0 };

		wire_close(&fds);
		if (is_hand_out(action) && answer.result >= 0)
			sent = (struct wire_fds){ 1, { answer.result } };
		if (wire_send(socket, &answer, sizeof(answer), &sent) < 0)
			break;
		wire_close(&sent);
	}
	_exit(0);
}

struct actor actor_start(const struct actor_place *place)
{
	struct actor actor;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		give_up("socketpair");
	actor.pid = fork();
	if (actor.pid < 0)
		give_up("fork");
	if (!actor.pid) {
		close(sockets[0]);
		run(place, sockets[1]);
	}
	close(sockets[1]);
	actor.socket = sockets[0];
	return actor;
}

static long ask(const struct actor *actor, enum action action,
		const struct wire_fds *sent, struct wire_fds *received)
{
	struct answer answer;

	if (wire_send(actor->socket, &action, sizeof(action), sent) < 0 ||
	    wire_receive(actor->socket, &answer, sizeof(answer),
			 received) != 1)
		give_up("an actor has ended");
	return answer.result;
}

long actor_do(const struct actor *actor, enum action action)
{
	struct wire_fds received;
	long result = ask(actor, action, NULL, &received);

	wire_close(&received);
	return result;
}

long actor_do_in_time(const struct actor *actor, enum action action)
{
	struct timespec pause = { .tv_nsec = PAUSE };
	long result;

	for (int tries = 0; tries < MOST_TRIES; tries++) {
		result = actor_do(actor, action);
		if (result != -EBUSY)
			break;
		nanosleep(&pause, NULL);
	}
	return result;
}

long actor_pass(const struct actor *from, const struct actor *to,
		enum action take)
{
	enum action hand_out = take == TAKE ? HAND_OUT : HAND_OUT_READ_ONLY;
	struct wire_fds region, none;
	long result = ask(from, hand_out, NULL, &region);

	if (result >= 0) {
		result = ask(to, take, &region, &none);
		wire_close(&none);
	}
	wire_close(&region);
	return result;
}

long actor_give(const struct actor *from, const struct actor *to,
		enum action take)
{
	long result = actor_do(from, CREATE);

	return result == 0 ? actor_pass(from, to, take) : result;
}

void actor_end(struct actor *actor)
{
	/* Actors that were started later have it too. */
	shutdown(actor->socket, SHUT_RDWR);
	close(actor->socket);
	waitpid(actor->pid, NULL, 0);
}
