// SPDX-License-Identifier: MIT
/*
 * The portable engine: a region is a memfd of exactly its size, sealed against
 * resizing. It is made when its descriptor is first needed, for a memfd's name
 * cannot be changed.
 *
 * The protection mask is told by the file itself, so that everybody who has it
 * knows: reading and execution by the permission bits of its group and of
 * others, writing by the seal against it.
 *
 * These users' permission to write goes with the mask, and before, once the
 * region is handed to somebody for reading: they could open the file anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "locks.h"
#include "loss.h"
#include "memfd.h"
#include "memfdname.h"
#include "region.h"

#define DEFAULT_NAME		"dev/ashmem"

/* How often somebody else may be about to change the file's mode, and how long
 * to wait in between, in nanoseconds. */
#define MODE_TRIES		1000
#define MODE_PAUSE		1000000

/* Between two requests for one purge, in nanoseconds. */
#define PURGE_PAUSE	1000000

#define LARGEST_SIZE		INT64_MAX

#define REGION_SEALS		(F_SEAL_SHRINK | F_SEAL_GROW)

/*
 * Over what a region is before it has a file, and over the pins of read-only
 * descriptors. One for all regions, so that a fork can wait for it. Taken before
 * the connection's.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Over purging all, which is one purge of the process to ashmemd. Taken before
 * the other two. */
static pthread_mutex_t purging = PTHREAD_MUTEX_INITIALIZER;

/* How often the process has forked: children have the regions made before. */
static _Atomic unsigned int forks;

static void lock_before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void unlock_after_fork(void)
{
	atomic_fetch_add_explicit(&forks, 1, memory_order_relaxed);
	pthread_mutex_unlock(&lock);
}

/* A purge is its parent's, and not waited for: it may take long. */
static void unlock_in_child(void)
{
	pthread_mutex_init(&purging, NULL);
	unlock_after_fork();
}

static void set_up(void)
{
	/* Has its own handlers set first: they are to come after these. */
	connection_lock();
	connection_unlock();
	pthread_atfork(lock_before_fork, unlock_after_fork, unlock_in_child);
}

void portable_set_up(void)
{
	pthread_once(&once, set_up);
}

/*
 * Making the file.
 */

static int portable_open(struct ashmem_region *region)
{
	portable_set_up();
	region->forks = atomic_load_explicit(&forks, memory_order_relaxed);
	strcpy(region->name, DEFAULT_NAME);
	region->protection = REGION_PROTECTIONS;
	return 0;
}

/* The owner keeps what it has, and nobody gets what was not there: the kernel
 * lets no file be made executable on a machine that forbids it. */
static mode_t mode_of(int prot)
{
	mode_t bits = (prot & PROT_READ ? S_IROTH : 0) |
		      (prot & PROT_WRITE ? S_IWOTH : 0) |
		      (prot & PROT_EXEC ? S_IXOTH : 0);

	return LOSS_MODE | S_IRWXU | bits << 3 | bits;
}

static int protection_of(mode_t mode, int seals)
{
	bool sealed = seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);

	return (mode & S_IROTH ? PROT_READ : 0) |
	       (sealed ? 0 : PROT_WRITE) |
	       (mode & S_IXOTH ? PROT_EXEC : 0);
}

static int file_protection(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat stat;

	if (seals < 0 || fstat(fd, &stat) < 0)
		return -1;
	return protection_of(stat.st_mode, seals);
}

/* A descriptor whose description nobody shares, or who does could change the
 * mode at the same time. Fails with ENOENT without /proc. */
static int lock_fd_open(int fd)
{
	int own = locks_open(fd, O_RDWR);

	/* Whoever may not open it may not change its mode either. */
	if (own < 0 && errno == EACCES)
		errno = EPERM;
	return own;
}

/**
 * struct reduction - what is taken from the mode
 * @keep: the bits that may stay
 * @seal: writing is sealed as well
 */
struct reduction {
	mode_t keep;
	bool seal;
};

static void pause_for_mode(void)
{
	struct timespec pause = { .tv_nsec = MODE_PAUSE };

	nanosleep(&pause, NULL);
}

/*
 * ashmemd changes the mode as well, in no time. Nobody who changes it locks it
 * for reading, so such a lock is not waited for. Fails with EAGAIN if somebody
 * keeps it locked.
 */
