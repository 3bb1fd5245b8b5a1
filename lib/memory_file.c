// SPDX-License-Identifier: MIT
/*
 * Memory files: a region, all of it mapped, that is read and written by copying.
 *
 * Pins are not counted, so the threads of a process that copy at the same time
 * are: the first pins, and the last unpins.
 */
#include <ashmem.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>

#include "region.h"

/**
 * struct ashmem_memory_file - see ashmem.h
 * @others:   in the list of all
 * @region:   its own
 * @bytes:    mapped
 * @length:   of them
 * @writable: they can be written
 * @lock:     over what follows
 * @copying:  threads that do; the pages are pinned meanwhile
 * @allowed:  to be purged while nobody copies
 * @lost:     something was purged, and it was not told
 * @pinned:   by holds, which a forked child does not have
 * @parted:   from its parent's holds: to be pinned before it is copied
 */
struct ashmem_memory_file {
	LIST_ENTRY(ashmem_memory_file) others;
	struct ashmem_region *region;
	char *bytes;
	uint64_t length;
	bool writable;
	pthread_mutex_t lock;
	unsigned int copying;
	bool allowed;
	bool lost;
	bool pinned;
	bool parted;
};

/* All of this process, so that a forked child can have their locks. */
static LIST_HEAD(, ashmem_memory_file) files = LIST_HEAD_INITIALIZER(files);
static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock_before_fork(void)
{
	pthread_mutex_lock(&files_lock);
}

static void unlock_after_fork(void)
{
	pthread_mutex_unlock(&files_lock);
}

/* The child has none of the threads that were copying, and no holds. */
static void renew_in_child(void)
{
	struct ashmem_memory_file *file;

	LIST_FOREACH(file, &files, others) {
		pthread_mutex_init(&file->lock, NULL);
		file->copying = 0;
		file->parted |= file->pinned && !file->allowed;
	}
	pthread_mutex_unlock(&files_lock);
}

static void set_up(void)
{
	/* Has its own handlers set first: they are to come after these. */
	portable_set_up();
	pthread_atfork(lock_before_fork, unlock_after_fork, renew_in_child);
}

static int map(struct ashmem_memory_file *file)
{
	int prot = PROT_READ | PROT_WRITE;
	void *bytes = ashmem_region_map(file->region, 0, prot, MAP_SHARED, 0);

	file->writable = bytes != MAP_FAILED;
	if (bytes == MAP_FAILED && (errno == EPERM || errno == EACCES))
		bytes = ashmem_region_map(file->region, 0, PROT_READ,
					  MAP_SHARED, 0);
	if (bytes == MAP_FAILED)
		return -1;
	file->bytes = bytes;
	return 0;
}

/* Makes one of a region, which is given back if that fails. */
static int file_make(struct ashmem_memory_file **file,
		     struct ashmem_region *region)
{
	struct ashmem_memory_file *new = calloc(1, sizeof(*new));

	if (!new)
		goto fail;
	new->region = region;
	if (ashmem_region_get_size(region, &new->length) < 0 || map(new) < 0)
		goto fail;
	pthread_mutex_init(&new->lock, NULL);
	pthread_once(&once, set_up);
	pthread_mutex_lock(&files_lock);
	LIST_INSERT_HEAD(&files, new, others);
	pthread_mutex_unlock(&files_lock);
	*file = new;
	return 0;
fail:
	ashmem_region_close(region);
	free(new);
	return -1;
}

int ashmem_memory_file_open(struct ashmem_memory_file **file, const char *name,
			    uint64_t length)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, name, length) < 0)
		return -1;
	return file_make(file, region);
}

int ashmem_memory_file_import(struct ashmem_memory_file **file, int fd)
{
	struct ashmem_region *region;

	if (ashmem_region_import(&region, fd) < 0)
		return -1;
	return file_make(file, region);
}

