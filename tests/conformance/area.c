// SPDX-License-Identifier: MIT
#include "area.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine.h"
#include "test.h"

/**
 * area_open - a new area
 *
 * Return: its descriptor.
 */
int area_open(void)
{
	int fd = engine->open();

	must(fd >= 0);
	return fd;
}

/**
 * area_close - close a descriptor of an area
 * @fd: the descriptor
 */
void area_close(int fd)
{
	must_be(engine->close(fd), 0);
}

/**
 * area_open_sized - a new area with a size, not yet mapped
 * @size: in bytes
 *
 * Return: its descriptor.
 */
int area_open_sized(size_t size)
{
	int fd = area_open();

	must_be(engine->set_size(fd, size), 0);
	return fd;
}

/**
 * area_make - a new area, mapped
 * @pages: its size
 */
struct area area_make(size_t pages)
{
	struct area area = {
		.fd = area_open_sized(pages * page),
		.pages = pages,
	};

	area.at = area_map(area.fd, pages * page, PROT_READ | PROT_WRITE,
			   MAP_SHARED);
	return area;
}

/**
 * area_map - map an area from its start
 * @fd:     the area
 * @length: bytes
 * @prot:   PROT_ bits
 * @flags:  MAP_SHARED or MAP_PRIVATE
 */
char *area_map(int fd, size_t length, int prot, int flags)
{
	void *at = engine->map(fd, length, prot, flags, 0);

	must(at != MAP_FAILED);
	return at;
}

/**
 * area_try_map - what mapping an area answers
 * @fd:     the area
 * @length: bytes
 * @prot:   PROT_ bits
 * @flags:  MAP_SHARED or MAP_PRIVATE
 * @offset: bytes
 *
 * Nothing stays mapped.
 *
 * Return: 0 or a negative error.
 */
long area_try_map(int fd, size_t length, int prot, int flags, off_t offset)
{
	void *at = engine->map(fd, length, prot, flags, offset);

	if (at == MAP_FAILED)
		return -errno;
	must_be(or_errno(munmap(at, length)), 0);
	return 0;
}

/**
 * area_id - the inode number of a mapped area's backing file
 * @fd: the area
 */
unsigned long long area_id(int fd)
{
	uint64_t id = 0;

	must_be(engine->file_id(fd, &id), 0);
	return id;
}

/**
 * area_pages_present - how many pages have memory
 * @fd:   the area; its file position is moved
 * @size: in bytes
 */
size_t area_pages_present(int fd, size_t size)
{
	off_t data, hole = 0;
	size_t bytes = 0;

	while (hole < (off_t)size) {
		data = lseek(fd, hole, SEEK_DATA);
		if (data < 0) {
			must_be(-errno, -ENXIO);
			break;
		}
		hole = lseek(fd, data, SEEK_HOLE);
		must(hole > data);
		bytes += hole - data;
	}
	return (bytes + page - 1) / page;
}

/* Writes one byte all over a page. */
void page_fill(char *area, size_t number, int byte)
{
	memset(area + number * page, byte, page);
}

/* Says whether that byte is all over the page. */
bool page_holds(const char *area, size_t number, int byte)
{
	const char *at = area + number * page;

	return at[0] == (char)byte && !memcmp(at, at + 1, page - 1);
}

void pages_fill(char *area, size_t start, size_t end, int byte)
{
	memset(area + start * page, byte, (end - start) * page);
}

bool pages_hold(const char *area, size_t start, size_t end, int byte)
{
	for (size_t i = start; i < end; i++)
		if (!page_holds(area, i, byte))
			return false;
	return true;
}