static int lock_mode(int own)
{
	for (int tries = 0; tries < MODE_TRIES; tries++) {
		if (locks_take(own, LOCK_MODE, true) == 0)
			return 0;
		if (errno == EBADF)
			errno = EPERM;
		if (errno != EAGAIN)
			return -1;
		if (locks_is_read(own, LOCK_MODE))
			break;
		pause_for_mode();
	}
	errno = EAGAIN;
	return -1;
}

/* The seal comes last, as it cannot be taken back. */
static int reduce(int fd, const struct reduction *reduction, mode_t added)
{
	struct stat stat;
	mode_t before;
	int error;

	if (fstat(fd, &stat) < 0)
		return -1;
	before = stat.st_mode & ~S_IFMT;
	if (fchmod(fd, (before & reduction->keep) | added) < 0)
		return -1;
	if (!reduction->seal ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0)
		return 0;
	error = errno;
	fchmod(fd, before | added);
	errno = error;
	return -1;
}

/* Also after a while, when who was about to change the mode has done so? */
static bool is_reduced(int fd, const struct reduction *reduction)
{
	struct stat stat;

	pause_for_mode();
	return fstat(fd, &stat) == 0 && stat.st_mode & LOSS_MODE &&
	       !(stat.st_mode & ~S_IFMT & ~reduction->keep);
}

/* Whoever has the region can lock the mode, and is not to keep its owner from
 * changing it; nor is the want of a lock, without /proc. As ashmemd may be
 * about to note a purge, one is noted here. */
static int reduce_unlocked(int fd, const struct reduction *reduction)
{
	for (int tries = 0; tries < MODE_TRIES; tries++) {
		int result;

		pthread_mutex_lock(&lock);
		result = reduce(fd, reduction, LOSS_MODE);
		pthread_mutex_unlock(&lock);
		if (result < 0 || is_reduced(fd, reduction))
			return result;
	}
	errno = EAGAIN;
	return -1;
}

/* Not with the lock held: it may take a while. */
static int reduce_mode(int fd, const struct reduction *reduction)
{
	int own = lock_fd_open(fd), result, error;

	if (own < 0)
		return errno == ENOENT ? reduce_unlocked(fd, reduction) : -1;
	result = lock_mode(own);
	if (result == 0) {
		result = reduce(fd, reduction, 0);
		error = errno;
		locks_drop(own, LOCK_MODE);
		errno = error;
	} else if (errno == EAGAIN) {
		result = reduce_unlocked(fd, reduction);
	}
	error = errno;
	close(own);
	errno = error;
	return result;
}

static struct reduction reduction_to(int prot)
{
	return (struct reduction){ mode_of(prot), !(prot & PROT_WRITE) };
}

