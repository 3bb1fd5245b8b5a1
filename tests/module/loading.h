/* SPDX-License-Identifier: MIT */
/*
 * Loading and unloading the driver, in the virtual machine.
 */
#ifndef ASHMEM_TESTS_MODULE_LOADING_H
#define ASHMEM_TESTS_MODULE_LOADING_H

#include <stdbool.h>

/* Where tests/vm/run puts the module. */
#define MODULE_PATH	"/vm/ashmem.ko"
#define DEVICE_PATH	"/dev/ashmem"

/* Each returns 0, or -1 with errno as the kernel gave it. */
int module_load(const char *parameters);
int module_unload(void);

bool module_is_loaded(void);

#endif /* ASHMEM_TESTS_MODULE_LOADING_H */
