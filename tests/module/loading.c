/* SPDX-License-Identifier: MIT */
#include "loading.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int module_load(const char *parameters)
{
	int fd = open(MODULE_PATH, O_RDONLY | O_CLOEXEC);
	int result, error;

	if (fd < 0)
		return -1;
	result = (int)syscall(SYS_finit_module, fd, parameters, 0);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

int module_unload(void)
{
	return (int)syscall(SYS_delete_module, "ashmem", O_NONBLOCK);
}

bool module_is_loaded(void)
{
	return access("/sys/module/ashmem", F_OK) == 0;
}