/* Lets no other user open the file anew for writing. */
static int close_to_others(int fd)
{
	struct reduction reduction = { .keep = ~(S_IWGRP | S_IWOTH) };
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return -1;
	if (!(stat.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return reduce_mode(fd, &reduction);
}

static uint64_t pages_of(uint64_t size)
{
	uint64_t page = sysconf(_SC_PAGESIZE);

	return size / page + (size % page != 0);
}

static void set_pages(struct ashmem_region *region)
{
	region->page_shift = __builtin_ctzl(sysconf(_SC_PAGESIZE));
	region->pages = pages_of(region->size);
}

static int file_make(struct ashmem_region *region)
{
	struct reduction reduction = reduction_to(region->protection);
	int fd, error;

	if (!region->size) {
		errno = EINVAL;
		return -1;
	}
	fd = memfd_make_executable(region->name);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, region->size) == 0 &&
	    fcntl(fd, F_ADD_SEALS, REGION_SEALS) == 0 &&
	    (region->protection == REGION_PROTECTIONS ||
	     reduce(fd, &reduction, 0) == 0)) {
		set_pages(region);
		/* Some machines forbid that it can be executed. */
		region->protection = file_protection(fd);
		region->writable = true;
		attachment_init(&region->attachment, fd, false, region->pages,
				true);
		atomic_store_explicit(&region->fd, fd, memory_order_release);
		return fd;
	}
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int file_of(struct ashmem_region *region)
{
	int fd = atomic_load_explicit(&region->fd, memory_order_acquire);

	if (fd >= 0)
		return fd;
	pthread_mutex_lock(&lock);
	fd = atomic_load(&region->fd);
	if (fd < 0)
		fd = file_make(region);
	pthread_mutex_unlock(&lock);
	return fd;
}

static int portable_descriptor(struct ashmem_region *region)
{
	atomic_store_explicit(&region->shared, true, memory_order_relaxed);
	return file_of(region);
}

static int portable_duplicate(struct ashmem_region *region,
			      enum ashmem_access access)
{
	int fd = portable_descriptor(region);

	if (fd < 0)
		return -1;
	if (access == ASHMEM_ACCESS_READ_ONLY)
		return close_to_others(fd) < 0 ? -1 : locks_open(fd, O_RDONLY);
	if (region->writable)
		return fcntl(fd, F_DUPFD_CLOEXEC, 0);
	errno = EPERM;
	return -1;
}

static bool portable_has_access(struct ashmem_region *region,
				enum ashmem_access access)
{
	int flags = fcntl(region->fd, F_GETFL);

	return flags >= 0 &&
	       (flags & O_ACCMODE) ==
	       (access == ASHMEM_ACCESS_WHOLE ? O_RDWR : O_RDONLY);
}

bool portable_is_region(int fd)
{
	struct statfs fs;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & REGION_SEALS) == REGION_SEALS &&
	       fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

static int portable_take(struct ashmem_region *region)
{
	int flags = fcntl(region->fd, F_GETFL);
	struct stat stat;

	if (flags < 0 || fstat(region->fd, &stat) < 0)
		return -1;
	portable_set_up();
	region->size = stat.st_size;
	region->writable = (flags & O_ACCMODE) == O_RDWR;
	region->shared = true;
	set_pages(region);
	attachment_init(&region->attachment, region->fd, region->borrowed,
			region->pages, region->writable);
	return 0;
}

static void portable_close(struct ashmem_region *region)
{
	if (region->fd >= 0)
		attachment_end(&region->attachment);
	free(region->held_pins);
}

/*
 * What it is.
 */

/* Changes what is fixed once there is a file. Returns with the lock held. */
static int begin_change(struct ashmem_region *region)
{
	pthread_mutex_lock(&lock);
	if (region->fd < 0)
		return 0;
	pthread_mutex_unlock(&lock);
	errno = EINVAL;
	return -1;
}

static int portable_set_name(struct ashmem_region *region, const char *name)
{
	if (begin_change(region) < 0)
		return -1;
	region->name[0] = '\0';
	strncat(region->name, *name ? name : DEFAULT_NAME, MEMFD_NAME_MAX);
	pthread_mutex_unlock(&lock);
	return 0;
}

static int portable_set_size(struct ashmem_region *region, uint64_t size)
{
	if (size > LARGEST_SIZE) {
		errno = EINVAL;
		return -1;
	}
	if (begin_change(region) < 0)
		return -1;
	region->size = size;
	pthread_mutex_unlock(&lock);
	return 0;
}

static int portable_get_size(struct ashmem_region *region, uint64_t *size)
{
	*size = region->size;
	return 0;
}

static int portable_get_name(struct ashmem_region *region,
			     char name[ASHMEM_NAME_LEN])
{
	pthread_mutex_lock(&lock);
	strcpy(name, region->name);
	pthread_mutex_unlock(&lock);
	return *name ? 0 : memfd_name_of(region->fd, name);
}

/* Can somebody else have changed the mask? */
static bool is_shared(const struct ashmem_region *region)
{
	return atomic_load_explicit(&region->shared, memory_order_relaxed) ||
	       atomic_load_explicit(&forks, memory_order_relaxed) !=
	       region->forks;
}

static int portable_get_protection(struct ashmem_region *region)
{
	int fd = atomic_load(&region->fd);

	return fd < 0 ? region->protection : file_protection(fd);
}

/* Returns what the mask is, if it has all of @prot. */
static int must_have(struct ashmem_region *region, int prot)
{
	int before = portable_get_protection(region);

	if (before < 0 || !(prot & ~before))
		return before;
	errno = EINVAL;
	return -1;
}

/* Returns whether there is a file, which has to be told, or -1. */
static int begin_protection(struct ashmem_region *region, int prot)
{
	int result;

	pthread_mutex_lock(&lock);
	result = must_have(region, prot);
	if (result >= 0 && region->fd < 0)
		region->protection = prot;
	if (result >= 0)
		result = region->fd >= 0;
	pthread_mutex_unlock(&lock);
	return result;
}

/* Two threads may have taken away something each. */
static void end_protection(struct ashmem_region *region, int prot)
{
	pthread_mutex_lock(&lock);
	region->protection &= prot;
	if (!(prot & PROT_WRITE))
		attachment_seal(&region->attachment);
	pthread_mutex_unlock(&lock);
}

static int portable_set_protection(struct ashmem_region *region, int prot)
{
	struct reduction reduction = reduction_to(prot);
	int result = begin_protection(region, prot);

	if (result <= 0)
		return result;
	if (file_protection(region->fd) != prot &&
	    reduce_mode(region->fd, &reduction) < 0)
		return -1;
	end_protection(region, prot);
	return 0;
}

static int portable_file_id(struct ashmem_region *region, uint64_t *id)
{
	struct stat stat;

	if (region->fd < 0) {
		errno = EINVAL;
		return -1;
	}
	if (fstat(region->fd, &stat) < 0)
		return -1;
	*id = stat.st_ino;
	return 0;
}

/* Is it within @pages and within @mask? */
static int may_map(uint64_t pages, int mask, size_t length, int prot,
		   uint64_t offset)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t count = length / page + (length % page != 0);

	if (!length || offset % page || offset / page > pages ||
	    count > pages - offset / page)
		errno = EINVAL;
	else if (prot & REGION_PROTECTIONS & ~mask)
		errno = EPERM;
	else
		return 0;
	return -1;
}

