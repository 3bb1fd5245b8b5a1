// SPDX-License-Identifier: MIT
#include "found.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "locks.h"
#include "loss.h"
#include "pinmap.h"
#include "pins.h"
#include "reach.h"
#include "sighting.h"
#include "verb.h"

#define SEALS_SIZE	(F_SEAL_SHRINK | F_SEAL_GROW)
#define SEALS_WRITE	(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

static int compare(uint64_t one, uint64_t other)
{
	return one < other ? -1 : one > other;
}

/* By region; of one process, descriptors before mappings. */
static int compare_sightings(const void *one, const void *other)
{
	const struct sighting *a = one, *b = other;
	int order = compare(a->engine, b->engine);

	if (!order)
		order = compare(a->device, b->device);
	if (!order)
		order = compare(a->inode, b->inode);
	if (!order)
		order = compare(a->pid, b->pid);
	return order ? order : compare((unsigned int)a->fd,
				       (unsigned int)b->fd);
}

static int compare_found(const void *one, const void *other)
{
	const struct found *a = one, *b = other;
	int order = compare(a->engine, b->engine);

	if (!order)
		order = compare(a->device, b->device);
	if (!order)
		order = compare(a->inode, b->inode);
	return order ? order : strcmp(a->id, b->id);
}

/* Do two sightings of areas without memory mean the same open file? */
static bool is_same_file(const struct holder *holder,
			 const struct sighting *sighting)
{
	return syscall(SYS_kcmp, holder->pid, sighting->pid, KCMP_FILE,
		       (unsigned long)holder->fd,
		       (unsigned long)sighting->fd) == 0;
}

static bool is_of(const struct found *found, const struct sighting *sighting)
{
	return found->engine == sighting->engine &&
	       found->device == sighting->device &&
	       found->inode == sighting->inode &&
	       (found->inode || is_same_file(&found->holders[0], sighting));
}

static void name_it(struct found *found)
{
	if (found->inode)
		snprintf(found->id, sizeof(found->id), "%c%" PRIu64,
			 found->engine == ASHMEM_ENGINE_DEVICE ? 'd' : 'p',
			 found->inode);
	else
		snprintf(found->id, sizeof(found->id), "%d/%d",
			 found->holders[0].pid, found->holders[0].fd);
}

/* Whose it is, and what it runs. */
static void describe_holder(struct holder *holder)
{
	struct stat status;
	sighting_path path;
	ssize_t length = -1;
	int file;

	snprintf(path, sizeof(path), "/proc/%d", holder->pid);
	holder->user = stat(path, &status) == 0 ? status.st_uid : (uid_t)-1;
	snprintf(path, sizeof(path), "/proc/%d/comm", holder->pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		length = read(file, holder->command,
			      sizeof(holder->command) - 1);
		close(file);
	}
	holder->command[length < 0 ? 0 : length] = '\0';
	holder->command[strcspn(holder->command, "\n")] = '\0';
}

static int add_holder(struct found *found, const struct sighting *sighting)
{
	struct holder *holders;

	for (size_t i = 0; i < found->holder_count; i++) {
		struct holder *known = &found->holders[i];

		if (known->pid != sighting->pid)
			continue;
		/* The one by which most can be done. */
		if (sighting->fd >= 0 && sighting->writable &&
		    !known->writable) {
			known->fd = sighting->fd;
			known->writable = true;
		}
		return 0;
	}
	holders = reallocarray(found->holders, found->holder_count + 1,
			       sizeof(*holders));
	if (!holders)
		return -1;
	found->holders = holders;
	holders += found->holder_count++;
	*holders = (struct holder){
		.pid = sighting->pid,
		.fd = sighting->fd,
		.writable = sighting->writable,
	};
	describe_holder(holders);
	return 0;
}

static struct found *add_found(struct found_list *list)
{
	struct found *items;

	/* Room grows at powers of two. */
	if (!(list->count & (list->count - 1))) {
		items = reallocarray(list->items,
				     list->count ? list->count * 2 : 1,
				     sizeof(*items));
		if (!items)
			return NULL;
		list->items = items;
	}
	items = &list->items[list->count++];
	*items = (struct found){ .protection = -1 };
	return items;
}

/* The region of a sighting among those without memory, or the last one. */
static struct found *known(struct found_list *list,
			   const struct sighting *sighting)
{
	size_t i = list->count;

	while (i-- > 0) {
		if (is_of(&list->items[i], sighting))
			return &list->items[i];
		if (sighting->inode)
			break;
	}
	return NULL;
}

static int group(struct found_list *list, struct sightings *sightings)
{
	struct found *found;

	if (sightings->count)
		qsort(sightings->items, sightings->count,
		      sizeof(sightings->items[0]), compare_sightings);
	for (size_t i = 0; i < sightings->count; i++) {
		const struct sighting *sighting = &sightings->items[i];

		found = known(list, sighting);
		if (!found) {
			found = add_found(list);
			if (!found)
				return -1;
			found->engine = sighting->engine;
			found->device = sighting->device;
			found->inode = sighting->inode;
		}
		if (add_holder(found, sighting) < 0)
			return -1;
		name_it(found);
	}
	return 0;
}

