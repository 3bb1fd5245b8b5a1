// SPDX-License-Identifier: MIT
#include "memfdname.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char before[] = "/memfd:", after[] = " (deleted)";

bool memfd_name_in(const char *link, char name[MEMFD_NAME_LEN])
{
	size_t length;

	if (strncmp(link, before, strlen(before)))
		return false;
	link += strlen(before);
	length = strlen(link);
	if (length >= strlen(after) &&
	    !strcmp(link + length - strlen(after), after))
		length -= strlen(after);
	if (length > MEMFD_NAME_MAX)
		length = MEMFD_NAME_MAX;
	memcpy(name, link, length);
	name[length] = '\0';
	return true;
}

int memfd_name_of(int fd, char name[MEMFD_NAME_LEN])
{
	char path[sizeof("/proc/self/fd/-2147483648")];
	char link[MEMFD_LINK_LEN];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return -1;
	link[length] = '\0';
	if (memfd_name_in(link, name))
		return 0;
	errno = EINVAL;
	return -1;
}
