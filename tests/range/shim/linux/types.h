/* SPDX-License-Identifier: MIT */
/* The kernel's plain types, as far as driver/range.c uses them. */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned long pgoff_t;
typedef uint64_t u64;

#endif /* SHIM_LINUX_TYPES_H */
