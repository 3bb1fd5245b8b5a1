// SPDX-License-Identifier: MIT
/* Services of others: finding, and calling them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binder.h"

/**
 * struct ashmem_binder_service - see ashmem_binder.h
 * @binder: that has found it
 * @handle: of it, for calls that go out; a reference is held
 */
struct ashmem_binder_service {
	struct ashmem_binder *binder;
	uint32_t handle;
};

/* Takes the service up that the manager has answered with. */
static int take_up(struct ashmem_binder_service *service,
		   const struct binder_transaction_data *reply)
{
	struct binder_driver *driver = &service->binder->outgoing;
	struct binder_content content;
	int result, error;

	result = binder_parcel_read(reply, &content);
	if (result == 0 && content.object.hdr.type != BINDER_TYPE_HANDLE) {
		errno = EBADMSG;
		result = -1;
	}
	if (result == 0) {
		service->handle = content.object.service.handle;
		result = binder_driver_say_about(driver, BC_ACQUIRE,
						 service->handle);
	}
	error = errno;
	binder_driver_free(driver, reply->data.ptr.buffer);
	errno = error;
	return result;
}

int ashmem_binder_find(struct ashmem_binder *binder, const char *name,
		       int timeout, struct ashmem_binder_service **service)
{
	struct ashmem_binder_service *new;
	struct binder_transaction_data reply;
	int error;

	if (binder->manager) {
		errno = ENOTSUP;
		return -1;
	}
	new = calloc(1, sizeof(*new));
	if (!new)
		return -1;
	new->binder = binder;
	if (binder_ask_manager(binder, &binder->outgoing, BINDER_FIND, name,
			       NULL, timeout, &reply) == 0 &&
	    take_up(new, &reply) == 0) {
		*service = new;
		return 0;
	}
	error = errno;
	free(new);
	errno = error;
	return -1;
}

void ashmem_binder_service_close(struct ashmem_binder_service *service)
{
	int error = errno;

	if (service)
		binder_driver_say_about(&service->binder->outgoing, BC_RELEASE,
					service->handle);
	free(service);
	errno = error;
}

/* Makes the bytes the caller's own. */
static int keep(const struct ashmem_binder_message *received,
		struct ashmem_binder_message *answer)
{
	void *bytes = malloc(received->length ? received->length : 1);

	if (!bytes)
		return -1;
	memcpy(bytes, received->bytes, received->length);
	*answer = *received;
	answer->code = 0;
	answer->bytes = bytes;
	return 0;
}

static int read_answer(const struct binder_transaction_data *reply,
		       struct ashmem_binder_message *answer)
{
	struct ashmem_binder_message received;

	if (reply->flags & TF_STATUS_CODE) {
		errno = binder_parcel_status(reply);
		if (answer)
			answer->code = errno;
		binder_parcel_close_descriptors(reply);
		return -1;
	}
	if (binder_message_read(reply, &received) < 0)
		return -1;
	if (answer && keep(&received, answer) == 0)
		return 0;
	ashmem_region_close(received.region);
	return answer ? -1 : 0;
}

static int transact(struct ashmem_binder_service *service,
		    struct binder_transaction_data *request,
		    struct ashmem_binder_message *answer, int timeout)
{
	struct binder_driver *driver = &service->binder->outgoing;
	struct binder_transaction_data reply;
	int result, error;

	if (binder_transact(service->binder, driver, request, timeout,
			    &reply) < 0) {
		/* That would be said of something in the region's place. */
		if (errno == EINVAL)
			errno = EREMOTEIO;
		return -1;
	}
	result = read_answer(&reply, answer);
	error = errno;
	binder_driver_free(driver, reply.data.ptr.buffer);
	errno = error;
	return result;
}

int ashmem_binder_call(struct ashmem_binder_service *service,
		       const struct ashmem_binder_message *request,
		       struct ashmem_binder_message *answer, int timeout)
{
	struct binder_transaction_data transaction;
	struct binder_parcel parcel;
	int fd, result, error;

	if (answer)
		memset(answer, 0, sizeof(*answer));
	if (binder_message_make(request, &parcel, &fd) < 0)
		return -1;
	transaction = binder_parcel_transaction(&parcel);
	transaction.target.handle = service->handle;
	transaction.code = request->code;
	transaction.flags = TF_ACCEPT_FDS;
	result = transact(service, &transaction, answer, timeout);
	error = errno;
	free(parcel.data);
	if (fd >= 0)
		close(fd);
	errno = error;
	return result;
}
