/* SPDX-License-Identifier: MIT */
/* A caller that is wrong ends the test. */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <stdio.h>
#include <stdlib.h>

#define BUG_ON(condition) do {						\
	if (condition) {						\
		fprintf(stderr, "%s:%d: BUG_ON(%s)\n",			\
			__FILE__, __LINE__, #condition);		\
		abort();						\
	}								\
} while (0)

#endif /* SHIM_LINUX_BUG_H */
