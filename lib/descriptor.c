// SPDX-License-Identifier: MIT
#include "descriptor.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "region.h"

#define FIRST_COUNT		64

/**
 * struct descriptor - what is known of a number
 * @region: that it was a descriptor of
 * @device: of the file, with @inode
 * @users:  calls that use it now
 * @stale:  the number stands for something else by now; the last user frees it
 */
struct descriptor {
	struct ashmem_region *region;
	dev_t device;
	ino_t inode;
	unsigned int users;
	bool stale;
};

/* By descriptor number; NULL where nothing is known. */
static struct descriptor **descriptors;
static size_t descriptor_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock_before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void unlock_after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

static void set_up(void)
{
	/* Has its own handlers set first: they are to come after these. */
	portable_set_up();
	pthread_atfork(lock_before_fork, unlock_after_fork, unlock_after_fork);
}

static void descriptor_free(struct descriptor *descriptor)
{
	ashmem_region_close(descriptor->region);
	free(descriptor);
}

/* Takes what is known of a number out of the table. */
static void forget(size_t number)
{
	struct descriptor *descriptor = descriptors[number];

	descriptors[number] = NULL;
	if (descriptor->users)
		descriptor->stale = true;
	else
		descriptor_free(descriptor);
}

static int make_room(size_t number)
{
	size_t count = descriptor_count ? descriptor_count : FIRST_COUNT;
	struct descriptor **more;

	if (number < descriptor_count)
		return 0;
	while (count <= number)
		count *= 2;
	more = reallocarray(descriptors, count, sizeof(*more));
	if (!more)
		return -1;
	for (size_t i = descriptor_count; i < count; i++)
		more[i] = NULL;
	descriptors = more;
	descriptor_count = count;
	return 0;
}

static struct descriptor *descriptor_make(int fd, const struct stat *stat)
{
	struct descriptor *descriptor = calloc(1, sizeof(*descriptor));

	if (!descriptor)
		return NULL;
	if (make_room(fd) == 0 && region_borrow(&descriptor->region, fd) == 0) {
		descriptor->device = stat->st_dev;
		descriptor->inode = stat->st_ino;
		descriptors[fd] = descriptor;
		return descriptor;
	}
	free(descriptor);
	return NULL;
}

static struct descriptor *descriptor_of(int fd, const struct stat *stat)
{
	struct descriptor *known = (size_t)fd < descriptor_count ?
				   descriptors[fd] : NULL;

	if (known && known->device == stat->st_dev &&
	    known->inode == stat->st_ino)
		return known;
	if (known)
		forget(fd);
	return descriptor_make(fd, stat);
}

struct descriptor *descriptor_use(int fd)
{
	struct descriptor *descriptor;
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return NULL;
	pthread_once(&once, set_up);
	pthread_mutex_lock(&lock);
	descriptor = descriptor_of(fd, &stat);
	if (descriptor)
		descriptor->users++;
	pthread_mutex_unlock(&lock);
	return descriptor;
}

struct ashmem_region *descriptor_region(const struct descriptor *descriptor)
{
	return descriptor->region;
}

void descriptor_done(struct descriptor *descriptor)
{
	int error = errno;

	pthread_mutex_lock(&lock);
	if (--descriptor->users == 0 && descriptor->stale)
		descriptor_free(descriptor);
	pthread_mutex_unlock(&lock);
	errno = error;
}