/*
 * What they are.
 */

static uint64_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static uint64_t pages_of(uint64_t size)
{
	return size / page_size() + (size % page_size() != 0);
}

/* What is mapped only tells nothing. */
static bool describe_area(struct found *found)
{
	struct area area;

	for (size_t i = 0; i < found->holder_count; i++) {
		const struct holder *holder = &found->holders[i];

		if (holder->fd < 0 || !area_read(holder->pid, holder->fd,
						 &area))
			continue;
		memcpy(found->name, area.name, sizeof(found->name));
		found->size = area.size;
		found->pages = pages_of(area.size);
		found->resident = area.resident;
		found->protection = area.protection;
		found->knows_pins = true;
		/* There, a page that was purged is not counted as unpinned. */
		found->unpinned = area.unpinned + area.purged;
		found->purged = area.purged;
		break;
	}
	return true;
}

static bool note_lock(void *context, int64_t byte)
{
	(void)byte;
	*(bool *)context = true;
	return false;
}

/* Does anybody keep a pin map of it? Then nobody who was asked knows it. */
static bool has_pin_map(int fd)
{
	bool locked = false;

	return locks_each(fd, LOCK_CLAIM, LOCK_CLAIM + 1, note_lock,
			  &locked) < 0 || locked ||
	       locks_each(fd, LOCK_ATTACHED,
			  LOCK_ATTACHED + LOCK_MAX_ATTACHMENT + 1, note_lock,
			  &locked) < 0 || locked;
}

static int protection_of(mode_t mode, int seals)
{
	return (mode & S_IROTH ? PROT_READ : 0) |
	       (seals & SEALS_WRITE ? 0 : PROT_WRITE) |
	       (mode & S_IXOTH ? PROT_EXEC : 0);
}

/* Would the library take this for a region, and is it one of ashmem's? */
static bool describe_file(struct found *found, int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;
	struct statfs system;

	if (seals < 0 || (seals & SEALS_SIZE) != SEALS_SIZE ||
	    seals & F_SEAL_SEAL || fstat(fd, &status) < 0 ||
	    fstatfs(fd, &system) < 0 || system.f_type != TMPFS_MAGIC)
		return false;
	memfd_name_of(fd, found->name);
	found->size = status.st_size;
	found->pages = pages_of(found->size);
	found->resident = (uint64_t)status.st_blocks * 512 / page_size();
	found->protection = protection_of(status.st_mode, seals);
	/* Where nobody has a pin map all is pinned. */
	found->knows_pins = !has_pin_map(fd) && !loss_is_noted(fd);
	return true;
}

static bool describe_memfd(struct found *found)
{
	int fd = reach_memfd(found, O_RDONLY | O_NONBLOCK);
	bool is_region;

	if (fd < 0)
		return false;
	is_region = describe_file(found, fd);
	close(fd);
	return is_region;
}

/* Leaves only those that are regions. */
static void describe(struct found_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct found *found = &list->items[i];

		if (found->engine == ASHMEM_ENGINE_DEVICE ?
		    describe_area(found) : describe_memfd(found))
			list->items[kept++] = *found;
		else
			free(found->holders);
	}
	list->count = kept;
}

/*
 * What ashmemd knows.
 */

static int count_run(void *context, uint64_t first, uint64_t end,
		     uint32_t purgeable, uint32_t purged)
{
	struct found *found = context;

	if (end - first > PINMAP_CELL_PAGES) {
		found->unpinned += purgeable ? end - first : 0;
		return 0;
	}
	found->unpinned += __builtin_popcount(purgeable | purged);
	found->purged += __builtin_popcount(purged);
	return 0;
}

static void count_pins(struct found *found)
{
	int fd = service_look(found->service, found->device, found->inode);

	found->knows_pins = false;
	if (fd < 0)
		return;
	found->knows_pins = pins_walk(fd, found->pages, count_run, found) == 0;
	close(fd);
}

/* ashmemd has a descriptor of its own of each. */
static void leave_out(struct found *found, pid_t ashmemd)
{
	for (size_t i = 0; i < found->holder_count; i++) {
		struct holder *holder = &found->holders[i];

		if (holder->pid != ashmemd ||
		    strcmp(holder->command, "ashmemd"))
			continue;
		memmove(holder, holder + 1,
			(--found->holder_count - i) * sizeof(*holder));
		break;
	}
}

/* One that has not told who it is goes by what it is called. */
static void leave_out_silent(struct found_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct found *found = &list->items[i];

		for (size_t j = found->holder_count; j-- > 0;)
			if (!strcmp(found->holders[j].command, "ashmemd"))
				leave_out(found, found->holders[j].pid);
	}
}

/* What another user's ashmemd says of a region is believed if that user has it:
 * anybody can say anything of others'. */
