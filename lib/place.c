// SPDX-License-Identifier: MIT
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME		"ashmemd"
#define SOCKET		"/socket"
#define LOCK		"/lock"
#define LOG		"/log"

typedef char path_buffer[sizeof(((struct place *)0)->socket) + sizeof(LOCK)];

void place_machine(struct place *place)
{
	*place = (struct place){
		.socket = PLACE_MACHINE SOCKET,
		.machine = true,
	};
}

static bool is_own_directory(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
	       status.st_uid == geteuid();
}

static int fits(int length, const struct place *place)
{
	if (length > 0 && (size_t)length < sizeof(place->socket))
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

int place_user(struct place *place)
{
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
	char own[sizeof("/run/user/4294967295")];

	*place = (struct place){ 0 };
	snprintf(own, sizeof(own), "/run/user/%u", geteuid());
	if (!runtime || runtime[0] != '/')
		runtime = is_own_directory(own) ? own : NULL;
	if (runtime)
		return fits(snprintf(place->socket, sizeof(place->socket),
				     "%s/" NAME SOCKET, runtime), place);
	return fits(snprintf(place->socket, sizeof(place->socket),
			     "/tmp/" NAME "-%u" SOCKET, geteuid()), place);
}

int place_given(struct place *place, const char *socket)
{
	*place = (struct place){ .given = true };
	if (socket[0] != '/' || socket[strlen(socket) - 1] == '/') {
		errno = EINVAL;
		return -1;
	}
	return fits(snprintf(place->socket, sizeof(place->socket), "%s",
			     socket), place);
}

static void directory_of(const struct place *place, path_buffer path)
{
	size_t length = strrchr(place->socket, '/') - place->socket;

	if (!length)
		length = 1;
	memcpy(path, place->socket, length);
	path[length] = '\0';
}

int place_check(const struct place *place)
{
	path_buffer directory;
	struct stat status;

	directory_of(place, directory);
	if (lstat(directory, &status) < 0)
		return -1;
	if (place->given)
		return 0;
	if (!S_ISDIR(status.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	if (place->machine ? status.st_uid == 0 &&
			     !(status.st_mode & (S_IWGRP | S_IWOTH)) :
			     status.st_uid == geteuid() &&
			     !(status.st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	errno = EPERM;
	return -1;
}

int place_make(const struct place *place)
{
	path_buffer directory;

	directory_of(place, directory);
	if (!place->given &&
	    mkdir(directory, S_IRWXU) < 0 && errno != EEXIST)
		return -1;
	/* Whatever the umask. */
	if (place->machine && geteuid() == 0 && place_check(place) == 0 &&
	    chmod(directory, 0755) < 0)
		return -1;
	return place_check(place);
}

int place_lock(const struct place *place)
{
	path_buffer path;
	int fd, result;

	directory_of(place, path);
	strcat(path, LOCK);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		  S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -1;
	do
		result = flock(fd, LOCK_EX);
	while (result < 0 && errno == EINTR);
	if (result == 0)
		return fd;
	close(fd);
	return -1;
}

static struct sockaddr_un address_of(const struct place *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, place->socket);
	return address;
}

static void close_keeping_errno(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
}

static int connect_by(int fd, const struct place *place)
{
	struct sockaddr_un address = address_of(place);
	int result;

	do
		result = connect(fd, (struct sockaddr *)&address,
				 sizeof(address));
	while (result < 0 && errno == EINTR);
	return result;
}

static int connect_with(const struct place *place, int flags,
			const struct timeval *patience)
{
	int fd;

	if (place_check(place) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -1;
	/* It holds for connect(2) too. */
	if ((!patience || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, patience,
				     sizeof(*patience)) == 0) &&
	    connect_by(fd, place) == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

int place_connect(const struct place *place)
{
	return connect_with(place, 0, NULL);
}

int place_connect_within(const struct place *place, unsigned int seconds)
{
	struct timeval patience = { .tv_sec = seconds };

	if (!seconds)
		return connect_with(place, SOCK_NONBLOCK, NULL);
	return connect_with(place, 0, &patience);
}

/* Unlinks a socket that nobody listens on. Returns -1 if somebody does. */
static int clear_away(const struct place *place)
{
	int fd = place_connect(place);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ECONNREFUSED)
		return unlink(place->socket);
	if (fd >= 0) {
		close(fd);
		errno = EADDRINUSE;
	}
	return -1;
}

static int bind_and_listen(const struct place *place)
{
	struct sockaddr_un address = address_of(place);
	mode_t mode = place->machine ? 0666 : 0600;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* Nobody can connect before it listens. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chmod(place->socket, mode) == 0 && listen(fd, PLACE_BACKLOG) == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

int place_listen(const struct place *place)
{
	int lock, fd = -1;

	if (place_make(place) < 0)
		return -1;
	lock = place_lock(place);
	if (lock < 0)
		return -1;
	if (clear_away(place) == 0)
		fd = bind_and_listen(place);
	close_keeping_errno(lock);
	return fd;
}

int place_log(const struct place *place)
{
	path_buffer path;

	directory_of(place, path);
	strcat(path, LOG);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC |
		    O_NOFOLLOW | O_NOCTTY, S_IRUSR | S_IWUSR);
}
