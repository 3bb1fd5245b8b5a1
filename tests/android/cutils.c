// SPDX-License-Identifier: MIT
/*
 * Code as it is written for Android's <cutils/ashmem.h>, in what C and C++ have
 * in common. It knows nothing of engines, handles or ashmemd, and closes
 * descriptors without telling anybody.
 */
#include <cutils/ashmem.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tap.h"

static size_t page;

static char *map(int fd, size_t size, int prot)
{
	void *address = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	return address == MAP_FAILED ? NULL : (char *)address;
}

/* A region of so many pages, mapped, each byte of it @byte. */
static int make(size_t pages, char byte, char **memory)
{
	int fd = ashmem_create_region("android", pages * page);

	*memory = fd < 0 ? NULL : map(fd, pages * page,
				      PROT_READ | PROT_WRITE);
	if (!*memory)
		return -1;
	memset(*memory, byte, pages * page);
	return fd;
}

static bool failed(int result, int error)
{
	return result == -1 && errno == error;
}

static bool is_all(const char *memory, size_t pages, char byte)
{
	for (size_t i = 0; i < pages * page; i++)
		if (memory[i] != byte)
			return false;
	return true;
}

/* Stands in for memory that gets tight. */
static bool purge(void)
{
	const char *command = getenv("PURGE");

	return command && system(command) == 0;
}

static void test_create(void)
{
	int fd = ashmem_create_region("name", 3 * page + 1);
	int unnamed = ashmem_create_region(NULL, page);
	char *memory = map(fd, 4 * page, PROT_READ | PROT_WRITE);

	tap_ok(fd >= 0 && ashmem_valid(fd), "create: a region");
	tap_ok(ashmem_get_size_region(fd) == (int)(3 * page + 1),
	       "create: of the size that was asked for");
	tap_ok(unnamed >= 0 && ashmem_valid(unnamed), "create: without a name");
	tap_ok(memory && is_all(memory, 4, 0), "create: reads as zeros");
	tap_ok(failed(ashmem_create_region("none", 0), EINVAL),
	       "create: of no bytes is EINVAL");
	if (memory)
		munmap(memory, 4 * page);
	close(fd);
	close(unnamed);
}

static void test_valid(void)
{
	int ends[2];

	if (pipe(ends) < 0)
		return;
	errno = 0;
	tap_ok(!ashmem_valid(-1) && !ashmem_valid(ends[0]) && !errno,
	       "valid: not so -1 and a pipe, and errno is kept");
	tap_ok(failed(ashmem_get_size_region(-1), EBADF) &&
	       failed(ashmem_pin_region(-1, 0, 0), EBADF) &&
	       failed(ashmem_unpin_region(-1, 0, 0), EBADF) &&
	       failed(ashmem_set_prot_region(-1, 0), EBADF),
	       "no descriptor: EBADF");
	tap_ok(failed(ashmem_get_size_region(ends[0]), EINVAL) &&
	       failed(ashmem_pin_region(ends[0], 0, 0), EINVAL) &&
	       failed(ashmem_unpin_region(ends[0], 0, 0), EINVAL) &&
	       failed(ashmem_set_prot_region(ends[0], 0), EINVAL),
	       "a pipe: EINVAL");
	close(ends[0]);
	close(ends[1]);
}

static void test_pin(void)
{
	char *memory;
	int fd = make(4, 'a', &memory);

	if (!tap_ok(fd >= 0, "pin: a region for it"))
		return;
	tap_ok(ashmem_unpin_region(fd, page, page) == 0 &&
	       ashmem_pin_region(fd, page, page) == ASHMEM_NOT_PURGED &&
	       is_all(memory, 4, 'a'), "pin: what was not purged is there");
	tap_ok(ashmem_unpin_region(fd, 0, 2 * page) == 0 && purge() &&
	       ashmem_pin_region(fd, 0, page) == ASHMEM_WAS_PURGED &&
	       is_all(memory, 2, 0) && is_all(memory + 2 * page, 2, 'a'),
	       "pin: says what was purged, and that reads as zeros");
	tap_ok(ashmem_pin_region(fd, 0, page) == ASHMEM_NOT_PURGED &&
	       ashmem_pin_region(fd, 0, 0) == ASHMEM_WAS_PURGED &&
	       ashmem_pin_region(fd, 0, 0) == ASHMEM_NOT_PURGED,
	       "pin: says it once of each page");
	tap_ok(failed(ashmem_pin_region(fd, 1, page), EINVAL) &&
	       failed(ashmem_pin_region(fd, 0, page + 1), EINVAL) &&
	       failed(ashmem_pin_region(fd, 4 * page, page), EINVAL) &&
	       failed(ashmem_unpin_region(fd, page, 4 * page), EINVAL),
	       "pin: parts of pages, and pages past the end, are EINVAL");
	munmap(memory, 4 * page);
	close(fd);
}