/* The file for a map. One that is refused makes none, so freezes nothing. */
static int file_for_map(struct ashmem_region *region, size_t length, int prot,
			uint64_t offset)
{
	int fd = atomic_load_explicit(&region->fd, memory_order_acquire);

	if (fd >= 0)
		return fd;
	pthread_mutex_lock(&lock);
	fd = atomic_load(&region->fd);
	if (fd < 0 && may_map(pages_of(region->size), region->protection,
			      length, prot, offset) == 0)
		fd = file_make(region);
	pthread_mutex_unlock(&lock);
	return fd;
}

static void *portable_map(struct ashmem_region *region, size_t length,
			  int prot, int flags, uint64_t offset)
{
	int mask, fd = file_for_map(region, length, prot, offset);

	if (fd < 0)
		return MAP_FAILED;
	mask = is_shared(region) ? file_protection(fd) : region->protection;
	if (mask < 0 ||
	    may_map(region->pages, mask, length, prot, offset) < 0)
		return MAP_FAILED;
	return mmap(NULL, length, prot, flags, fd, offset);
}

/*
 * Pinning.
 */

/**
 * struct run - of pages, and the pin map that they are in
 * @now:   the pin map
 * @first: page
 * @end:   one past the last
 */
struct run {
	struct attached *now;
	uint64_t first;
	uint64_t end;
};

static inline int invalid(void)
{
	errno = EINVAL;
	return -1;
}

/*
 * Can this pin map be relied upon? No lock on the region says that a process
 * with a borrowed descriptor knows it, so a new ashmemd may have made another;
 * and ashmemd may have taken the descriptor for closed. As long as neither was
 * so after a call, what it answered was true.
 *
 * The slot is looked at first: another thread that found it ended, and takes it
 * into use again, has first said that @now is not attached.
 */
static inline bool is_sound(const struct ashmem_region *region,
			    const struct attached *now)
{
	if (!region->borrowed || !now->slot)
		return true;
	return atomic_load(now->slot) != PROCMAP_ENDED &&
	       attached_is_current(now);
}

/*
 * The run, if it is in a pin map that this process has attached and that cannot
 * be taken from it. Nearly all are, so this is in line, and calls nothing.
 */
static inline __attribute__((always_inline))
bool run_quickly(struct ashmem_region *region, uint64_t offset, uint64_t length,
		 struct run *run)
{
	uint64_t count;

