// SPDX-License-Identifier: MIT
/* Android's names (cutils/ashmem.h, android/sharedmem.h) for regions by
 * descriptor. */
#include <android/sharedmem.h>
#include <ashmem.h>
#include <cutils/ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "descriptor.h"

int ashmem_valid(int fd)
{
	int error = errno;
	bool valid = engine_of(fd);

	errno = error;
	return valid;
}

int ashmem_create_region(const char *name, size_t size)
{
	struct ashmem_region *region;
	int fd;

	if (!size) {
		errno = EINVAL;
		return -1;
	}
	if (ashmem_region_create(&region, name, size) < 0)
		return -1;
	fd = ashmem_region_descriptor(region);
	if (fd >= 0)
		fd = region_give_descriptor(region);
	ashmem_region_close(region);
	return fd;
}

int ashmem_set_prot_region(int fd, int prot)
{
	struct descriptor *descriptor = descriptor_use(fd);
	int result;

	if (!descriptor)
		return -1;
	result = ashmem_region_set_protection(descriptor_region(descriptor),
					      prot);
	descriptor_done(descriptor);
	return result;
}

int ashmem_pin_region(int fd, size_t offset, size_t len)
{
	struct descriptor *descriptor = descriptor_use(fd);
	int result;

	if (!descriptor)
		return -1;
	result = ashmem_region_pin(descriptor_region(descriptor), offset, len);
	descriptor_done(descriptor);
	return result;
}

int ashmem_unpin_region(int fd, size_t offset, size_t len)
{
	struct descriptor *descriptor = descriptor_use(fd);
	int result;

	if (!descriptor)
		return -1;
	result = ashmem_region_unpin(descriptor_region(descriptor), offset,
				     len);
	descriptor_done(descriptor);
	return result;
}

static int size_of(int fd, uint64_t *size)
{
	struct descriptor *descriptor = descriptor_use(fd);
	int result;

	if (!descriptor)
		return -1;
	result = ashmem_region_get_size(descriptor_region(descriptor), size);
	descriptor_done(descriptor);
	return result;
}

int ashmem_get_size_region(int fd)
{
	uint64_t size;

	if (size_of(fd, &size) < 0)
		return -1;
	if (size <= INT_MAX)
		return size;
	errno = EOVERFLOW;
	return -1;
}

int ASharedMemory_create(const char *name, size_t size)
{
	return ashmem_create_region(name, size);
}

size_t ASharedMemory_getSize(int fd)
{
	uint64_t size;

	return size_of(fd, &size) < 0 ? 0 : size;
}

int ASharedMemory_setProt(int fd, int prot)
{
	return ashmem_set_prot_region(fd, prot);
}
