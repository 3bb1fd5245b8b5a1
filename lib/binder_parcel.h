/* SPDX-License-Identifier: MIT */
/*
 * What a message is to the driver: bytes, and where in them an object stands
 * that it has to translate for the receiver, such as a descriptor.
 *
 * Here: a header; the bytes; zeros up to the next multiple of 8; an object or
 * none. Or, of an answer with TF_STATUS_CODE, an errno and nothing else.
 */
#ifndef ASHMEM_LIB_BINDER_PARCEL_H
#define ASHMEM_LIB_BINDER_PARCEL_H

#include <linux/android/binder.h>
#include <stdint.h>
#include <stddef.h>

/* The object that goes along: a service, somebody else's service, a descriptor. */
union binder_object {
	struct binder_object_header hdr;
	struct flat_binder_object service;
	struct binder_fd_object descriptor;
};

/**
 * struct binder_parcel - what is sent
 * @data:   @size bytes
 * @offset: of the object in them
 */
struct binder_parcel {
	char *data;
	size_t size;
	binder_size_t offset;
};

/**
 * struct binder_content - what was received
 * @bytes:  @length of them, in the driver's memory
 * @object: all zeros if there is none
 */
struct binder_content {
	const char *bytes;
	size_t length;
	union binder_object object;
};

/**
 * binder_parcel_make - makes a parcel, to be given to free(3) as @data
 * @object: NULL for none
 *
 * Returns 0, or -1 with errno: EMSGSIZE or ENOMEM.
 */
int binder_parcel_make(struct binder_parcel *parcel, const void *bytes,
		       size_t length, const union binder_object *object);

/* A transaction that sends it. */
struct binder_transaction_data
binder_parcel_transaction(const struct binder_parcel *parcel);

/* Returns 0, or -1 with errno EBADMSG if that is no parcel. */
int binder_parcel_read(const struct binder_transaction_data *received,
		       struct binder_content *content);

/* The errno that a message with TF_STATUS_CODE is; EBADMSG if it is none. */
int binder_parcel_status(const struct binder_transaction_data *received);

/* Closes all descriptors that came, wherever they stand, and however many. */
void binder_parcel_close_descriptors(
	const struct binder_transaction_data *received);

#endif /* ASHMEM_LIB_BINDER_PARCEL_H */
