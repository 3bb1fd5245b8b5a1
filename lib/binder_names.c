// SPDX-License-Identifier: MIT
/*
 * The driver tells of a process's death by and by, its parent may know at once,
 * and starts it anew. A pidfd tells as soon as the parent knows.
 */
#include "binder_names.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

static bool is_alive(const struct binder_name *entry)
{
	struct pollfd poll_of = { .fd = entry->pidfd, .events = POLLIN };

	/* poll(2) leaves alone what is no descriptor. */
	return poll(&poll_of, 1, 0) <= 0;
}

static struct binder_name *entry_of(struct binder_names *names,
				    const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->entries[i].name, name))
			return &names->entries[i];
	return NULL;
}

struct binder_name *binder_names_find(struct binder_names *names,
				      const char *name)
{
	struct binder_name *entry = entry_of(names, name);

	return entry && is_alive(entry) ? entry : NULL;
}

static bool has_pidfd(const struct binder_names *names, int pidfd)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->entries[i].pidfd == pidfd)
			return true;
	return false;
}

/* The entries of a process have one pidfd. While it lives nobody else has its
 * number. Where there can be none, the driver's word has to do. */
static int pidfd_of(const struct binder_names *names, pid_t pid)
{
	if (!pid)
		return -1;
	for (size_t i = 0; i < names->count; i++)
		if (names->entries[i].pid == pid &&
		    names->entries[i].pidfd >= 0 &&
		    is_alive(&names->entries[i]))
			return names->entries[i].pidfd;
	return pidfd_open(pid, 0);
}

static void take_out(struct binder_names *names, struct binder_name *entry,
		     struct binder_name *removed)
{
	int pidfd = entry->pidfd;

	*removed = *entry;
	removed->pidfd = -1;
	*entry = names->entries[--names->count];
	if (pidfd >= 0 && !has_pidfd(names, pidfd))
		close(pidfd);
}

bool binder_names_remove(struct binder_names *names, uint64_t number,
			 struct binder_name *removed)
{
	for (size_t i = 0; i < names->count; i++) {
		if (names->entries[i].number == number) {
			take_out(names, &names->entries[i], removed);
			return true;
		}
	}
	return false;
}

static bool has_handle(const struct binder_names *names, uint32_t handle)
{
	for (size_t i = 0; i < names->count; i++)
		if (!names->entries[i].own &&
		    names->entries[i].handle == handle)
			return true;
	return false;
}

static int make_room(struct binder_names *names)
{
	struct binder_name *entries;

	if (names->count == ASHMEM_BINDER_MOST_NAMES) {
		errno = ENOSPC;
		return -1;
	}
	entries = reallocarray(names->entries, names->count + 1,
			       sizeof(*entries));
	if (!entries)
		return -1;
	names->entries = entries;
	return 0;
}

int binder_names_add(struct binder_names *names, struct binder_name *entry,
		     struct binder_name *replaced)
{
	struct binder_name *before = entry_of(names, entry->name);

	replaced->name[0] = '\0';
	if ((before && is_alive(before) &&
	     (!entry->pid || before->pid != entry->pid)) ||
	    (!entry->own && has_handle(names, entry->handle))) {
		errno = EEXIST;
		return -1;
	}
	if (before)
		take_out(names, before, replaced);
	else if (make_room(names) < 0)
		return -1;
	entry->number = ++names->numbers;
	entry->pidfd = pidfd_of(names, entry->pid);
	names->entries[names->count++] = *entry;
	return 0;
}

void binder_names_free(struct binder_names *names)
{
	struct binder_name removed;

	while (names->count)
		take_out(names, &names->entries[names->count - 1], &removed);
	free(names->entries);
	names->entries = NULL;
}
