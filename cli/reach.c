// SPDX-License-Identifier: MIT
#include "reach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sighting.h"
#include "verb.h"

/*
 * Opens the file of a memfd anew. It is looked at before it is opened, as by
 * now the number may mean something else, which to open could do anything.
 */
static int open_memfd(const struct found *found, const struct holder *holder,
		      int flags)
{
	int path, fd = -1, error;
	struct stat status;
	sighting_path name;

	snprintf(name, sizeof(name), "/proc/%d/fd/%d", holder->pid, holder->fd);
	path = open(name, O_PATH | O_CLOEXEC);
	if (path < 0)
		return -1;
	if (fstat(path, &status) < 0 || status.st_dev != found->device ||
	    status.st_ino != found->inode) {
		errno = ENOENT;
	} else {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
		fd = open(name, flags | O_CLOEXEC);
	}
	error = errno;
	close(path);
	errno = error;
	return fd;
}

int reach_memfd(const struct found *found, int flags)
{
	int fd, error = ENOENT;

	for (size_t i = 0; i < found->holder_count; i++) {
		if (found->holders[i].fd < 0)
			continue;
		fd = open_memfd(found, &found->holders[i], flags);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT)
			error = errno;
	}
	errno = error;
	return -1;
}

/* The open file of another process itself: to open the node again would make a
 * new area. */
static int take_area(const struct holder *holder)
{
	int process = syscall(SYS_pidfd_open, holder->pid, 0);
	int fd, error;

	if (process < 0)
		return -1;
	fd = syscall(SYS_pidfd_getfd, process, holder->fd, 0);
	error = errno;
	close(process);
	errno = error == EBADF ? ENOENT : error;
	return fd;
}

static int open_area(const struct found *found)
{
	int fd, error = ENOENT;

	for (size_t i = 0; i < found->holder_count; i++) {
		if (found->holders[i].fd < 0)
			continue;
		fd = take_area(&found->holders[i]);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT)
			error = errno;
	}
	errno = error;
	return -1;
}

static void explain(const struct found *found, int flags)
{
	int error = errno;

	if (error == ENOENT)
		complain("%s: no process that can be seen has a descriptor of "
			 "it", found->id);
	else if (error == EPERM && found->engine == ASHMEM_ENGINE_DEVICE)
		complain("%s: the kernel does not give the descriptors of this "
			 "process to others (ptrace): ask as root, or set "
			 "kernel.yama.ptrace_scope to 0", found->id);
	else if ((error == EACCES || error == EPERM) && flags != O_RDONLY)
		complain("%s: this user may not write it", found->id);
	else
		complain("%s: it cannot be opened: %s", found->id,
			 strerror(error));
	errno = error;
}

int reach_open(const struct found *found, int flags)
{
	int fd = found->engine == ASHMEM_ENGINE_DEVICE ?
		 open_area(found) : reach_memfd(found, flags);

	if (fd < 0)
		explain(found, flags);
	return fd;
}

int reach_region(const struct found *found, int flags,
		 struct ashmem_region **region)
{
	int fd = reach_open(found, flags), status = STATUS_DONE;

	if (fd < 0)
		return status_of(errno);
	if (ashmem_region_import(region, fd) < 0) {
		status = status_of(errno);
		complain("%s: %s", found->id, strerror(errno));
	}
	close(fd);
	return status;
}
