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

/* Up to Android 9; up to 15 it is tried when the other one is not there. */
#define ANDROID_OLD_DEVICE	"/dev/ashmem"

/* The device's path, with the boot id; static. */
const char *android_device(void);

/**
 * android_create - a new region, as a descriptor
 * @name: of the region, or NULL
 * @size: in bytes
 *
 * The device is looked for by its path with the boot id and by no other, as of
 * Android 16: what is there has to be a character device, before it is opened.
 *
 * Return: the descriptor, close-on-exec, or -1 with errno.
 */
int android_create(const char *name, size_t size);

/* Is that a region? By its device number, and by what it answers. */
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