void ashmem_memory_file_close(struct ashmem_memory_file *file)
{
	int error = errno;

	if (!file)
		return;
	pthread_mutex_lock(&files_lock);
	LIST_REMOVE(file, others);
	pthread_mutex_unlock(&files_lock);
	munmap(file->bytes, file->length);
	ashmem_region_close(file->region);
	pthread_mutex_destroy(&file->lock);
	free(file);
	errno = error;
}

/* Is it through a read-only descriptor that pins by holding? */
static bool is_pinned_by_hold(const struct ashmem_memory_file *file)
{
	return file->region->engine == &engine_portable &&
	       !file->region->writable;
}

/* Pins what was unpinned, and notes whether it was purged. */
static int pin(struct ashmem_memory_file *file)
{
	int purged = ashmem_region_pin(file->region, 0, 0);

	if (purged < 0)
		return -1;
	file->lost |= purged == ASHMEM_WAS_PURGED;
	file->pinned = is_pinned_by_hold(file);
	file->parted = false;
	return 0;
}

static int start_copying(struct ashmem_memory_file *file)
{
	if ((file->allowed || file->parted) && !file->copying &&
	    pin(file) < 0)
		return -1;
	file->copying++;
	return 0;
}

/* What cannot be unpinned is safe: the next one pins it again. */
static void stop_copying(struct ashmem_memory_file *file)
{
	int error = errno;

	if (--file->copying == 0 && file->allowed)
		ashmem_region_unpin(file->region, 0, 0);
	errno = error;
}

static int begin(struct ashmem_memory_file *file)
{
	int result;

	pthread_mutex_lock(&file->lock);
	result = start_copying(file);
	if (result == 0 && file->lost) {
		stop_copying(file);
		file->lost = false;
		errno = ENODATA;
		result = -1;
	}
	pthread_mutex_unlock(&file->lock);
	return result;
}

static void end(struct ashmem_memory_file *file)
{
	pthread_mutex_lock(&file->lock);
	stop_copying(file);
	pthread_mutex_unlock(&file->lock);
}

static int must_be_within(const struct ashmem_memory_file *file, size_t count,
			  uint64_t offset)
{
	if (offset <= file->length && count <= file->length - offset)
		return 0;
	errno = ERANGE;
	return -1;
}

int ashmem_memory_file_read(struct ashmem_memory_file *file, void *buffer,
			    size_t count, uint64_t offset)
{
	if (must_be_within(file, count, offset) < 0 || begin(file) < 0)
		return -1;
	if (count)
		memcpy(buffer, file->bytes + offset, count);
	end(file);
	return 0;
}

int ashmem_memory_file_write(struct ashmem_memory_file *file,
			     const void *buffer, size_t count,
			     uint64_t offset)
{
	if (!file->writable) {
		errno = EACCES;
		return -1;
	}
	if (must_be_within(file, count, offset) < 0 || begin(file) < 0)
		return -1;
	if (count)
		memcpy(file->bytes + offset, buffer, count);
	end(file);
	return 0;
}

int ashmem_memory_file_allow_purging(struct ashmem_memory_file *file,
				     bool allow)
{
	int result = 0;
	bool before;

	pthread_mutex_lock(&file->lock);
	before = file->allowed;
	/* Who copies does it at the end. */
	if (allow != before && !file->copying)
		result = allow ? ashmem_region_unpin(file->region, 0, 0) :
				 pin(file);
	if (result == 0)
		file->allowed = allow;
	pthread_mutex_unlock(&file->lock);
	return result < 0 ? -1 : before;
}

bool ashmem_memory_file_is_purging_allowed(struct ashmem_memory_file *file)
{
	bool allowed;

	pthread_mutex_lock(&file->lock);
	allowed = file->allowed;
	pthread_mutex_unlock(&file->lock);
	return allowed;
}

uint64_t ashmem_memory_file_length(const struct ashmem_memory_file *file)
{
	return file->length;
}

struct ashmem_region *
ashmem_memory_file_region(struct ashmem_memory_file *file)
{
	return file->region;
}

int ashmem_memory_file_descriptor(struct ashmem_memory_file *file)
{
	return ashmem_region_descriptor(file->region);
}
