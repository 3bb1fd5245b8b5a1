/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_MAIN_H
#define _ASHMEM_MAIN_H

#include <linux/types.h>

bool ashmem_legacy_unpin(void);

#endif /* _ASHMEM_MAIN_H */
