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

/* Of the device; 0 if none was found. */
static dev_t number;

static bool is_device(const struct stat *status)
{
	if (S_ISCHR(status->st_mode) && status->st_rdev)
		return true;
	errno = ENOTTY;
	return false;
}

static int open_as_15(void)
{
	int fd = open(android_device(), O_RDWR | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		fd = open(ANDROID_OLD_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && is_device(&status)) {
		number = status.st_rdev;
		return fd;
	}
	close(fd);
	errno = ENOTTY;
	return -1;
}

static int open_as_16(void)
{
	struct stat status;

	if (stat(android_device(), &status) < 0 || !is_device(&status))
		return -1;
	number = status.st_rdev;
	return open(android_device(), O_RDWR | O_CLOEXEC);
}

static int close_and_fail(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int android_create(enum android_release release, const char *name,
		   size_t size)
{
	char cut[ASHMEM_NAME_LEN] = "";
	int fd = release == ANDROID_15 ? open_as_15() : open_as_16();

	if (fd < 0)
		return -1;
	if (name)
		strncat(cut, name, sizeof(cut) - 1);
	if ((!name || ioctl(fd, ASHMEM_SET_NAME, cut) == 0) &&
	    ioctl(fd, ASHMEM_SET_SIZE, size) == 0)
		return fd;
	return close_and_fail(fd);
}

bool android_valid(int fd)
{
	struct stat status;

	return number && fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
	       status.st_rdev == number && android_size(fd) >= 0;
}

static int create_memfd(const char *name, size_t size)
{
	int fd = memfd_create(name ? name : "none",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, size) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0)
		return fd;
	return close_and_fail(fd);
}

int android_choose(bool use_memfd, const char *name, size_t size)
{
	if (use_memfd && android_takes_memfds())
		return create_memfd(name, size);
	return android_create(ANDROID_16, name, size);
}

bool android_takes_memfds(void)
{
	size_t size = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("region", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool answers = fd >= 0 &&
		       fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0 &&
		       ftruncate(fd, size) == 0 &&
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
