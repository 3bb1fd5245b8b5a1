// SPDX-License-Identifier: MIT
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "locks.h"
#include "log.h"
#include "loss.h"
#include "pinfile.h"

/* How many numbers in a row are tried when somebody has locked them. */
#define NUMBER_TRIES	64

#define SEALS_SIZE	(F_SEAL_SHRINK | F_SEAL_GROW)

uint32_t region_page_size(void)
{
	static uint32_t size;

	if (!size)
		size = sysconf(_SC_PAGESIZE);
	return size;
}

int region_examine(struct region_file *file, int fd)
{
	int flags = fcntl(fd, F_GETFL), seals = fcntl(fd, F_GET_SEALS);
	struct stat status;
	struct statfs system;

	if (flags < 0 || seals < 0 || fstat(fd, &status) < 0 ||
	    fstatfs(fd, &system) < 0)
		return EINVAL;
	if (!S_ISREG(status.st_mode) || system.f_type != TMPFS_MAGIC ||
	    (seals & SEALS_SIZE) != SEALS_SIZE || status.st_size <= 0 ||
	    (flags & O_ACCMODE) == O_WRONLY)
		return EINVAL;
	*file = (struct region_file){
		.fd = fd,
		.dev = status.st_dev,
		.ino = status.st_ino,
		.pages = (status.st_size - 1) / region_page_size() + 1,
		.writable = (flags & O_ACCMODE) == O_RDWR,
		.sealed = seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE),
	};
	return file->pages > PINMAP_MAX_PAGES ? EFBIG : 0;
}

/* Opens the file and lays claim to it. Returns a descriptor, or a negative
 * number of errno. */
static int claim(const struct region_file *file)
{
	int fd = locks_open(file->fd, file->writable ? O_RDWR : O_RDONLY);
	int error;

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE ? -ENFILE : -errno;
	if (locks_take(fd, LOCK_CLAIM, file->writable) == 0)
		return fd;
	error = errno == EAGAIN ? EBUSY : errno;
	close(fd);
	return -error;
}

static bool stop(void *context, int64_t byte)
{
	(void)byte;
	*(bool *)context = true;
	return false;
}

/* Has anybody a lock there? Who cannot be told apart has. The first one that is
 * found is enough: anybody can lock as many bytes as they like. */
static bool is_locked_within(int fd, int64_t byte, int64_t end)
{
	bool locked = false;

	return locks_each(fd, byte, end, stop, &locked) < 0 || locked;
}

static bool is_any_locked(int fd, int64_t base)
{
	return is_locked_within(fd, base + 1, base + LOCK_MAX_ATTACHMENT + 1);
}

/* Takes the pin map that was brought, unless somebody shows that they use
 * another one. Returns a descriptor, or -1. */
static int take_over(const struct region *region, int brought)
{
	int64_t byte = locks_byte_of_pins(brought);

	if (byte < 0 || is_locked_within(region->fd, LOCK_PINS, byte) ||
	    is_locked_within(region->fd, byte + 1, LOCK_PINS_END))
		return -1;
	return pinfile_adopt(region, brought,
			     is_locked_within(region->fd, byte, byte + 1));
}

/* Gives the region a pin map: the one brought, or a new one, if nobody knows
 * another. */
static int find_pins(struct region *region, const struct region_file *file,
		     int brought)
{
	/* Numbers that nobody can have taken on purpose. */
	if (getrandom(&region->last_number, sizeof(region->last_number),
		      GRND_NONBLOCK) < 0)
		region->last_number = 0;
	region->awaited = is_any_locked(region->fd, LOCK_HOLDER);
	if (brought >= 0 && file->writable) {
		region->pins = take_over(region, brought);
		if (region->pins < 0)
			return EAGAIN;
		region->oldest = 1;
		return 0;
	}
	if (brought >= 0 || is_any_locked(region->fd, LOCK_ATTACHED))
		return EAGAIN;
	region->pins = pinfile_make(region);
	if (region->pins < 0)
		return errno == EMFILE ? ENFILE : errno;
	return 0;
}

int region_open(struct region *region, const struct region_file *file,
		int brought)
{
	int error;

	*region = (struct region){
		.dev = file->dev,
		.ino = file->ino,
		.pages = file->pages,
		.pins = -1,
		.writable = file->writable,
		.sealed = file->sealed,
	};
	region->fd = claim(file);
	if (region->fd < 0)
		return -region->fd;
	region->noted = loss_is_noted(region->fd);
	error = find_pins(region, file, brought);
	if (error)
		close(region->fd);
	return error;
}

void region_close(struct region *region)
{
	close(region->pins);
	close(region->fd);
}

int region_upgrade(struct region *region, const struct region_file *file)
{
	int error, fd;

	locks_drop(region->fd, LOCK_CLAIM);
	fd = claim(file);
	if (fd >= 0) {
		close(region->fd);
		region->fd = fd;
		region->writable = true;
		/* Who looked for the claim meanwhile saw none, and may hold. */
		region->awaited = true;
		return 0;
	}
	error = -fd;
	return locks_take(region->fd, LOCK_CLAIM, false) < 0 ? ESTALE : error;
}

bool region_has_pins(const struct region *region, int fd)
{
	struct stat own, other;

	return fstat(region->pins, &own) == 0 && fstat(fd, &other) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

struct attachment *region_find(const struct region *region, uint32_t number)
{
	struct attachment *attachment = region->attachments;

	while (attachment && attachment->number != number)
		attachment = attachment->next;
	return attachment;
}

static bool is_locked(const struct region *region, int64_t byte)
{
	return is_locked_within(region->fd, byte, byte + 1);
}

uint32_t region_new_number(struct region *region)
{
	for (int i = 0; i < NUMBER_TRIES; i++) {
		uint32_t number = ++region->last_number;

		if (number && !region_find(region, number) &&
		    !is_locked(region, LOCK_ATTACHED + number) &&
		    !is_locked(region, LOCK_HOLDER + number))
			return number;
	}
	return 0;
}

/* Is this the lock of a holder who has not come back? */
struct absence {
	const struct region *region;
	bool found;
};

static bool note_absent(void *context, int64_t byte)
{
	struct absence *absence = context;

	if (!region_find(absence->region, byte - LOCK_HOLDER))
		absence->found = true;
	return !absence->found;
}

bool region_may_purge(struct region *region)
{
	struct absence absence = { .region = region };

	if (!region->writable || region->sealed)
		return false;
	if (!region->awaited)
		return true;
	if (locks_each(region->fd, LOCK_HOLDER + 1,
		       LOCK_HOLDER + LOCK_MAX_ATTACHMENT + 1, note_absent,
		       &absence) < 0 || absence.found)
		return false;
	log_debug("region %ju: all who hold pages of it have come back",
		  (uintmax_t)region->ino);
	region->awaited = false;
	return true;
}
