/* SPDX-License-Identifier: MIT */
/* The names that a manager keeps, and whose they are. Knows nothing of the
 * driver; a name belongs to a process until that has ended. */
#ifndef ASHMEM_LIB_BINDER_NAMES_H
#define ASHMEM_LIB_BINDER_NAMES_H

#include <ashmem_binder.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct binder_name - a service that is known by its name
 * @name:   of it
 * @number: no other entry has had it, or will
 * @handle: of the service, if it is not the manager's own
 * @own:    the manager's own service, or 0
 * @pid:    of the process that has published it; 0 if that is unknown
 * @pidfd:  of that process, the same in all its entries, or -1
 */
struct binder_name {
	char name[ASHMEM_BINDER_NAME_LEN];
	uint64_t number;
	uint32_t handle;
	uint64_t own;
	pid_t pid;
	int pidfd;
};

struct binder_names {
	struct binder_name *entries;
	size_t count;
	uint64_t numbers;
};

/* The entry of a living process, or NULL. */
struct binder_name *binder_names_find(struct binder_names *names,
				      const char *name);

/**
 * binder_names_add - adds what @entry says; number and pidfd are given to it
 * @replaced: is given what has had the name before; its name is empty if
 *            nothing has
 *
 * Returns 0, or -1 with errno: EEXIST if another living process has the name, or
 * if the handle is there under any; ENOSPC; ENOMEM.
 */
int binder_names_add(struct binder_names *names, struct binder_name *entry,
		     struct binder_name *replaced);

/* Takes out the entry with this number. Returns false if there is none. */
bool binder_names_remove(struct binder_names *names, uint64_t number,
			 struct binder_name *removed);

void binder_names_free(struct binder_names *names);

#endif /* ASHMEM_LIB_BINDER_NAMES_H */
