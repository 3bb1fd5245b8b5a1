// SPDX-License-Identifier: MIT
/*
 * Code as it is written for the NDK's <android/sharedmem.h>, in what C and C++
 * have in common: a parent shares memory with its child.
 */
#include <android/sharedmem.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tap.h"

#define SIZE	10000

static char *map(int fd, int prot)
{
	void *address = mmap(NULL, SIZE, prot, MAP_SHARED, fd, 0);

	return address == MAP_FAILED ? NULL : (char *)address;
}

/* The child gets the descriptor, and no mapping. */
static bool child_writes(int fd, const char *text)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		char *memory = map(fd, PROT_READ | PROT_WRITE);

		if (!memory)
			_exit(1);
		strcpy(memory, text);
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && status == 0;
}

static void test_sharing(void)
{
	int fd = ASharedMemory_create("shared", SIZE);
	char *memory = map(fd, PROT_READ | PROT_WRITE);

	tap_ok(fd >= 0 && ASharedMemory_getSize(fd) == SIZE,
	       "create: of the size that was asked for");
	tap_ok(memory && child_writes(fd, "by the child") &&
	       !strcmp(memory, "by the child"), "what the child writes is there");
	tap_ok(ASharedMemory_setProt(fd, PROT_READ) == 0 &&
	       !child_writes(fd, "more"),
	       "setProt: the child can no longer write");
	tap_ok(ASharedMemory_setProt(fd, PROT_READ | PROT_WRITE) == -1 &&
	       errno == EINVAL, "setProt: it does not come back");
	close(fd);
	tap_ok(memory && !strcmp(memory, "by the child"),
	       "the mapping outlives the descriptor");
	if (memory)
		munmap(memory, SIZE);
}

static void test_large(void)
{
	size_t size = sizeof(size_t) > 4 ? (size_t)3 << 30 : (size_t)1 << 30;
	int fd = ASharedMemory_create("large", size);

	tap_ok(fd >= 0 && ASharedMemory_getSize(fd) == size,
	       "getSize: of more than an int can hold");
	close(fd);
}

static void test_errors(void)
{
	int ends[2];

	tap_ok(ASharedMemory_create(NULL, 0) == -1 && errno == EINVAL,
	       "create: of no bytes is EINVAL");
	tap_ok(ASharedMemory_getSize(-1) == 0 && errno == EBADF,
	       "getSize: 0 without a descriptor");
	if (pipe(ends) < 0)
		return;
	tap_ok(ASharedMemory_getSize(ends[0]) == 0 && errno == EINVAL &&
	       ASharedMemory_setProt(ends[0], PROT_READ) == -1 &&
	       errno == EINVAL, "of a pipe: EINVAL");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	test_sharing();
	test_large();
	test_errors();
	return tap_done();
}