	run->now = atomic_load_explicit(&region->attachment.now,
					memory_order_acquire);
	/* Before it is there, another thread may be setting all the rest. */
	if (!run->now)
		return false;
	count = length >> region->page_shift;
	run->first = offset >> region->page_shift;
	run->end = run->first + count;
	return !region->borrowed &&
	       ((offset | length) & ((UINT64_C(1) << region->page_shift) - 1))
	       == 0 && count && run->first < region->pages &&
	       count <= region->pages - run->first &&
	       attached_is_current(run->now);
}

static inline int run_of(struct ashmem_region *region, uint64_t offset,
			 uint64_t length, struct run *run)
{
	int fd = atomic_load_explicit(&region->fd, memory_order_acquire);
	uint64_t count;

	if (fd < 0 ||
	    (offset | length) & ((UINT64_C(1) << region->page_shift) - 1))
		return invalid();
	run->first = offset >> region->page_shift;
	count = length >> region->page_shift;
	if (run->first >= region->pages || count > region->pages - run->first)
		return invalid();
	run->end = count ? run->first + count : region->pages;
	run->now = attachment_get(&region->attachment, fd);
	if (run->now && !is_sound(region, run->now)) {
		atomic_store(&run->now->generation, 0);
		run->now = attachment_renew(&region->attachment, fd);
	}
	return run->now ? 0 : -1;
}

/* Never 0, and never PROCMAP_ENDED. */
static inline uint64_t now_in_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec + 1;
}

static int settle(struct ashmem_region *region, const struct run *run)
{
	struct attachment_wait wait = {
		&region->attachment, run->now, region->fd, 0
	};

	return pinmap_settle(&run->now->map, run->first, run->end,
			     attachment_wait, &wait);
}

static holdmap_word *holds_of(struct ashmem_region *region, struct run *run)
{
	holdmap_word *holds = atomic_load_explicit(&run->now->holds,
						   memory_order_acquire);

	return holds ? holds : attachment_make_holds(&region->attachment,
						     &run->now, region->fd);
}

/*
 * Through a read-only descriptor, a page is pinned by holding it, once.
 */

static bool test_and_set(uint64_t *bits, uint64_t page, bool value)
{
	uint64_t bit = UINT64_C(1) << page % 64;
	bool before = bits[page / 64] & bit;

	if (value)
		bits[page / 64] |= bit;
	else
		bits[page / 64] &= ~bit;
	return before;
}

static int hold_each(struct ashmem_region *region, const struct run *run,
		     holdmap_word *holds)
{
	for (uint64_t i = run->first; i < run->end; i++)
		if (!test_and_set(region->held_pins, i, true) &&
		    !holdmap_take(holds, i, i + 1)) {
			test_and_set(region->held_pins, i, false);
			errno = EOVERFLOW;
			return -1;
		}
	return 0;
}

/* Which pages are pinned in this way, in this process and with this pin map:
 * holds do not pass to a forked child, nor to another map. */
static uint64_t *held_pins_of(struct ashmem_region *region,
			      const struct attached *now)
{
	unsigned int count = atomic_load(&forks);
	size_t words = region->pages / 64 + 1;

	if (!region->held_pins)
		region->held_pins = calloc(words, sizeof(*region->held_pins));
	else if (region->held_in != now || region->held_forks != count)
		memset(region->held_pins, 0,
		       words * sizeof(*region->held_pins));
	region->held_in = now;
	region->held_forks = count;
	return region->held_pins;
}

static int pin_by_hold(struct ashmem_region *region, struct run *run)
{
	holdmap_word *holds = holds_of(region, run);
	int result = -1;

	if (!holds)
		return -1;
	pthread_mutex_lock(&lock);
	if (held_pins_of(region, run->now))
		result = hold_each(region, run, holds);
	pthread_mutex_unlock(&lock);
	return result < 0 ? -1 : settle(region, run);
}

static void unpin_by_release(struct ashmem_region *region, struct run *run)
{
	holdmap_word *holds = atomic_load(&run->now->holds);

	if (!holds)
		return;
	pthread_mutex_lock(&lock);
	if (held_pins_of(region, run->now))
		for (uint64_t i = run->first; i < run->end; i++)
			if (test_and_set(region->held_pins, i, false))
				holdmap_give(holds, i, i + 1);
	pthread_mutex_unlock(&lock);
}

