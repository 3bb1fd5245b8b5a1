// SPDX-License-Identifier: MIT
#include "pinfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "locks.h"
#include "log.h"
#include "loss.h"
#include "memfd.h"
#include "punch.h"
#include "region.h"

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC	0x0020
#endif

#define SEALS		(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define MODE		(S_IRUSR | S_IWUSR)

/* With room for two numbers of 64 bits. */
typedef char name_buffer[sizeof("/memfd:ashmem-pins:: (deleted)") + 2 * 20];

static void name_of(const struct region *region, name_buffer name)
{
	snprintf(name, sizeof(name_buffer), "ashmem-pins:%ju:%ju",
		 (uintmax_t)region->dev, (uintmax_t)region->ino);
}

static void *map_of(int fd, const struct region *region)
{
	return mmap(NULL, pinmap_bytes(region->pages), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
}

static int prepare(int fd, const struct region *region)
{
	struct pinmap map;
	void *memory;
	int result;

	if (fchmod(fd, MODE) < 0 ||
	    ftruncate(fd, pinmap_bytes(region->pages)) < 0 ||
	    fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -1;
	memory = map_of(fd, region);
	if (memory == MAP_FAILED)
		return -1;
	map = pinmap_at(memory, region->pages);
	pinmap_init(&map, region_page_size());
	result = loss_recall(region->fd, &map);
	munmap(memory, pinmap_bytes(region->pages));
	return result;
}

int pinfile_make(const struct region *region)
{
	name_buffer name;
	int fd, error;

	name_of(region, name);
	fd = memfd_make(name);
	if (fd < 0 || prepare(fd, region) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool is_named(int fd, const struct region *region)
{
	name_buffer name, expected, link;
	char path[sizeof("/proc/self/fd/-2147483648")];
	ssize_t length;

	name_of(region, name);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return false;
	link[length] = '\0';
	return snprintf(expected, sizeof(expected), "/memfd:%s (deleted)",
			name) > 0 && !strcmp(link, expected);
}

static bool is_ours(int fd, const struct region *region)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;
	struct statfs system;

	return seals >= 0 && (seals & ~F_SEAL_EXEC) == SEALS &&
	       fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_uid == geteuid() &&
	       (status.st_mode & 07777) == MODE &&
	       (uint64_t)status.st_size == pinmap_bytes(region->pages) &&
	       fstatfs(fd, &system) == 0 && system.f_type == TMPFS_MAGIC &&
	       is_named(fd, region);
}

/* Returns false if what is in it is not a pin map of this region. */
static bool recover(int fd, const struct region *region, bool in_use)
{
	void *memory = map_of(fd, region);
	struct pinmap map;
	bool valid;

	if (memory == MAP_FAILED)
		return false;
	map = pinmap_at(memory, region->pages);
	valid = pinmap_valid(&map, region_page_size());
	if (valid)
		punch_left_behind(region->fd, &map, fd);
	if (valid && !in_use)
		valid = loss_recall(region->fd, &map) == 0;
	munmap(memory, pinmap_bytes(region->pages));
	return valid;
}

int pinfile_adopt(const struct region *region, int brought, bool in_use)
{
	int fd;

	if (!is_ours(brought, region)) {
		log_warning("region %ju: what was brought is not its pin map",
			    (uintmax_t)region->ino);
		return -1;
	}
	fd = locks_open(brought, O_RDWR);
	if (fd < 0)
		return -1;
	if (recover(fd, region, in_use))
		return fd;
	log_warning("region %ju: the pin map that was brought is damaged",
		    (uintmax_t)region->ino);
	close(fd);
	return -1;
}

int pinfile_open_read_only(int pins)
{
	return locks_open(pins, O_RDONLY);
}
