/* SPDX-License-Identifier: MIT */
/*
 * Who says that processes are stalled for want of memory: a file of the
 * kernel's pressure stall information, or whatever the service manager names in
 * the environment.
 */
#ifndef ASHMEM_DAEMON_STALL_H
#define ASHMEM_DAEMON_STALL_H

#include <systemd/sd-event.h>

struct stall;

/* There were stalls. */
typedef void stall_fn(void *context);

/**
 * stall_open - watches a pressure file of the kernel, such as memory.pressure
 *
 * @seen is called from the loop, at most every two seconds. Once the file is
 * gone it is not called any more.
 * Returns what stall_close() ends, or NULL with errno set: as of open(2), or
 * EPERM, EINVAL, EOPNOTSUPP, EBUSY if the kernel has no such thing, or not for
 * this process.
 */
struct stall *stall_open(sd_event *event, const char *path, stall_fn *seen,
			 void *context);

/**
 * stall_open_environment - watches what $MEMORY_PRESSURE_WATCH names
 *
 * See systemd's "Memory Pressure Handling". Relative paths and files of other
 * kinds than described there are refused.
 * Returns as stall_open() does; besides, errno is ENODATA if the environment
 * says nothing, ECANCELED if it says that pressure is not to be watched, and
 * EINVAL if what it says makes no sense.
 */
struct stall *stall_open_environment(sd_event *event, stall_fn *seen,
				     void *context);

/* Takes NULL as well. Not from within @seen. */
void stall_close(struct stall *stall);

#endif /* ASHMEM_DAEMON_STALL_H */