static int pin_once(struct ashmem_region *region, struct run *run)
{
	struct attachment_wait wait;

	if (!region->writable)
		return pin_by_hold(region, run);
	wait = (struct attachment_wait){
		&region->attachment, run->now, region->fd, 0
	};
	return pinmap_pin(&run->now->map, run->first, run->end,
			  attachment_wait, &wait);
}

static __attribute__((noinline))
int pin(struct ashmem_region *region, uint64_t offset, uint64_t length)
{
	struct run run;
	int result, purged = ASHMEM_NOT_PURGED;

	do {
		if (run_of(region, offset, length, &run) < 0)
			return -1;
		result = pin_once(region, &run);
		if (result < 0)
			return -1;
		purged |= result;
	} while (!is_sound(region, run.now));
	return purged;
}

static int portable_pin(struct ashmem_region *region, uint64_t offset,
			uint64_t length)
{
	struct run run;

	if (run_quickly(region, offset, length, &run) && region->writable &&
	    pinmap_pin_quickly(&run.now->map, run.first, run.end))
		return ASHMEM_NOT_PURGED;
	return pin(region, offset, length);
}

/* Only after the unpin: ashmemd first empties the slot, and then looks. */
static inline void tell_by_slot(const struct attached *attached, uint64_t now)
{
	if (attached->slot && !atomic_load(attached->slot))
		atomic_store(attached->slot, now);
}

static void unpin_once(struct ashmem_region *region, struct run *run)
{
	uint64_t now;

	if (!region->writable) {
		unpin_by_release(region, run);
		return;
	}
	now = now_in_nanoseconds();
	pinmap_unpin(&run->now->map, run->first, run->end, now);
	tell_by_slot(run->now, now);
}

static __attribute__((noinline))
int unpin(struct ashmem_region *region, uint64_t offset, uint64_t length)
{
	struct run run;

	do {
		if (run_of(region, offset, length, &run) < 0)
			return -1;
		unpin_once(region, &run);
	} while (!is_sound(region, run.now));
	return 0;
}

static int portable_unpin(struct ashmem_region *region, uint64_t offset,
			  uint64_t length)
{
	uint64_t now = now_in_nanoseconds();
	struct run run;

	if (!run_quickly(region, offset, length, &run) || !region->writable ||
	    !pinmap_unpin_quickly(&run.now->map, run.first, run.end, now))
		return unpin(region, offset, length);
	tell_by_slot(run.now, now);
	return 0;
}

static int portable_pin_status(struct ashmem_region *region, uint64_t offset,
			       uint64_t length)
{
	struct run run;
	bool pinned;

	do {
		if (run_of(region, offset, length, &run) < 0)
			return -1;
		pinned = pinmap_is_pinned(&run.now->map, run.first, run.end);
	} while (!is_sound(region, run.now));
	return pinned ? ASHMEM_IS_PINNED : ASHMEM_IS_UNPINNED;
}

/* Ends a hold for which counts are taken; or gives them back. */
static int settle_hold(struct ashmem_region *region, const struct run *run,
		       holdmap_word *holds)
{
	int purged = settle(region, run);

	if (purged < 0)
		holdmap_give(holds, run->first, run->end);
	return purged;
}

static __attribute__((noinline))
int hold(struct ashmem_region *region, uint64_t offset, uint64_t length)
{
	holdmap_word *holds;
	struct run run;

	if (run_of(region, offset, length, &run) < 0)
		return -1;
	holds = holds_of(region, &run);
	if (!holds)
		return -1;
	if (!holdmap_take(holds, run.first, run.end)) {
		errno = EOVERFLOW;
		return -1;
	}
	return settle_hold(region, &run, holds);
}

static int portable_hold(struct ashmem_region *region, uint64_t offset,
			 uint64_t length)
{
	holdmap_word *holds;
	struct run run;

	if (!run_quickly(region, offset, length, &run))
		return hold(region, offset, length);
	holds = atomic_load_explicit(&run.now->holds, memory_order_acquire);
	if (!holds || !holdmap_take(holds, run.first, run.end))
		return hold(region, offset, length);
	if (pinmap_settle_quickly(&run.now->map, run.first, run.end))
		return ASHMEM_NOT_PURGED;
	return settle_hold(region, &run, holds);
}

