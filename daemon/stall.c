// SPDX-License-Identifier: MIT
#include "stall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * Some process stalled for 150 ms within 2 s, both in microseconds. Without
 * privilege the kernel takes only windows of whole 2 s.
 */
static const char trigger[] = "some 150000 2000000";

/**
 * struct stall - one source
 * @io:   on a descriptor that it owns
 * @seen: called with @context
 */
struct stall {
	sd_event_source *io;
	stall_fn *seen;
	void *context;
};

/* Reads away what was said, as only that something was said matters. Returns
 * false when nobody is there to say more. */
static bool drain(int fd)
{
	char said[4096];
	ssize_t length;

	do
		length = read(fd, said, sizeof(said));
	while (length > 0 || (length < 0 && errno == EINTR));
	return length < 0 && errno == EAGAIN;
}

static int on_io(sd_event_source *io, int fd, uint32_t events, void *context)
{
	struct stall *stall = context;
	bool over = events & (EPOLLERR | EPOLLHUP);
	bool said = events & (EPOLLPRI | EPOLLIN);

	if (events & EPOLLIN && !drain(fd))
		over = true;
	/* The kernel raises both when a cgroup goes; that is no stall. */
	if (events & EPOLLERR)
		said = false;
	if (over)
		sd_event_source_set_enabled(io, SD_EVENT_OFF);
	if (said)
		stall->seen(stall->context);
	return 0;
}

static int write_all(int fd, const void *data, size_t size)
{
	ssize_t written = send(fd, data, size, MSG_NOSIGNAL);

	if (written < 0 && errno == ENOTSOCK)
		written = write(fd, data, size);
	if (written < 0)
		return -1;
	if ((size_t)written != size) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

/* Takes over @fd, also if it fails. */
static struct stall *watch(sd_event *event, int fd, uint32_t events,
			   stall_fn *seen, void *context)
{
	struct stall *stall = calloc(1, sizeof(*stall));
	int error;

	if (!stall) {
		close(fd);
		return NULL;
	}
	stall->seen = seen;
	stall->context = context;
	error = sd_event_add_io(event, &stall->io, fd, events, on_io, stall);
	if (error < 0) {
		close(fd);
		free(stall);
		errno = -error;
		return NULL;
	}
	sd_event_source_set_io_fd_own(stall->io, true);
	return stall;
}

static struct stall *fail(int fd, int error)
{
	if (fd >= 0)
		close(fd);
	errno = error;
	return NULL;
}

struct stall *stall_open(sd_event *event, const char *path, stall_fn *seen,
			 void *context)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	/* The kernel takes it with its terminating NUL. */
	if (write_all(fd, trigger, sizeof(trigger)))
		return fail(fd, errno);
	return watch(event, fd, EPOLLPRI, seen, context);
}

/* The value of one base64 digit, or -1. */
static int digit_of(char digit)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = digit ? strchr(digits, digit) : NULL;

	return found ? found - digits : -1;
}

/*
 * Decodes base64 (RFC 4648). @data has room for three bytes to every four of
 * @text. Returns how many bytes that is, or -1 with errno EINVAL.
 */
static ssize_t decode(uint8_t *data, const char *text)
{
	size_t length = strlen(text), size = 0;
	uint32_t bits = 0;
	size_t count;

	errno = EINVAL;
	if (length % 4)
		return -1;
	for (count = 0; count < 2 && length && text[length - 1] == '='; count++)
		length--;
	for (size_t i = 0; i < length; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0)
			return -1;
		bits = bits << 6 | digit;
		/* Each digit but the first of four ends one byte. */
		if (i % 4)
			data[size++] = bits >> (6 - i % 4 * 2);
	}
	return size;
}

/* What is to be written, if anything. */
static int write_greeting(int fd)
{
	const char *text = getenv("MEMORY_PRESSURE_WRITE");
	uint8_t *data;
	ssize_t size;
	int result;

	if (!text || !*text)
		return 0;
	data = malloc(strlen(text) / 4 * 3 + 3);
	if (!data)
		return -1;
	size = decode(data, text);
	result = size < 0 ? -1 : write_all(fd, data, size);
	free(data);
	return result;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Opens a file of @mode; @events is given what to wait for. */
static int open_kind(const char *path, mode_t mode, uint32_t *events)
{
	*events = EPOLLIN;
	if (S_ISSOCK(mode))
		return connect_to(path);
	if (S_ISREG(mode))
		*events = EPOLLPRI;
	else if (!S_ISFIFO(mode)) {
		errno = EINVAL;
		return -1;
	}
	/* A FIFO as well: with a writer of its own it has no end. */
	return open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

struct stall *stall_open_environment(sd_event *event, stall_fn *seen,
				     void *context)
{
	const char *path = getenv("MEMORY_PRESSURE_WATCH");
	struct stat stat_of;
	uint32_t events;
	int fd;

	if (!path || !*path)
		return fail(-1, ENODATA);
	if (!strcmp(path, "/dev/null"))
		return fail(-1, ECANCELED);
	if (*path != '/')
		return fail(-1, EINVAL);
	if (stat(path, &stat_of))
		return NULL;
	fd = open_kind(path, stat_of.st_mode, &events);
	if (fd < 0)
		return NULL;
	if (write_greeting(fd))
		return fail(fd, errno);
	return watch(event, fd, events, seen, context);
}

void stall_close(struct stall *stall)
{
	if (!stall)
		return;
	sd_event_source_disable_unref(stall->io);
	free(stall);
}
