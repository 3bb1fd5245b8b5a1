// SPDX-License-Identifier: MIT
/*
 * Either engine behind libashmem's handles.
 *
 * The tests know descriptors, the library knows handles. So there is a handle
 * for each descriptor number that a test has used: made by opening, or imported
 * when a number is first seen that came by dup() or over a socket. After fork()
 * the child goes on with its parent's.
 *
 * The number of an area that has no file yet is a placeholder. Once there is
 * one, it stands under the same number.
 */
#include <ashmem.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ashmemd.h"
#include "engine.h"
#include "test.h"

#define MOST_DESCRIPTORS	4096

/**
 * struct handle - what a descriptor's number stands for
 * @region: NULL if nothing is known
 * @placed: the number is the area's, no placeholder
 * @device: of the file under this number, with @inode
 */
struct handle {
	struct ashmem_region *region;
	bool placed;
	dev_t device;
	ino_t inode;
};

static struct handle handles[MOST_DESCRIPTORS];

/* A number and its handle change together. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void handle_forget(struct handle *handle)
{
	ashmem_region_close(handle->region);
	*handle = (struct handle){ 0 };
}

static void handle_set(int fd, struct ashmem_region *region, bool placed)
{
	struct stat stat;

	must(fd < MOST_DESCRIPTORS);
	must(!fstat(fd, &stat));
	handles[fd] = (struct handle){
		region, placed, stat.st_dev, stat.st_ino,
	};
}

static bool handle_stands(const struct handle *handle, const struct stat *stat)
{
	return handle->region && handle->device == stat->st_dev &&
	       handle->inode == stat->st_ino;
}

static struct ashmem_region *look_up(int fd)
{
	struct ashmem_region *region;
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return NULL;
	must(fd < MOST_DESCRIPTORS);
	if (handle_stands(&handles[fd], &stat))
		return handles[fd].region;
	/* Closed behind the library's back, and given anew. */
	handle_forget(&handles[fd]);
	if (ashmem_region_import(&region, fd) < 0)
		return NULL;
	handle_set(fd, region, true);
	return region;
}

/* NULL with errno set if it is no area's. */
static struct ashmem_region *region_of(int fd)
{
	struct ashmem_region *region;

	pthread_mutex_lock(&lock);
	region = look_up(fd);
	pthread_mutex_unlock(&lock);
	return region;
}

static int add_number(struct ashmem_region *region, int fd, bool placed)
{
	if (fd < 0) {
		fd = -errno;
		ashmem_region_close(region);
		return fd;
	}
	must(fd < MOST_DESCRIPTORS);
	handle_forget(&handles[fd]);
	handle_set(fd, region, placed);
	return fd;
}

/* The library gives no descriptor without a size, which may change later. */
static int device_descriptor(struct ashmem_region *region)
{
	int fd;

	if (ashmem_region_set_size(region, 1) < 0)
		return -1;
	fd = fcntl(ashmem_region_descriptor(region), F_DUPFD_CLOEXEC, 0);
	must(!ashmem_region_set_size(region, 0));
	return fd;
}

static int library_device_open(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, NULL, 0) < 0)
		return -errno;
	must_be(ashmem_region_engine(region), ASHMEM_ENGINE_DEVICE);
	return add_number(region, device_descriptor(region), true);
}

static int library_portable_open(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, NULL, 0) < 0)
		return -errno;
	must_be(ashmem_region_engine(region), ASHMEM_ENGINE_PORTABLE);
	return add_number(region, open("/", O_PATH | O_CLOEXEC), false);
}

/* Puts the file under its number once there is one. */
static void place(int fd, struct ashmem_region *region)
{
	uint64_t id;

	pthread_mutex_lock(&lock);
	if (!handles[fd].placed && ashmem_region_file_id(region, &id) == 0) {
		must(dup3(ashmem_region_descriptor(region), fd, O_CLOEXEC) ==
		     fd);
		handle_set(fd, region, true);
	}
	pthread_mutex_unlock(&lock);
}

static long library_close(int fd)
{
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return -errno;
	must(fd < MOST_DESCRIPTORS);
	if (handle_stands(&handles[fd], &stat))
		handle_forget(&handles[fd]);
	return or_errno(close(fd));
}

static long library_set_name(int fd, const char *name)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_set_name(region, name) : -1);
}

static long library_get_name(int fd, char *name)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_get_name(region, name,
							ASHMEM_NAME_LEN) : -1);
}

static long library_set_size(int fd, size_t size)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_set_size(region, size) : -1);
}

static long library_get_size(int fd)
{
	struct ashmem_region *region = region_of(fd);
	uint64_t size;

	if (!region || ashmem_region_get_size(region, &size) < 0)
		return -errno;
	return size;
}

static long library_set_prot_mask(int fd, unsigned long mask)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_set_protection(region,
							      (int)mask) : -1);
}

static long library_get_prot_mask(int fd)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_get_protection(region) : -1);
}

static void *library_map(int fd, size_t length, int prot, int flags,
			 off_t offset)
{
	struct ashmem_region *region = region_of(fd);
	void *at;
	int error;

	if (!region)
		return MAP_FAILED;
	at = ashmem_region_map(region, length, prot, flags, offset);
	error = errno;
	place(fd, region);
	errno = error;
	return at;
}

