/* SPDX-License-Identifier: MIT */
#include "android.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ashmem.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOT_ID	"/proc/sys/kernel/random/boot_id"

const char *android_device(void)
{
	static char path[128];
	size_t length = strlen(ANDROID_OLD_DEVICE);
	FILE *file;

	if (*path)
		return path;
	strcpy(path, ANDROID_OLD_DEVICE);
	file = fopen(BOOT_ID, "re");
	if (!file)
		return path;
	length += fread(path + length, 1, sizeof(path) - 1 - length, file);
	fclose(file);
	while (isspace((unsigned char)path[length - 1]))
		path[--length] = '\0';
	return path;
}

static int open_device(dev_t *number)
{
	struct stat status;

	if (stat(android_device(), &status) < 0)
		return -1;
	if (!S_ISCHR(status.st_mode) || !status.st_rdev) {
		errno = ENOTTY;
		return -1;
	}
	*number = status.st_rdev;
	return open(android_device(), O_RDWR | O_CLOEXEC);
}

int android_create(const char *name, size_t size)
{
	char cut[ASHMEM_NAME_LEN] = "";
	dev_t number;
	int fd = open_device(&number);

	if (fd < 0)
		return -1;
	if (name)
		strncat(cut, name, sizeof(cut) - 1);
	if ((!name || ioctl(fd, ASHMEM_SET_NAME, cut) == 0) &&
	    ioctl(fd, ASHMEM_SET_SIZE, size) == 0)
		return fd;
	close(fd);
	return -1;
}

bool android_valid(int fd)
{
	struct stat device, status;

	return stat(android_device(), &device) == 0 &&
	       fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
	       status.st_rdev == device.st_rdev && android_size(fd) >= 0;
}

bool android_takes_memfds(void)
{
	size_t size = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("region", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool answers = fd >= 0 && ftruncate(fd, size) == 0 &&
		       android_size(fd) == (int)size;

	if (fd >= 0)
		close(fd);
	return answers;
}

int android_size(int fd)
{
	return ioctl(fd, ASHMEM_GET_SIZE, NULL);
}

int android_set_protection(int fd, int prot)
{
	return ioctl(fd, ASHMEM_SET_PROT_MASK, (unsigned long)prot);
}

int android_protection(int fd)
{
	return ioctl(fd, ASHMEM_GET_PROT_MASK, NULL);
}

static int pin_call(int fd, unsigned long command, uint32_t offset,
		    uint32_t length)
{
	struct ashmem_pin pin = { .offset = offset, .len = length };

	return ioctl(fd, command, &pin);
}

int android_pin(int fd, uint32_t offset, uint32_t length)
{
	return pin_call(fd, ASHMEM_PIN, offset, length);
}

int android_unpin(int fd, uint32_t offset, uint32_t length)
{
	return pin_call(fd, ASHMEM_UNPIN, offset, length);
}

int android_pin_status(int fd, uint32_t offset, uint32_t length)
{
	return pin_call(fd, ASHMEM_GET_PIN_STATUS, offset, length);
}
