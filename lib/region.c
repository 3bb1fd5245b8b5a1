// SPDX-License-Identifier: MIT
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct ashmem_region *region_new(const struct engine *engine)
{
	struct ashmem_region *region = calloc(1, sizeof(*region));

	if (region) {
		region->engine = engine;
		region->fd = -1;
	}
	return region;
}

static int set_name_and_size(struct ashmem_region *region, const char *name,
			     uint64_t size)
{
	if (name && region->engine->set_name(region, name) < 0)
		return -1;
	return size ? region->engine->set_size(region, size) : 0;
}

int ashmem_region_create(struct ashmem_region **region, const char *name,
			 uint64_t size)
{
	const struct engine *engine = engine_chosen();
	struct ashmem_region *new;
	int error;

	if (!engine)
		return -1;
	new = region_new(engine);
	if (!new)
		return -1;
	if (engine->open(new) < 0) {
		free(new);
		return -1;
	}
	if (set_name_and_size(new, name, size) < 0) {
		error = errno;
		ashmem_region_close(new);
		errno = error;
		return -1;
	}
	*region = new;
	return 0;
}

static int take(struct ashmem_region **region, int fd, bool borrowed)
{
	const struct engine *engine = engine_of(fd);
	struct ashmem_region *new;

	if (!engine)
		return -1;
	new = region_new(engine);
	if (!new)
		return -1;
	new->borrowed = borrowed;
	new->fd = borrowed ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (new->fd >= 0) {
		if (engine->take(new) == 0) {
			*region = new;
			return 0;
		}
		if (!borrowed)
			close(new->fd);
	}
	free(new);
	return -1;
}

int ashmem_region_import(struct ashmem_region **region, int fd)
{
	return take(region, fd, false);
}

int region_borrow(struct ashmem_region **region, int fd)
{
	return take(region, fd, true);
}

int region_give_descriptor(struct ashmem_region *region)
{
	region->borrowed = true;
	return region->fd;
}

void ashmem_region_close(struct ashmem_region *region)
{
	int error = errno;

	if (region) {
		region->engine->close(region);
		if (region->fd >= 0 && !region->borrowed)
			close(region->fd);
		free(region);
	}
	errno = error;
}

int ashmem_region_descriptor(struct ashmem_region *region)
{
	return region->engine->descriptor(region);
}

enum ashmem_engine ashmem_region_engine(const struct ashmem_region *region)
{
	return region->engine->number;
}

void *ashmem_region_map(struct ashmem_region *region, size_t length, int prot,
			int flags, uint64_t offset)
{
	uint64_t size;

	if (flags & MAP_FIXED) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	if (!length) {
		if (region->engine->get_size(region, &size) < 0)
			return MAP_FAILED;
		if (offset >= size) {
			errno = EINVAL;
			return MAP_FAILED;
		}
		if (size - offset > SIZE_MAX) {
			errno = ENOMEM;
			return MAP_FAILED;
		}
		length = size - offset;
	}
	return region->engine->map(region, length, prot, flags, offset);
}

int ashmem_region_unmap(struct ashmem_region *region, void *address,
			size_t length)
{
	(void)region;
	return munmap(address, length);
}

int ashmem_region_pin(struct ashmem_region *region, uint64_t offset,
		      uint64_t length)
{
	return region->engine->pin(region, offset, length);
}

int ashmem_region_unpin(struct ashmem_region *region, uint64_t offset,
			uint64_t length)
{
	return region->engine->unpin(region, offset, length);
}

int ashmem_region_pin_status(struct ashmem_region *region, uint64_t offset,
			     uint64_t length)
{
	return region->engine->pin_status(region, offset, length);
}

int ashmem_region_hold(struct ashmem_region *region, uint64_t offset,
		       uint64_t length)
{
	return region->engine->hold(region, offset, length);
}

int ashmem_region_release(struct ashmem_region *region, uint64_t offset,
			  uint64_t length)
{
	return region->engine->release(region, offset, length);
}

int ashmem_region_renew(struct ashmem_region *region, uint64_t offset,
			uint64_t length)
{
	return region->engine->renew(region, offset, length);
}

int ashmem_region_set_name(struct ashmem_region *region, const char *name)
{
	return region->engine->set_name(region, name);
}

int ashmem_region_get_name(struct ashmem_region *region, char *name,
			   size_t size)
{
	char whole[ASHMEM_NAME_LEN];

	if (!size) {
		errno = EINVAL;
		return -1;
	}
	if (region->engine->get_name(region, whole) < 0)
		return -1;
	name[0] = '\0';
	strncat(name, whole, size - 1);
	return 0;
}

int ashmem_region_set_size(struct ashmem_region *region, uint64_t size)
{
	return region->engine->set_size(region, size);
}

int ashmem_region_get_size(struct ashmem_region *region, uint64_t *size)
{
	return region->engine->get_size(region, size);
}

int ashmem_region_set_protection(struct ashmem_region *region, int prot)
{
	return region->engine->set_protection(region, prot);
}

int ashmem_region_get_protection(struct ashmem_region *region)
{
	return region->engine->get_protection(region);
}

int ashmem_region_information(struct ashmem_region *region,
			      struct ashmem_information *information,
			      size_t bytes)
{
	struct ashmem_information known = { 0 };

	if (bytes < sizeof(known)) {
		errno = EINVAL;
		return -1;
	}
	if (region->engine->information(region, &known) < 0)
		return -1;
	/* A caller of a later version has fields that are unknown here. */
	memset(information, 0, bytes);
	memcpy(information, &known, sizeof(known));
	return 0;
}

int ashmem_region_file_id(struct ashmem_region *region, uint64_t *id)
{
	return region->engine->file_id(region, id);
}

int64_t ashmem_purge_all(struct ashmem_region *region)
{
	return region->engine->purge_all(region);
}
