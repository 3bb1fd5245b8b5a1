// SPDX-License-Identifier: MIT
/* The device engine: /dev/ashmem and its ioctls. */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ashmem.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine.h"
#include "test.h"

/* What a command answers, or a negative error. */
long device_call(int fd, unsigned long command, unsigned long argument)
{
	return or_errno(ioctl(fd, command, argument));
}

static int device_open(void)
{
	return or_errno(open(DEVICE_PATH, O_RDWR));
}

static long device_close(int fd)
{
	return or_errno(close(fd));
}

static long device_set_name(int fd, const char *name)
{
	return device_call(fd, ASHMEM_SET_NAME, (unsigned long)name);
}

static long device_get_name(int fd, char *name)
{
	return device_call(fd, ASHMEM_GET_NAME, (unsigned long)name);
}

static long device_set_size(int fd, size_t size)
{
	return device_call(fd, ASHMEM_SET_SIZE, size);
}

static long device_get_size(int fd)
{
	return device_call(fd, ASHMEM_GET_SIZE, 0);
}

static long device_set_prot_mask(int fd, unsigned long mask)
{
	return device_call(fd, ASHMEM_SET_PROT_MASK, mask);
}

static long device_get_prot_mask(int fd)
{
	return device_call(fd, ASHMEM_GET_PROT_MASK, 0);
}

static void *device_map(int fd, size_t length, int prot, int flags,
			off_t offset)
{
	return mmap(NULL, length, prot, flags, fd, offset);
}

static long pin_call(int fd, unsigned long command, uint32_t offset,
		     uint32_t length)
{
	struct ashmem_pin run = { .offset = offset, .len = length };

	return device_call(fd, command, (unsigned long)&run);
}

static long device_pin(int fd, uint32_t offset, uint32_t length)
{
	return pin_call(fd, ASHMEM_PIN, offset, length);
}

static long device_unpin(int fd, uint32_t offset, uint32_t length)
{
	return pin_call(fd, ASHMEM_UNPIN, offset, length);
}

static long device_status(int fd, uint32_t offset, uint32_t length)
{
	return pin_call(fd, ASHMEM_GET_PIN_STATUS, offset, length);
}

static long pin64_call(int fd, unsigned long command, uint64_t offset,
		       uint64_t length)
{
	struct ashmem_pin64 run = { .offset = offset, .len = length };

	return device_call(fd, command, (unsigned long)&run);
}

static long device_pin64(int fd, uint64_t offset, uint64_t length)
{
	return pin64_call(fd, ASHMEM_PIN64, offset, length);
}

static long device_unpin64(int fd, uint64_t offset, uint64_t length)
{
	return pin64_call(fd, ASHMEM_UNPIN64, offset, length);
}

static long device_status64(int fd, uint64_t offset, uint64_t length)
{
	return pin64_call(fd, ASHMEM_GET_PIN_STATUS64, offset, length);
}

static long device_purge_all(int fd)
{
	return device_call(fd, ASHMEM_PURGE_ALL_CACHES, 0);
}

static long device_file_id(int fd, uint64_t *id)
{
	unsigned long number;
	long result = device_call(fd, ASHMEM_GET_FILE_ID,
				  (unsigned long)&number);

	if (!result)
		*id = number;
	return result;
}

const struct engine device_engine = {
	.name		= "device",
	.advice		= "load the module first, and see that you may open " DEVICE_PATH,
	.maps_name	= "/dev/ashmem/",
	.maps_unnamed	= "/dev/ashmem",
	.longest_name	= 255,
	.lacks = {
		[HOLDS]	= "the device has no holds yet",
	},

	.open		= device_open,
	.close		= device_close,
	.set_name	= device_set_name,
	.get_name	= device_get_name,
	.set_size	= device_set_size,
	.get_size	= device_get_size,
	.set_prot_mask	= device_set_prot_mask,
	.get_prot_mask	= device_get_prot_mask,
	.map		= device_map,
	.pin		= device_pin,
	.unpin		= device_unpin,
	.status		= device_status,
	.pin64		= device_pin64,
	.unpin64	= device_unpin64,
	.status64	= device_status64,
	.purge_all	= device_purge_all,
	.file_id	= device_file_id,
};