static long library_pin64(int fd, uint64_t offset, uint64_t length)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_pin(region, offset, length) :
			-1);
}

static long library_unpin64(int fd, uint64_t offset, uint64_t length)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_unpin(region, offset, length) :
			-1);
}

static long library_status64(int fd, uint64_t offset, uint64_t length)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_pin_status(region, offset,
							  length) : -1);
}

static long library_pin(int fd, uint32_t offset, uint32_t length)
{
	return library_pin64(fd, offset, length);
}

static long library_unpin(int fd, uint32_t offset, uint32_t length)
{
	return library_unpin64(fd, offset, length);
}

static long library_status(int fd, uint32_t offset, uint32_t length)
{
	return library_status64(fd, offset, length);
}

static long library_hold(int fd, uint64_t offset, uint64_t length)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_hold(region, offset, length) :
			-1);
}

static long library_release(int fd, uint64_t offset, uint64_t length)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_release(region, offset,
						       length) : -1);
}

static long library_renew(int fd, uint64_t offset, uint64_t length)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_renew(region, offset, length) :
			-1);
}

static long library_purge_all(int fd)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_purge_all(region) : -1);
}

static long library_file_id(int fd, uint64_t *id)
{
	struct ashmem_region *region = region_of(fd);

	return or_errno(region ? ashmem_region_file_id(region, id) : -1);
}

static const char *library_device_start(void)
{
	setenv("ASHMEM_ENGINE", "device", 1);
	return NULL;
}

static const char *library_portable_start(void)
{
	setenv("ASHMEM_ENGINE", "portable", 1);
	return ashmemd_find();
}

#define LIBRARY_CALLS \
	.close		= library_close, \
	.set_name	= library_set_name, \
	.get_name	= library_get_name, \
	.set_size	= library_set_size, \
	.get_size	= library_get_size, \
	.set_prot_mask	= library_set_prot_mask, \
	.get_prot_mask	= library_get_prot_mask, \
	.map		= library_map, \
	.pin		= library_pin, \
	.unpin		= library_unpin, \
	.status		= library_status, \
	.pin64		= library_pin64, \
	.unpin64	= library_unpin64, \
	.status64	= library_status64, \
	.hold		= library_hold, \
	.release	= library_release, \
	.renew		= library_renew, \
	.purge_all	= library_purge_all, \
	.file_id	= library_file_id

#define INT_MASK \
	"libashmem takes the mask as an int"

const struct engine library_device_engine = {
	.name		= "library-device",
	.advice		= "load the module first, and see that you may open /dev/ashmem",
	.maps_name	= "/dev/ashmem/",
	.maps_unnamed	= "/dev/ashmem",
	.longest_name	= 255,
	.lacks = {
		[DEVICE_ABI]	= "libashmem makes the calls: --engine device tries them",
		[LONG_MASK]	= INT_MASK,
		[HOLDS]		= "the device has no holds yet",
	},

	.start		= library_device_start,
	.open		= library_device_open,
	LIBRARY_CALLS,
};

const struct engine library_portable_engine = {
	.name		= "library-portable",
	.advice		= "this needs Linux 5.10 or later",
	.maps_name	= "/memfd:",
	.maps_unnamed	= "/memfd:dev/ashmem",
	.longest_name	= 249,
	.lacks = {
		[DEVICE_ABI]	= "a memfd has no ioctls",
		[DEVICE_FILE]	= "a memfd is no device",
		[FDINFO]	= "a memfd's fdinfo knows nothing of areas",
		[FILE_FROM_OPEN] =
			"a memfd can be shared only once its name and size are final",
		[NO_WRITING]	= "who can write a memfd's memory can write() and punch it",
		[LONG_MASK]	= INT_MASK,
		[CHEAP_PRIVATE_WRITES] =
			"a private write to a memfd's hole fills the hole first",
		[ENFORCED_EXECUTE] =
			"execute in the mask is enforced by libashmem's map only",
		[ENFORCED_READ]	= "read in the mask is enforced by libashmem's map only",
		[ENFORCED_PRIVATELY] =
			"a seal allows writing a private copy",
		[ENFORCED_ON_EARLIER] =
			"a seal leaves earlier mappings what they could become",
		[PURGING_OF_READ_ONLY] =
			"no holes can be punched once write is sealed",
		[PRIVILEGED_PURGE_ALL] = "every user may purge all of his own",
		[SYNCHRONOUS_RECLAIM] = "the kernel does not wait for ashmemd: tests/reclaim",
		[AGE_OF_EACH_PAGE] =
			"32 pages, or all if all are unpinned at once, have the age of the latest",
		[PURGING_TWICE]	= "ashmemd purges a page once, until it is pinned",
		[LASTING_STATE]	=
			"pin state ends with the last process that was attached",
		[PINS_OF_ANY_SIZE] = "a pin map has at most 2^31 pages",
	},

	.start		= library_portable_start,
	.prepare	= ashmemd_prepare,
	.clear		= ashmemd_clear,
	.open		= library_portable_open,
	LIBRARY_CALLS,
};
