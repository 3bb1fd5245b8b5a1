/* SPDX-License-Identifier: MIT */
/*
 * How memory gets short in the demos, and who answers to it: what differs from
 * engine to engine. All of it is for the narrator.
 */
#ifndef DEMO_SHORTAGE_H
#define DEMO_SHORTAGE_H

#include "actor.h"

#include <stdbool.h>
#include <stddef.h>

/* What the programs of the story may have together. */
#define LIMIT		((size_t)128 * 1024 * 1024)

/**
 * struct shortage - one way; what fails ends the story
 * @purger:    who purges, as "the kernel"
 * @terms:     what is to be said of the limit
 * @later:     the purge comes after the program has its memory, not before
 * @tries:     how often to confine the programs until there is a purge
 * @cgroup:    where the actors' memory is charged; NULL to leave them alone
 * @prepare:   comes first, and sees whether the story can be told here
 * @introduce: says so
 * @confine:   lets the programs have LIMIT from now on, of which they use
 *             @used; again, if others have given back memory, which undid it
 * @explain:   ends the paragraph of the first unpin
 * @used:      bytes that the programs use, the cache of @resident bytes
 * included @relieve:   nothing is short from now on, as far as @confine could
 * make it @check:     that the shortage has killed nobody
 * @blame:     nothing was purged: says what is known of it
 * @judge:     shows how the shortage ended
 * @conclude:  comes last; what the purger itself has to say
 * @clear:     undoes what is left, also when the story ends with an error
 */
struct shortage {
	const char *purger;
	const char *terms;
	bool later;
	unsigned int tries;
	const char *cgroup;
	void (*prepare)(void);
	void (*introduce)(void);
	void (*confine)(size_t used);
	void (*explain)(void);
	size_t (*used)(struct actor *const *actors, size_t count,
		       size_t resident);
	void (*relieve)(void);
	void (*check)(void);
	void (*blame)(void);
	void (*judge)(void);
	void (*conclude)(void);
	void (*clear)(void);
};

/* The device: a cgroup of its own, which takes root. The kernel purges. */
extern const struct shortage shortage_in_cgroup;

/* The portable engine: what is available on this machine. ashmemd purges. */
extern const struct shortage shortage_of_available;

#endif /* DEMO_SHORTAGE_H */
