/* SPDX-License-Identifier: MIT */
#ifndef DEMO_ACTOR_H
#define DEMO_ACTOR_H

#include "milliseconds.h"

#include <nettle/sha2.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct area_pages - the pages of an area
 * @resident: have memory
 * @pinned:   must stay
 * @unpinned: may be purged
 * @purged:   were purged, and not pinned since
 */
struct area_pages {
	unsigned long resident;
	unsigned long pinned;
	unsigned long unpinned;
	unsigned long purged;
};

/**
 * struct report - what an actor says it has done; unused members are zero
 * @error:  what went wrong; empty if nothing did
 * @maps:   the area's line in the actor's /proc/self/maps, blanks squeezed
 * @digest: the SHA-256 of the area
 * @area:   the area's pages
 * @pages:  pages that were dealt with
 * @ms:     milliseconds that it took
 * @at:     when something was seen to happen, on the clock of milliseconds()
 */
struct report {
	char error[160];
	char maps[160];
	unsigned char digest[SHA256_DIGEST_SIZE];
	struct area_pages area;
	unsigned long pages;
	double ms;
	double at;
};

/* What an actor is told to do: its next step, or its last one again. */
enum cue {
	CUE_NEXT	= 'n',
	CUE_AGAIN	= 'a',
};

/**
 * struct actor - a process of the story
 * @name:  who it is, as "the reader"
 * @pid:   its number; 0 before it starts and after it has ended
 * @stage: the socket to it
 */
struct actor {
	const char *name;
	pid_t pid;
	int stage;
};

/* What an actor does, on the other end of its socket; it ends by returning. */
typedef void role(int stage, const void *props);

/* For the narrator. */
bool actor_start(struct actor *actor, const char *cgroup, role *play,
		 const void *props);
bool actor_cue(const struct actor *actor, enum cue cue,
	       struct report *report);
bool actor_lives(const struct actor *actor);
int actor_end(struct actor *actor);
void actor_kill(struct actor *actor);

/* For the actor. */
enum cue actor_wait(int stage);
void actor_tell(int stage, const struct report *report);
__attribute__((noreturn, format(printf, 2, 3)))
void actor_fail(int stage, const char *format, ...);
void actor_show_maps(int stage, const void *area, struct report *report);

#endif /* DEMO_ACTOR_H */
