// SPDX-License-Identifier: MIT
/*
 * The driver has seen to it that objects are where the offsets say, and that the
 * descriptors in them are this process's own. All else is as the sender has
 * written it.
 */
#include "binder_parcel.h"

#include <ashmem_binder.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC		0x4d485341	/* "ASHM" */
#define ALIGNMENT	8
#define MOST_ERRNO	4095

struct header {
	uint32_t magic;
	uint32_t length;
};

static size_t aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int binder_parcel_make(struct binder_parcel *parcel, const void *bytes,
		       size_t length, const union binder_object *object)
{
	struct header header = { .magic = MAGIC, .length = length };

	if (length > ASHMEM_BINDER_MOST_BYTES) {
		errno = EMSGSIZE;
		return -1;
	}
	parcel->offset = sizeof(header) + aligned(length);
	parcel->size = parcel->offset + (object ? sizeof(*object) : 0);
	parcel->data = calloc(1, parcel->size);
	if (!parcel->data)
		return -1;
	memcpy(parcel->data, &header, sizeof(header));
	if (length)
		memcpy(parcel->data + sizeof(header), bytes, length);
	if (object)
		memcpy(parcel->data + parcel->offset, object, sizeof(*object));
	return 0;
}

struct binder_transaction_data
binder_parcel_transaction(const struct binder_parcel *parcel)
{
	bool has_object = parcel->offset < parcel->size;

	return (struct binder_transaction_data){
		.data_size = parcel->size,
		.offsets_size = has_object ? sizeof(parcel->offset) : 0,
		.data.ptr.buffer = (uintptr_t)parcel->data,
		.data.ptr.offsets = (uintptr_t)&parcel->offset,
	};
}

static const char *data_of(const struct binder_transaction_data *received)
{
	return (const char *)(uintptr_t)received->data.ptr.buffer;
}

static binder_size_t offset_of(const struct binder_transaction_data *received,
			       size_t index)
{
	binder_size_t offset;

	memcpy(&offset, (const char *)(uintptr_t)received->data.ptr.offsets +
			index * sizeof(offset), sizeof(offset));
	return offset;
}

static bool read_header(const struct binder_transaction_data *received,
			struct header *header)
{
	if (received->data_size < sizeof(*header))
		return false;
	memcpy(header, data_of(received), sizeof(*header));
	return header->magic == MAGIC &&
	       header->length <= ASHMEM_BINDER_MOST_BYTES;
}

int binder_parcel_read(const struct binder_transaction_data *received,
		       struct binder_content *content)
{
	bool has_object = received->offsets_size == sizeof(binder_size_t);
	struct header header;
	size_t end;

	memset(content, 0, sizeof(*content));
	if ((has_object || !received->offsets_size) &&
	    read_header(received, &header)) {
		end = sizeof(header) + aligned(header.length);
		content->bytes = data_of(received) + sizeof(header);
		content->length = header.length;
		if (!has_object && received->data_size == end)
			return 0;
		if (has_object && offset_of(received, 0) == end &&
		    received->data_size == end + sizeof(content->object)) {
			memcpy(&content->object, data_of(received) + end,
			       sizeof(content->object));
			return 0;
		}
	}
	errno = EBADMSG;
	return -1;
}

int binder_parcel_status(const struct binder_transaction_data *received)
{
	int32_t status;

	if (received->data_size != sizeof(status) || received->offsets_size)
		return EBADMSG;
	memcpy(&status, data_of(received), sizeof(status));
	return status > 0 && status <= MOST_ERRNO ? status : EBADMSG;
}

void binder_parcel_close_descriptors(
	const struct binder_transaction_data *received)
{
	size_t count = received->offsets_size / sizeof(binder_size_t);
	struct binder_fd_object object;

	for (size_t i = 0; i < count; i++) {
		memcpy(&object, data_of(received) + offset_of(received, i),
		       sizeof(object.hdr));
		if (object.hdr.type != BINDER_TYPE_FD)
			continue;
		memcpy(&object, data_of(received) + offset_of(received, i),
		       sizeof(object));
		close(object.fd);
	}
}