static void test_protection(void)
{
	char *memory;
	int fd = make(1, 'p', &memory);

	if (!tap_ok(fd >= 0, "protection: a region for it"))
		return;
	tap_ok(ashmem_set_prot_region(fd, PROT_READ) == 0,
	       "protection: writing is taken away");
	tap_ok(!map(fd, page, PROT_READ | PROT_WRITE) && errno == EPERM,
	       "protection: no map for writing from then on");
	tap_ok(failed(ashmem_set_prot_region(fd, PROT_READ | PROT_WRITE),
		      EINVAL), "protection: it does not come back");
	memory[0] = 'q';
	munmap(memory, page);
	memory = map(fd, page, PROT_READ);
	tap_ok(memory && memory[0] == 'q',
	       "protection: an earlier map keeps what it has");
	if (memory)
		munmap(memory, page);
	close(fd);
}

/*
 * A descriptor is closed, and the next one gets its number. What was known of
 * the number before must not be done to what it stands for now.
 */
static void test_reused_by_region(void)
{
	char *old_memory, *new_memory;
	int old_fd = make(8, 'o', &old_memory);
	int keeper = old_fd < 0 ? -1 : dup(old_fd);
	int new_fd;

	if (!tap_ok(keeper >= 0 &&
		    ashmem_pin_region(keeper, 0, 0) == ASHMEM_NOT_PURGED &&
		    ashmem_unpin_region(old_fd, 0, 0) == 0,
		    "reused by a region: a region, all unpinned"))
		return;
	close(old_fd);
	new_fd = make(4, 'n', &new_memory);
	if (!tap_ok(new_fd == old_fd, "reused by a region: the same number"))
		return;
	tap_ok(ashmem_get_size_region(new_fd) == (int)(4 * page) &&
	       failed(ashmem_pin_region(new_fd, 4 * page, page), EINVAL),
	       "reused by a region: has the size of the new one");
	tap_ok(ashmem_unpin_region(new_fd, 0, page) == 0 &&
	       ashmem_pin_region(new_fd, 0, 0) == ASHMEM_NOT_PURGED && purge(),
	       "reused by a region: unpinned, pinned, and then all is purged");
	tap_ok(ashmem_pin_region(new_fd, 0, 0) == ASHMEM_NOT_PURGED &&
	       is_all(new_memory, 4, 'n'),
	       "reused by a region: the new one was pinned");
	tap_ok(ashmem_pin_region(keeper, 0, 0) == ASHMEM_WAS_PURGED &&
	       is_all(old_memory, 8, 0),
	       "reused by a region: the old one was not");
	munmap(old_memory, 8 * page);
	munmap(new_memory, 4 * page);
	close(keeper);
	close(new_fd);
}

static void test_reused_by_pipe(void)
{
	char *memory;
	int ends[2], fd = make(1, 'x', &memory);

	if (!tap_ok(fd >= 0 && ashmem_unpin_region(fd, 0, 0) == 0,
		    "reused by a pipe: a region, unpinned"))
		return;
	close(fd);
	if (!tap_ok(pipe(ends) == 0 && ends[0] == fd,
		    "reused by a pipe: the same number"))
		return;
	tap_ok(!ashmem_valid(fd) && failed(ashmem_pin_region(fd, 0, 0), EINVAL) &&
	       failed(ashmem_unpin_region(fd, 0, 0), EINVAL) &&
	       failed(ashmem_get_size_region(fd), EINVAL),
	       "reused by a pipe: EINVAL");
	tap_ok(write(ends[1], "y", 1) == 1 && read(fd, memory, 1) == 1 &&
	       memory[0] == 'y', "reused by a pipe: the pipe is as it was");
	munmap(memory, page);
	close(ends[0]);
	close(ends[1]);
}

static void test_closed(void)
{
	char *memory;
	int fd = make(1, 'x', &memory);

	tap_ok(fd >= 0 && ashmem_unpin_region(fd, 0, 0) == 0 &&
	       close(fd) == 0 && failed(ashmem_pin_region(fd, 0, 0), EBADF),
	       "closed: EBADF");
	if (memory)
		munmap(memory, page);
}

int main(void)
{
	page = sysconf(_SC_PAGESIZE);
	test_create();
	test_valid();
	test_pin();
	test_protection();
	test_reused_by_region();
	test_reused_by_pipe();
	test_closed();
	return tap_done();
}
