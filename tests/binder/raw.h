/* SPDX-License-Identifier: MIT */
/* Who speaks to the driver itself, and does not keep to what the library does. */
#ifndef ASHMEM_TESTS_BINDER_RAW_H
#define ASHMEM_TESTS_BINDER_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../lib/binder_driver.h"
#include "../../lib/binder_parcel.h"
#include "peer.h"

#define RAW_MOST_BYTES		256
#define RAW_MOST_OBJECTS	3

/**
 * struct raw_message - what is sent, right or wrong
 * @data:    @size bytes
 * @offsets: of the @count objects in it
 * @flags:   TF_*
 * @fds:     that are in it, @fd_count of them
 */
struct raw_message {
	char data[RAW_MOST_BYTES];
	size_t size;
	binder_size_t offsets[RAW_MOST_OBJECTS];
	size_t count;
	uint32_t flags;
	int fds[RAW_MOST_OBJECTS];
	size_t fd_count;
};

/* Messages that are wrong, or not what they should be. */
enum raw_kind {
	RAW_EMPTY,
	RAW_SHORT,
	RAW_OTHER,
	RAW_LONGER,
	RAW_TRAILING,
	RAW_UNALIGNED,
	RAW_PIPE,
	RAW_SOCKET,
	RAW_FILE,
	RAW_MEMFD,
	RAW_BINDER,
	RAW_TWO,
	RAW_THREE,
	RAW_MISPLACED,
	RAW_HIDDEN,
	RAW_SERVICE,
	RAW_SERVICE_AND_PIPE,
	RAW_KINDS,
};

/**
 * struct raw_wrong - what is wrong with a kind
 * @what:  in words
 * @error: that the receiver has to find
 */
struct raw_wrong {
	const char *what;
	int error;
};

extern const struct raw_wrong raw_wrong[RAW_KINDS];

/* Makes a message of the kind; raw_free() closes its descriptors. */
void raw_make(enum raw_kind kind, struct raw_message *message);
void raw_free(struct raw_message *message);

/* Makes one of this library's form, with @object if that is not NULL. */
void raw_make_right(const void *bytes, size_t length,
		    const union binder_object *object,
		    struct raw_message *message);

/**
 * raw_call - sends a message, and waits for the reply
 * @object: is given that of the reply, if it is right and has one; may be NULL
 *
 * Returns 0; the errno by which it was refused; or -1 if the driver has failed
 * it. Of one with TF_ONE_WAY, only whether the driver took it.
 */
int raw_call(struct binder_driver *driver, uint32_t handle, uint32_t code,
	     const struct raw_message *message, union binder_object *object);

/* The handle of a service, which is kept; ends the program if there is none. */
uint32_t raw_find(struct binder_driver *driver, const char *name);

/* Publishes this process's service of that number, which takes no descriptors; as
 * raw_call(). */
int raw_publish(struct binder_driver *driver, const char *name, size_t length,
		uint64_t number);

/* A service whose answer is wrong in the way that the request's code says; codes
 * from RAW_KINDS on are statuses that are none. */
struct peer raw_start(const char *name);

/* A manager that answers who looks for the name "7" by what is 7 in the above.
 * It calls what is published, and refuses it by what that has answered. */
struct peer raw_start_manager(void);

#endif /* ASHMEM_TESTS_BINDER_RAW_H */
