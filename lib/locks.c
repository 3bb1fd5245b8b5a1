// SPDX-License-Identifier: MIT
#include "locks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same_file(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

int locks_open(int fd, int flags)
{
	char path[sizeof("/proc/self/fd/-2147483648")];
	int own;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, flags | O_CLOEXEC);
	if (own < 0 || is_same_file(own, fd))
		return own;
	/* What lies there is not /proc. */
	close(own);
	errno = ENOENT;
	return -1;
}

int64_t locks_byte_of_pins(int pins)
{
	struct stat stat;

	return fstat(pins, &stat) < 0 ? -1 : LOCK_PINS + (uint32_t)stat.st_ino;
}

static int set(int fd, short type, int64_t byte)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};
	int result;

	do
		result = fcntl(fd, F_OFD_SETLK, &lock);
	while (result < 0 && errno == EINTR);
	if (result < 0 && errno == EACCES)
		errno = EAGAIN;
	return result;
}

int locks_take(int fd, int64_t byte, bool exclusive)
{
	return set(fd, exclusive ? F_WRLCK : F_RDLCK, byte);
}

int locks_drop(int fd, int64_t byte)
{
	return set(fd, F_UNLCK, byte);
}

bool locks_is_read(int fd, int64_t byte)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_RDLCK;
}

/**
 * struct search - for locked bytes
 * @fd:      whose description asks
 * @visit:   is told of each, with @context
 * @left:    how many more it may be told
 * @stopped: it wants no more
 */
struct search {
	int fd;
	locks_visit_fn *visit;
	void *context;
	unsigned int left;
	bool stopped;
};

/*
 * The kernel tells of one lock in the bytes that it is asked about, and not
 * always of the first. So what is right of it and what is left of it are asked
 * about again.
 */
static int search(struct search *state, int64_t byte, int64_t end)
{
	while (byte < end && !state->stopped) {
		struct flock lock = {
			.l_type = F_WRLCK,
			.l_whence = SEEK_SET,
			.l_start = byte,
			.l_len = end - byte,
		};

		if (fcntl(state->fd, F_OFD_GETLK, &lock) < 0)
			return -1;
		if (lock.l_type == F_UNLCK)
			return 0;
		if (!state->left--) {
			errno = E2BIG;
			return -1;
		}
		if (lock.l_start < byte)
			lock.l_start = byte;
		state->stopped = !state->visit(state->context, lock.l_start);
		if (search(state, lock.l_start + 1, end) < 0)
			return -1;
		end = lock.l_start;
	}
	return 0;
}

int locks_each(int fd, int64_t byte, int64_t end, locks_visit_fn *visit,
	       void *context)
{
	struct search state = {
		.fd = fd,
		.visit = visit,
		.context = context,
		.left = LOCKS_MAX_VISITS,
	};

	return search(&state, byte, end);
}
