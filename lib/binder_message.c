// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binder.h"

static int import(const union binder_object *object,
		  struct ashmem_region **region)
{
	switch (object->hdr.type) {
	case 0:
		return 0;
	case BINDER_TYPE_FD:
		return ashmem_region_import(region, object->descriptor.fd);
	default:
		errno = EBADMSG;
		return -1;
	}
}

int binder_message_read(const struct binder_transaction_data *received,
			struct ashmem_binder_message *message)
{
	struct binder_content content;
	int result, error;

	memset(message, 0, sizeof(*message));
	result = binder_parcel_read(received, &content);
	if (result == 0)
		result = import(&content.object, &message->region);
	error = errno;
	/* A region has a duplicate of its own. */
	binder_parcel_close_descriptors(received);
	errno = error;
	if (result < 0)
		return -1;
	message->code = received->code;
	message->bytes = content.bytes;
	message->length = content.length;
	return 0;
}

int binder_message_make(const struct ashmem_binder_message *message,
			struct binder_parcel *parcel, int *fd)
{
	union binder_object object = { .descriptor.hdr.type = BINDER_TYPE_FD };
	int result, error;

	*fd = -1;
	if (message->region) {
		*fd = ashmem_region_duplicate(message->region,
					      message->access ? message->access :
					      ASHMEM_ACCESS_WHOLE);
		if (*fd < 0)
			return -1;
		object.descriptor.fd = *fd;
	}
	result = binder_parcel_make(parcel, message->bytes, message->length,
				    message->region ? &object : NULL);
	error = errno;
	if (result < 0 && *fd >= 0)
		close(*fd);
	errno = error;
	return result;
}

void ashmem_binder_message_free(struct ashmem_binder_message *answer)
{
	int error = errno;

	free((void *)answer->bytes);
	ashmem_region_close(answer->region);
	memset(answer, 0, sizeof(*answer));
	errno = error;
}
