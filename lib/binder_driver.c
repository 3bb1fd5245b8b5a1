// SPDX-License-Identifier: MIT
#include "binder_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Is this the driver, in a version that is known here? */
static int check_version(int fd)
{
	struct binder_version version;

	if (ioctl(fd, BINDER_VERSION, &version) < 0) {
		if (errno == ENOTTY || errno == EINVAL)
			errno = ENODEV;
		return -1;
	}
	if (version.protocol_version == BINDER_CURRENT_PROTOCOL_VERSION)
		return 0;
	errno = EPROTO;
	return -1;
}

int binder_driver_open(struct binder_driver *driver, const char *path)
{
	int error;

	driver->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (driver->fd < 0)
		return -1;
	if (check_version(driver->fd) == 0) {
		driver->memory = mmap(NULL, BINDER_DRIVER_BYTES, PROT_READ,
				      MAP_PRIVATE | MAP_NORESERVE, driver->fd,
				      0);
		if (driver->memory != MAP_FAILED)
			return 0;
	}
	error = errno;
	close(driver->fd);
	driver->fd = -1;
	errno = error;
	return -1;
}

void binder_driver_close(struct binder_driver *driver)
{
	if (driver->fd < 0)
		return;
	munmap(driver->memory, BINDER_DRIVER_BYTES);
	close(driver->fd);
	driver->fd = -1;
}

void binder_driver_forked(struct binder_driver *driver)
{
	if (driver->fd >= 0)
		close(driver->fd);
	driver->fd = -1;
}

int binder_driver_exchange(struct binder_driver *driver, const void *commands,
			   size_t size, struct binder_returns *returns)
{
	struct binder_write_read exchange = {
		.write_size = size,
		.write_buffer = (uintptr_t)commands,
		.read_size = returns ? sizeof(returns->bytes) : 0,
		.read_buffer = returns ? (uintptr_t)returns->bytes : 0,
	};
	int result;

	do
		result = ioctl(driver->fd, BINDER_WRITE_READ, &exchange);
	while (result < 0 && errno == EINTR);
	if (returns) {
		returns->size = exchange.read_consumed;
		returns->at = 0;
	}
	/* All was said, and there is nothing to be told. */
	if (result < 0 && errno == EAGAIN)
		return 0;
	return result;
}

bool binder_returns_next(struct binder_returns *returns, uint32_t *command,
			 void *argument, size_t bytes)
{
	size_t left = returns->size - returns->at;
	size_t has;

	if (left < sizeof(*command))
		return false;
	memcpy(command, returns->bytes + returns->at, sizeof(*command));
	left -= sizeof(*command);
	has = _IOC_SIZE(*command);
	if (has > left)
		return false;
	memset(argument, 0, bytes);
	memcpy(argument, returns->bytes + returns->at + sizeof(*command),
	       has < bytes ? has : bytes);
	returns->at += sizeof(*command) + has;
	return true;
}

int binder_driver_say(struct binder_driver *driver, uint32_t command)
{
	return binder_driver_exchange(driver, &command, sizeof(command), NULL);
}

int binder_driver_say_about(struct binder_driver *driver, uint32_t command,
			    uint32_t handle)
{
	uint32_t words[] = { command, handle };

	return binder_driver_exchange(driver, words, sizeof(words), NULL);
}

int binder_driver_free(struct binder_driver *driver, binder_uintptr_t buffer)
{
	struct {
		uint32_t command;
		binder_uintptr_t buffer;
	} __attribute__((packed)) free_buffer = { BC_FREE_BUFFER, buffer };

	return binder_driver_exchange(driver, &free_buffer,
				      sizeof(free_buffer), NULL);
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t binder_driver_deadline(int timeout)
{
	return timeout < 0 ? -1 : milliseconds() + timeout;
}

int binder_driver_wait(struct binder_driver *driver, int64_t deadline)
{
	struct pollfd poll_of = { .fd = driver->fd, .events = POLLIN };
	int64_t left = -1;
	int result;

	if (deadline >= 0) {
		left = deadline - milliseconds();
		if (left < 0)
			left = 0;
	}
	result = poll(&poll_of, 1, left);
	if (result > 0 && !(poll_of.revents & POLLIN)) {
		errno = poll_of.revents & POLLNVAL ? EBADF : ENOMEM;
		return -1;
	}
	return result;
}

void binder_driver_abandon(struct binder_driver *driver)
{
	ioctl(driver->fd, BINDER_THREAD_EXIT, 0);
}

/*
 * The kernel tells the reason from 6.0 on. It has none where all was well until
 * a descriptor could not be put into the receiver's table.
 */
static int reason_of(struct binder_driver *driver)
{
	struct binder_extended_error reason;

	if (ioctl(driver->fd, BINDER_GET_EXTENDED_ERROR, &reason) < 0)
		return EREMOTEIO;
	switch (-reason.param) {
	case 0:
		return EMFILE;
	case ENOSPC:
		return ENOBUFS;
	case ENOMEM:
	case EPERM:
	case EINVAL:
		return -reason.param;
	default:
		return EREMOTEIO;
	}
}

int binder_driver_failure(struct binder_driver *driver, uint32_t command)
{
	switch (command) {
	case BR_DEAD_REPLY:
		return EPIPE;
	case BR_FROZEN_REPLY:
		return EAGAIN;
	case BR_FAILED_REPLY:
		return reason_of(driver);
	default:
		return EREMOTEIO;
	}
}
