/* SPDX-License-Identifier: MIT */
/* The binder driver once opened: its descriptor, the memory in which it delivers,
 * and its stream of commands. Knows nothing of services and messages. */
#ifndef ASHMEM_LIB_BINDER_DRIVER_H
#define ASHMEM_LIB_BINDER_DRIVER_H

#include <linux/android/binder.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the driver delivers lies in here until it is freed. */
#define BINDER_DRIVER_BYTES	((size_t)1 << 20)

/**
 * struct binder_driver - an opening of the driver
 * @fd:     non-blocking; -1 if it is not open, as in a forked child
 * @memory: BINDER_DRIVER_BYTES, for reading; no child inherits it
 */
struct binder_driver {
	int fd;
	void *memory;
};

/**
 * struct binder_returns - what the driver has said
 * @bytes: @size of them, commands one after another with what belongs to them
 * @at:    where the next begins
 */
struct binder_returns {
	char bytes[512];
	size_t size;
	size_t at;
};

/* Returns 0, or -1 with errno as ashmem_binder_open(). */
int binder_driver_open(struct binder_driver *driver, const char *path);
void binder_driver_close(struct binder_driver *driver);

/* In a child: gives back what it was not asked to inherit. */
void binder_driver_forked(struct binder_driver *driver);

/**
 * binder_driver_exchange - says something, and asks what there is to be told
 * @commands: @size bytes
 * @returns:  is given what there is, which may be nothing; NULL not to ask
 *
 * Does not wait. Returns 0, or -1 with errno: EBADF if it is not open; ENOMEM.
 */
int binder_driver_exchange(struct binder_driver *driver, const void *commands,
			   size_t size, struct binder_returns *returns);

/**
 * binder_returns_next - the next command
 * @command:  is given it
 * @argument: is given what belongs to it, @bytes at most; the rest is zeros
 *
 * Returns false if there is none.
 */
bool binder_returns_next(struct binder_returns *returns, uint32_t *command,
			 void *argument, size_t bytes);

/* A command that has nothing but a number with it, and one without anything.
 * They return as binder_driver_exchange(). */
int binder_driver_say(struct binder_driver *driver, uint32_t command);
int binder_driver_say_about(struct binder_driver *driver, uint32_t command,
			    uint32_t handle);
int binder_driver_free(struct binder_driver *driver, binder_uintptr_t buffer);

/**
 * binder_driver_wait - waits until there is something to be told
 * @deadline: by CLOCK_MONOTONIC, in milliseconds; -1 for none
 *
 * Returns 1; 0 if the time has passed; or -1 with errno EINTR or ENOMEM.
 */
int binder_driver_wait(struct binder_driver *driver, int64_t deadline);

/* When @timeout milliseconds will have passed; -1 if that is never. */
int64_t binder_driver_deadline(int timeout);

/* This thread waits for no reply any more. What it serves, if anything, fails. */
void binder_driver_abandon(struct binder_driver *driver);

/* Why the driver has said BR_DEAD_REPLY, BR_FAILED_REPLY or the like to this
 * thread, as an errno. */
int binder_driver_failure(struct binder_driver *driver, uint32_t command);

#endif /* ASHMEM_LIB_BINDER_DRIVER_H */
