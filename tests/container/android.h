/* SPDX-License-Identifier: MIT */
/*
 * What Android's user space does with the device, from what it is documented and
 * seen to do: libcutils of Android 10 and later.
 */
#ifndef ASHMEM_TESTS_CONTAINER_ANDROID_H
#define ASHMEM_TESTS_CONTAINER_ANDROID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Up to Android 9; up to 15 it is tried when the other one cannot be opened. */
#define ANDROID_OLD_DEVICE	"/dev/ashmem"

/**
 * enum android_release - how the device is looked for
 * @ANDROID_15: by the path with the boot id, else by the old one; what was
 *		opened has to be a character device. As of Android 10
 * @ANDROID_16: by the path with the boot id and no other; what is there has to
 *		be a character device, before it is opened
 */
enum android_release {
	ANDROID_15,
	ANDROID_16,
};

/* The device's path, with the boot id; static. */
const char *android_device(void);

/**
 * android_create - a new region of the device
 * @release: who asks
 * @name:    of the region, or NULL
 * @size:    in bytes
 *
 * Return: the descriptor, close-on-exec, or -1 with errno.
 */
int android_create(enum android_release release, const char *name,
		   size_t size);

/**
 * android_choose - a new region, as a memfd or of the device
 * @use_memfd: what the property sys.use_memfd says
 *
 * As of Android 16, a memfd is only taken where android_takes_memfds() as well.
 *
 * Return: as android_create().
 */
int android_choose(bool use_memfd, const char *name, size_t size);

/* Is that a region? By the number of the device that android_create() has found
 * last, and by what it answers. */
bool android_valid(int fd);

/* May memfds be used instead? Only if the kernel answers for them as for areas. */
bool android_takes_memfds(void);

/* The rest are the device's calls, with results as these have them. */
int android_size(int fd);
int android_set_protection(int fd, int prot);
int android_protection(int fd);
int android_pin(int fd, uint32_t offset, uint32_t length);
int android_unpin(int fd, uint32_t offset, uint32_t length);
int android_pin_status(int fd, uint32_t offset, uint32_t length);

#endif /* ASHMEM_TESTS_CONTAINER_ANDROID_H */
