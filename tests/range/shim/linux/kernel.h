/* SPDX-License-Identifier: MIT */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <linux/bug.h>
#include <linux/container_of.h>
#include <linux/minmax.h>
#include <linux/types.h>

#endif /* SHIM_LINUX_KERNEL_H */
