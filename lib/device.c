// SPDX-License-Identifier: MIT
/* The device engine: the kernel module behind /dev/ashmem. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ashmem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "region.h"

#define DEVICE_PATH		"/dev/ashmem"
#define BOOT_ID_PATH		"/proc/sys/kernel/random/boot_id"
#define BOOT_ID_LENGTH		36

/* The major number of the kernel's miscellaneous devices. */
#define MISC_MAJOR		10

/* Android's name of the node has the boot id in it. */
static int open_with_boot_id(void)
{
	char path[sizeof(DEVICE_PATH) + BOOT_ID_LENGTH] = DEVICE_PATH;
	int file = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
	ssize_t length = -1;

	if (file >= 0) {
		length = read(file, path + strlen(DEVICE_PATH),
			      BOOT_ID_LENGTH);
		close(file);
	}
	if (length == BOOT_ID_LENGTH)
		return open(path, O_RDWR | O_CLOEXEC);
	errno = ENOENT;
	return -1;
}

static int open_device(void)
{
	int fd = open(DEVICE_PATH, O_RDWR | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	return open_with_boot_id();
}

bool device_is_region(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && S_ISCHR(stat.st_mode) &&
	       major(stat.st_rdev) == MISC_MAJOR &&
	       ioctl(fd, ASHMEM_GET_PROT_MASK, NULL) >= 0;
}

bool device_is_there(void)
{
	int fd = open_device();
	bool there;

	if (fd < 0)
		return false;
	there = device_is_region(fd);
	close(fd);
	if (!there)
		errno = ENODEV;
	return there;
}

static int device_open(struct ashmem_region *region)
{
	region->fd = open_device();
	return region->fd < 0 ? -1 : 0;
}

static int device_take(struct ashmem_region *region)
{
	(void)region;
	return 0;
}

static void device_close(struct ashmem_region *region)
{
	(void)region;
}

/* The number after a key in /proc/self/fdinfo/FD, 0 if it is not there. */
static uint64_t number_after(const char *lines, const char *key)
{
	const char *at = strstr(lines, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static ssize_t read_fdinfo(int fd, char *lines, size_t size)
{
	char path[sizeof("/proc/self/fdinfo/-2147483648")];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	length = read(file, lines, size - 1);
	if (length >= 0)
		lines[length] = '\0';
	close(file);
	return length;
}

/* The kernel cuts the call's answer to an int, so a size from 2 GiB on has to be
 * read elsewhere; where there is no /proc, smaller ones are right. */
static int device_get_size(struct ashmem_region *region, uint64_t *size)
{
	char lines[4096];
	int result;

	if (read_fdinfo(region->fd, lines, sizeof(lines)) >= 0 &&
	    strstr(lines, "\nashmem-size:\t")) {
		*size = number_after(lines, "\nashmem-size:\t");
		return 0;
	}
	result = ioctl(region->fd, ASHMEM_GET_SIZE, NULL);
	if (result < 0)
		return -1;
	*size = result;
	return 0;
}

static int device_descriptor(struct ashmem_region *region)
{
	uint64_t size;

	if (device_get_size(region, &size) < 0)
		return -1;
	if (size)
		return region->fd;
	errno = EINVAL;
	return -1;
}

/* All descriptors share one open file, so it is the mask that says. */
static bool device_has_access(struct ashmem_region *region,
			      enum ashmem_access access)
{
	int prot;

	if (access == ASHMEM_ACCESS_WHOLE)
		return true;
	prot = ioctl(region->fd, ASHMEM_GET_PROT_MASK, NULL);
	return prot >= 0 && !(prot & PROT_WRITE);
}

static int device_duplicate(struct ashmem_region *region,
			    enum ashmem_access access)
{
	if (device_descriptor(region) < 0)
		return -1;
	if (device_has_access(region, access))
		return fcntl(region->fd, F_DUPFD_CLOEXEC, 0);
	errno = ENOTSUP;
	return -1;
}

static void *device_map(struct ashmem_region *region, size_t length, int prot,
			int flags, uint64_t offset)
{
	if (offset > INT64_MAX) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return mmap(NULL, length, prot, flags, region->fd, offset);
}

static int pin_call(struct ashmem_region *region, unsigned long command,
		    uint64_t offset, uint64_t length)
{
	struct ashmem_pin64 run = { .offset = offset, .len = length };

	return ioctl(region->fd, command, &run);
}

static int device_pin(struct ashmem_region *region, uint64_t offset,
		      uint64_t length)
{
	return pin_call(region, ASHMEM_PIN64, offset, length);
}

static int device_unpin(struct ashmem_region *region, uint64_t offset,
			uint64_t length)
{
	return pin_call(region, ASHMEM_UNPIN64, offset, length);
}

static int device_pin_status(struct ashmem_region *region, uint64_t offset,
			     uint64_t length)
{
	return pin_call(region, ASHMEM_GET_PIN_STATUS64, offset, length);
}

/* The device has no holds yet. */
static int device_no_holds(struct ashmem_region *region, uint64_t offset,
			   uint64_t length)
{
	(void)region;
	(void)offset;
	(void)length;
	errno = ENOTSUP;
	return -1;
}

static int device_set_name(struct ashmem_region *region, const char *name)
{
	char cut[ASHMEM_NAME_LEN] = "";

	strncat(cut, name, sizeof(cut) - 1);
	return ioctl(region->fd, ASHMEM_SET_NAME, cut);
}

static int device_get_name(struct ashmem_region *region,
			   char name[ASHMEM_NAME_LEN])
{
	return ioctl(region->fd, ASHMEM_GET_NAME, name);
}

static int device_set_size(struct ashmem_region *region, uint64_t size)
{
	if (size <= SIZE_MAX)
		return ioctl(region->fd, ASHMEM_SET_SIZE, (size_t)size);
	errno = EINVAL;
	return -1;
}

static int device_set_protection(struct ashmem_region *region, int prot)
{
	return ioctl(region->fd, ASHMEM_SET_PROT_MASK, (unsigned long)prot);
}

static int device_get_protection(struct ashmem_region *region)
{
	return ioctl(region->fd, ASHMEM_GET_PROT_MASK, NULL);
}

static int device_file_id(struct ashmem_region *region, uint64_t *id)
{
	unsigned long number;

	if (ioctl(region->fd, ASHMEM_GET_FILE_ID, &number) < 0)
		return -1;
	*id = number;
	return 0;
}

static int64_t device_purge_all(struct ashmem_region *region)
{
	return ioctl(region->fd, ASHMEM_PURGE_ALL_CACHES, NULL);
}

static int device_information(struct ashmem_region *region,
			      struct ashmem_information *information)
{
	uint64_t page = sysconf(_SC_PAGESIZE), size, purged;
	char lines[4096];

	if (device_get_size(region, &size) < 0 ||
	    read_fdinfo(region->fd, lines, sizeof(lines)) < 0)
		return -1;
	purged = number_after(lines, "\nashmem-purged:\t");
	/* There, a page that was purged is not counted as unpinned. */
	*information = (struct ashmem_information){
		.size = size,
		.pages = size / page + (size % page != 0),
		.resident = number_after(lines, "\nashmem-resident:\t"),
		.unpinned = number_after(lines, "\nashmem-unpinned:\t") +
			    purged,
		.purged = purged,
	};
	return 0;
}

const struct engine engine_device = {
	.number		= ASHMEM_ENGINE_DEVICE,
	.open		= device_open,
	.take		= device_take,
	.close		= device_close,
	.descriptor	= device_descriptor,
	.duplicate	= device_duplicate,
	.has_access	= device_has_access,
	.map		= device_map,
	.pin		= device_pin,
	.unpin		= device_unpin,
	.pin_status	= device_pin_status,
	.hold		= device_no_holds,
	.release	= device_no_holds,
	.renew		= device_no_holds,
	.set_name	= device_set_name,
	.get_name	= device_get_name,
	.set_size	= device_set_size,
	.get_size	= device_get_size,
	.set_protection	= device_set_protection,
	.get_protection	= device_get_protection,
	.information	= device_information,
	.file_id	= device_file_id,
	.purge_all	= device_purge_all,
};