static bool is_believed(const struct found *found,
			const struct service *service)
{
	if (service->place.machine || service->owner == geteuid())
		return true;
	for (size_t i = 0; i < found->holder_count; i++)
		if (found->holders[i].user == service->owner)
			return true;
	return false;
}

static int take(struct found_list *list, size_t sorted,
		const struct service *service, pid_t ashmemd,
		struct listing_region *listed)
{
	struct found key = {
		.engine = ASHMEM_ENGINE_PORTABLE,
		.device = listed->device,
		.inode = listed->inode,
	};
	struct found *found;

	name_it(&key);
	found = bsearch(&key, list->items, sorted, sizeof(key), compare_found);
	if (!found) {
		found = add_found(list);
		if (!found)
			return -1;
		*found = key;
		found->protection = -1;
		listed->name[sizeof(listed->name) - 1] = '\0';
		memcpy(found->name, listed->name, sizeof(found->name));
		found->pages = listed->pages;
		found->size = listed->pages * page_size();
		found->resident = listed->resident;
	}
	/* Only one serves a region: see lib/locks.h. */
	if (found->service || found->pages != listed->pages ||
	    (found->holder_count && !is_believed(found, service)))
		return 0;
	found->service = service;
	found->attached = listed->attached;
	found->flags = listed->flags;
	found->purged_ever = listed->purged;
	leave_out(found, ashmemd);
	count_pins(found);
	return 0;
}

/* A listing that has no end is not believed: as many as there may be, twice. */
#define MOST_REPLIES	16384

static void note_error(struct found_list *list, const struct service *service,
		       int error)
{
	list->error = error;
	list->partial |= service->patience->standing != STANDING_OTHER;
}

static int ask(struct found_list *list, const struct service *service)
{
	struct listing listing = { 0 };
	size_t sorted = list->count;

	for (int replies = 0; replies < MOST_REPLIES; replies++) {
		if (service_list(service, listing.cursor, &listing) < 0) {
			note_error(list, service, errno);
			return 0;
		}
		for (uint32_t i = 0; i < listing.count; i++)
			if (take(list, sorted, service, listing.pid,
				 &listing.regions[i]) < 0)
				return -1;
		if (!listing.cursor)
			return 0;
	}
	note_error(list, service, ETIMEDOUT);
	return 0;
}

static void sort(struct found_list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(list->items[0]),
		      compare_found);
}

static void forget(struct found_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].holders);
	free(list->items);
	list->items = NULL;
	list->count = 0;
}

static int ask_all(struct found_list *list)
{
	if (services_connect(&list->services) < 0)
		return -1;
	list->partial = list->services.error == ETIMEDOUT;
	list->error = list->partial ? ETIMEDOUT : 0;
	for (size_t i = 0; i < list->services.count; i++) {
		sort(list);
		if (ask(list, &list->services.items[i]) < 0)
			return -1;
	}
	if (list->error)
		leave_out_silent(list);
	sort(list);
	return 0;
}

int found_look(struct found_list *list)
{
	struct sightings sightings;
	int result, error;

	forget(list);
	if (sightings_look(&sightings) < 0)
		return -1;
	list->hidden = sightings.hidden;
	result = group(list, &sightings);
	sightings_end(&sightings);
	if (result == 0) {
		describe(list);
		result = ask_all(list);
	}
	if (result == 0)
		return 0;
	error = errno;
	found_end(list);
	errno = error;
	return -1;
}

void found_end(struct found_list *list)
{
	forget(list);
	services_close(&list->services);
}

/*
 * One of them.
 */

bool found_is_id(const char *id)
{
	int end = 0;

	if (sscanf(id, "%*1[dp]%*[0-9]%n", &end) >= 0 && end && !id[end])
		return true;
	end = 0;
	sscanf(id, "%*[0-9]/%*[0-9]%n", &end);
	return end && !id[end];
}

const struct found *found_before(const struct found_list *list,
				 const struct found *found)
{
	return list->count ? bsearch(found, list->items, list->count,
				     sizeof(*found), compare_found) : NULL;
}

int found_one(struct found_list *list, const char *id,
	      const struct found **found)
{
	struct sighting sighting;
	bool by_descriptor;

	if (!found_is_id(id))
		return misused("`%s' is no region: say it as `ashmem ls' does",
			       id);
	if (found_look(list) < 0) {
		complain("/proc cannot be looked through: %s", strerror(errno));
		return STATUS_FAILED;
	}
	by_descriptor = sighting_at(id, &sighting);
	for (size_t i = 0; i < list->count; i++) {
		*found = &list->items[i];
		if (!strcmp(list->items[i].id, id) ||
		    (by_descriptor && is_of(*found, &sighting)))
			return STATUS_DONE;
	}
	if (list->hidden)
		complain("there is no region %s to be seen; the processes of "
			 "others are hidden: ask as root", id);
	else
		complain("there is no region %s; `ashmem ls' shows those that "
			 "there are", id);
	return STATUS_ABSENT;
}