static int portable_release(struct ashmem_region *region, uint64_t offset,
			    uint64_t length)
{
	holdmap_word *holds;
	struct run run;

	if (!run_quickly(region, offset, length, &run) &&
	    run_of(region, offset, length, &run) < 0)
		return -1;
	holds = atomic_load_explicit(&run.now->holds, memory_order_acquire);
	if (!holds || !holdmap_give(holds, run.first, run.end))
		return invalid();
	return 0;
}

static int portable_renew(struct ashmem_region *region, uint64_t offset,
			  uint64_t length)
{
	holdmap_word *holds;
	struct run run;

	if (run_of(region, offset, length, &run) < 0)
		return -1;
	if (!region->writable) {
		errno = EPERM;
		return -1;
	}
	holds = atomic_load_explicit(&run.now->holds, memory_order_acquire);
	if (!holds || !holdmap_has(holds, run.first, run.end))
		return invalid();
	pinmap_renew(&run.now->map, run.first, run.end, now_in_nanoseconds());
	return 0;
}

static int portable_information(struct ashmem_region *region,
				struct ashmem_information *information)
{
	struct pinmap_count count = { 0 };
	struct stat stat = { 0 };
	struct run run;

	if (region->fd >= 0) {
		if (fstat(region->fd, &stat) < 0 ||
		    run_of(region, 0, 0, &run) < 0)
			return -1;
		count = pinmap_count(&run.now->map);
	}
	*information = (struct ashmem_information){
		.size = region->size,
		.pages = pages_of(region->size),
		.resident = (uint64_t)stat.st_blocks * 512 >>
			    region->page_shift,
		.unpinned = count.unpinned,
		.purged = count.purged,
	};
	return 0;
}

/* Asks once; if there is more, goes on. Fails with ECONNRESET if it is as well
 * to ask the next ashmemd, which begins anew. */
static int purge_some(struct wire_reply *reply)
{
	struct wire_request request = {
		.type = WIRE_PURGE_ALL,
		.cursor = reply->more != 0,
		.watch = -1,
	};
	struct wire_fds none;
	int result = -1;

	connection_lock();
	if (attachment_connect())
		result = connection_ask(&request, NULL, reply, &none);
	if (result == 0)
		wire_close(&none);
	connection_unlock();
	return result;
}

static int64_t purge_to_the_end(void)
{
	struct timespec pause = { .tv_nsec = PURGE_PAUSE };
	struct wire_reply reply = { 0 };
	int64_t pages = 0;
	int failures = 0;

	for (;;) {
		if (purge_some(&reply) == 0) {
			pages += reply.pages;
			if (!reply.more)
				return pages;
			failures = 0;
		} else if (errno != ECONNRESET ||
			   ++failures == CONNECTION_TRIES) {
			return -1;
		} else {
			reply.more = 0;
		}
		/* Others of this process have their turn. */
		nanosleep(&pause, NULL);
	}
}

static int64_t portable_purge_all(struct ashmem_region *region)
{
	int64_t pages;
	int before;

	(void)region;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_mutex_lock(&purging);
	pages = purge_to_the_end();
	pthread_mutex_unlock(&purging);
	pthread_setcancelstate(before, &before);
	return pages;
}

const struct engine engine_portable = {
	.number		= ASHMEM_ENGINE_PORTABLE,
	.open		= portable_open,
	.take		= portable_take,
	.close		= portable_close,
	.descriptor	= portable_descriptor,
	.duplicate	= portable_duplicate,
	.has_access	= portable_has_access,
	.map		= portable_map,
	.pin		= portable_pin,
	.unpin		= portable_unpin,
	.pin_status	= portable_pin_status,
	.hold		= portable_hold,
	.release	= portable_release,
	.renew		= portable_renew,
	.set_name	= portable_set_name,
	.get_name	= portable_get_name,
	.set_size	= portable_set_size,
	.get_size	= portable_get_size,
	.set_protection	= portable_set_protection,
	.get_protection	= portable_get_protection,
	.information	= portable_information,
	.file_id	= portable_file_id,
	.purge_all	= portable_purge_all,
};
