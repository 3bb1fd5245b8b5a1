/* SPDX-License-Identifier: MIT */
#ifndef ASHMEM_TESTS_CONFORMANCE_DEVICE_H
#define ASHMEM_TESTS_CONFORMANCE_DEVICE_H

#define DEVICE_PATH	"/dev/ashmem"

long device_call(int fd, unsigned long command, unsigned long argument);

#endif /* ASHMEM_TESTS_CONFORMANCE_DEVICE_H */
