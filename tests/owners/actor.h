/* SPDX-License-Identifier: MIT */
/*
 * Processes that use one region, each as another user or in another place, and
 * so each with an ashmemd of its own.
 */
#ifndef ASHMEM_TESTS_OWNERS_ACTOR_H
#define ASHMEM_TESTS_OWNERS_ACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What an actor can be told to do with the region that it has. */
enum action {
	CREATE,		/* makes one of ACTOR_BYTES, filled */
	HAND_OUT,	/* gives a descriptor */
	HAND_OUT_READ_ONLY,
	TAKE,		/* imports the descriptor that comes along */
	TAKE_READ_ONLY,	/* the same, to read */
	PIN,
	UNPIN,
	HOLD,
	RELEASE,
	PURGE_ALL,
	CLOSE,
	IS_INTACT,	/* 1 if all pages have their content, else 0 */
	WRITE_PIN_MAP,	/* tries to, by every descriptor; 1 if it could */
};

#define ACTOR_BYTES	(256u << 10)

/**
 * struct actor - one of them
 * @pid:    its process
 * @socket: to tell it
 */
struct actor {
	pid_t pid;
	int socket;
};

/**
 * struct actor_place - who it is, and where its ashmemd is
 * @user:      its number
 * @directory: for XDG_RUNTIME_DIR; belongs to @user
 * @apart:     it has a mount namespace of its own
 * @alone:     no ashmemd can be started
 */
struct actor_place {
	uid_t user;
	const char *directory;
	bool apart;
	bool alone;
};

struct actor actor_start(const struct actor_place *place);

/* Has it do something. Returns what that answered, or a negative error. */
long actor_do(const struct actor *actor, enum action action);

/* The same, again and again while it answers EBUSY, up to half a minute. */
long actor_do_in_time(const struct actor *actor, enum action action);

/* Has @from's region taken up by @to. Returns 0 or a negative error. */
long actor_pass(const struct actor *from, const struct actor *to,
		enum action take);

/* The same with a new region. */
long actor_give(const struct actor *from, const struct actor *to,
		enum action take);

void actor_end(struct actor *actor);

#endif /* ASHMEM_TESTS_OWNERS_ACTOR_H */
