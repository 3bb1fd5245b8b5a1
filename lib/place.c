// SPDX-License-Identifier: MIT
#include "place.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set(char *path, const char *directory, const char *name)
{
	int length = snprintf(path, PLACE_MAX, "%s/%s", directory, name);

	if (length >= 0 && length < PLACE_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static int set_files(struct place *place)
{
	if (set(place->lock, place->directory, "lock") < 0 ||
	    set(place->log, place->directory, "log") < 0)
		return -1;
	return 0;
}

static int set_all(struct place *place, const char *directory,
		   const char *name)
{
	if (set(place->directory, directory, name) < 0 ||
	    set(place->socket, place->directory, "socket") < 0)
		return -1;
	return set_files(place);
}

int place_of_machine(struct place *place)
{
	return set_all(place, "/run", "ashmemd");
}

static bool is_own_directory(const char *path)
{
	struct stat stat;

	return lstat(path, &stat) == 0 && S_ISDIR(stat.st_mode) &&
	       stat.st_uid == geteuid();
}

int place_of_user(struct place *place)
{
	const char *directory = secure_getenv("XDG_RUNTIME_DIR");
	char path[PLACE_MAX];

	if (directory && directory[0] == '/' && is_own_directory(directory))
		return set_all(place, directory, "ashmemd");
	snprintf(path, sizeof(path), "/run/user/%u", geteuid());
	if (is_own_directory(path))
		return set_all(place, path, "ashmemd");
	snprintf(path, sizeof(path), "ashmemd-%u", geteuid());
	return set_all(place, "/tmp", path);
}

int place_of_socket(struct place *place, const char *socket)
{
	char path[PLACE_MAX];

	if (strlen(socket) >= PLACE_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(place->socket, socket);
	strcpy(path, socket);
	strcpy(place->directory, dirname(path));
	return set_files(place);
}

int place_make(const struct place *place)
{
	struct stat stat;

	if (mkdir(place->directory, 0700) < 0 && errno != EEXIST)
		return -1;
	if (lstat(place->directory, &stat) < 0)
		return -1;
	if (!S_ISDIR(stat.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	if (stat.st_uid == geteuid() && !(stat.st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	errno = EPERM;
	return -1;
}
