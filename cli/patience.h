/* SPDX-License-Identifier: MIT */
/*
 * How long the ashmemds of each user may keep the caller waiting. Root asks
 * those of everybody, who may be anything that their users have written: all
 * that one user's take of a look is counted together, and who has taken too
 * much is left alone for a while.
 */
#ifndef ASHMEM_CLI_PATIENCE_H
#define ASHMEM_CLI_PATIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Those whom all processes of the caller use get more, each its own. */
enum standing {
	STANDING_OTHER,
	STANDING_OWN,
	STANDING_MACHINE,
};

struct patience_list;

/**
 * struct patience - with the ashmemds of one standing of one user
 * @left: of this look, in milliseconds
 * @lost: when it came to an end, in milliseconds; 0 if it has not
 */
struct patience {
	struct patience_list *list;
	struct patience *next;
	enum standing standing;
	uid_t owner;
	int64_t left;
	int64_t lost;
};

/**
 * struct patience_list - with all of them; to be freed with patience_end()
 * @first:   of all
 * @current: at whose expense time passes; NULL for nobody's
 * @since:   when that was counted last, in milliseconds
 */
struct patience_list {
	struct patience *first;
	struct patience *current;
	int64_t since;
};

/* That with these. Returns NULL with errno ENOMEM. It stays as long as the list.
 * */
struct patience *patience_with(struct patience_list *list,
			       enum standing standing, uid_t owner);
void patience_end(struct patience_list *list);

/* A new look begins. Who was left alone for long enough is asked again. */
void patience_renew(struct patience_list *list);

/* From here on time passes at this one's expense, until it does at another's.
 * Returns false if there is no patience left. */
bool patience_begin(struct patience *patience);

/* Waits until there is something to read. Returns false if that takes too long,
 * and then patience is lost. */
bool patience_wait(struct patience *patience, int fd);

/* For the moment there is no more. */
void patience_lose(struct patience *patience);

#endif /* ASHMEM_CLI_PATIENCE_H */
