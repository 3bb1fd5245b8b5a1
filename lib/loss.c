// SPDX-License-Identifier: MIT
#include "loss.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "locks.h"

/* As much is read at a time, at most: a multiple of every page. */
#define PART_BYTES	(1 << 20)

bool loss_is_noted(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) < 0 || stat.st_mode & LOSS_MODE;
}

static int change(int fd, bool noted)
{
	struct stat stat;
	mode_t mode;

	if (fstat(fd, &stat) < 0)
		return -1;
	mode = stat.st_mode & 07777 & ~LOSS_MODE;
	return fchmod(fd, noted ? mode | LOSS_MODE : mode);
}

/* Who can only read is not to stop purging by a lock. Who changes the mode
 * beside a reader's lock looks at it again afterwards. */
static int note_beside_reader(int fd)
{
	if (errno == EAGAIN && locks_is_read(fd, LOCK_MODE))
		return change(fd, true);
	return -1;
}

int loss_note(int fd, bool noted)
{
	int result, error;

	if (locks_take(fd, LOCK_MODE, true) < 0)
		return noted ? note_beside_reader(fd) : -1;
	result = change(fd, noted);
	error = errno;
	locks_drop(fd, LOCK_MODE);
	errno = error;
	return result;
}

/* Marks the pages from byte @hole to byte @data. */
static void mark(const struct pinmap *map, off_t hole, off_t data)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t first = hole / page, end = (data + page - 1) / page;

	if (end > map->pages)
		end = map->pages;
	if (first < end)
		pinmap_mark(map, first, end);
}

static bool is_zero(const char *bytes, size_t count)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, count - 1);
}

/* Reads pages, of which all that is past the end of the file is zeros. */
static int read_pages(int fd, char *content, size_t bytes, off_t offset)
{
	size_t length = 0;
	ssize_t count;

	while (length < bytes) {
		count = pread(fd, content + length, bytes - length,
			      offset + length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		if (count == 0)
			break;
		length += count;
	}
	memset(content + length, 0, bytes - length);
	return 0;
}

/* Reads these pages, and marks those of zeros. */
static int mark_part(int fd, const struct pinmap *map, char *content,
		     uint64_t first, uint64_t end)
{
	size_t page = sysconf(_SC_PAGESIZE);

	if (read_pages(fd, content, (end - first) * page, first * page) < 0)
		return -1;
	for (uint64_t i = first; i < end; i++)
		if (is_zero(content + (i - first) * page, page))
			pinmap_mark(map, i, i + 1);
	return 0;
}

/*
 * Marks the pages of zeros from byte @data to byte @hole: to read a purged page
 * gives it memory, and nothing else.
 *
 * They are not looked at by a map: a page that somebody punches meanwhile would
 * be given memory, or be SIGBUS where there is none left.
 */
static int mark_zeros(int fd, const struct pinmap *map, off_t data, off_t hole)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint64_t first = data / page, end = (hole + page - 1) / page, next;
	uint64_t most = PART_BYTES / page;
	char *content;
	int result = 0;

	if (first == end)
		return 0;
	if (most > end - first)
		most = end - first;
	content = malloc(most * page);
	if (!content)
		return -1;
	for (; first < end && result == 0; first = next) {
		next = end - first < most ? end : first + most;
		result = mark_part(fd, map, content, first, next);
	}
	free(content);
	return result;
}

static int mark_all_lost(int fd, const struct pinmap *map)
{
	off_t size = lseek(fd, 0, SEEK_END), data = 0, hole;

	if (size < 0)
		return -1;
	while (data < size) {
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || mark_zeros(fd, map, data, hole) < 0)
			return -1;
		if (hole == size)
			break;
		data = lseek(fd, hole, SEEK_DATA);
		if (data < 0 && errno != ENXIO)
			return -1;
		if (data < 0)
			data = size;
		mark(map, hole, data);
	}
	return 0;
}

int loss_recall(int fd, const struct pinmap *map)
{
	int own, result, error;

	if (!loss_is_noted(fd))
		return 0;
	/* The file position of @fd is its users'. */
	own = locks_open(fd, O_RDONLY);
	if (own < 0)
		return -1;
	result = mark_all_lost(own, map);
	error = errno;
	close(own);
	errno = error;
	return result;
}
