// SPDX-License-Identifier: MIT
/* Services of this process: publishing, and serving who calls them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binder.h"

/**
 * struct request - a request that is served
 * @seen:     by the handler
 * @binder:   that it has come to
 * @answered: by the handler
 */
struct request {
	struct ashmem_binder_request seen;
	struct ashmem_binder *binder;
	bool answered;
};

/* Whose handler this thread is in. */
static _Thread_local const struct ashmem_binder *serving;

void binder_serving_forked(void)
{
	serving = NULL;
}

/* May this thread serve, and publish? If not, errno is set. */
static bool may_serve(const struct ashmem_binder *binder)
{
	if (binder->incoming.fd < 0)
		errno = EBADF;
	else if (serving == binder)
		errno = EDEADLK;
	else
		return true;
	return false;
}

/*
 * Serving.
 */

static struct binder_transaction_data refusal(const int32_t *status)
{
	return (struct binder_transaction_data){
		.flags = TF_STATUS_CODE,
		.data_size = sizeof(*status),
		.data.ptr.buffer = (uintptr_t)status,
	};
}

static void refuse(struct ashmem_binder *binder, int error)
{
	int32_t status = error > 0 && error <= 4095 ? error : EIO;
	struct binder_transaction_data reply = refusal(&status);

	binder_reply(binder, &reply);
}

int ashmem_binder_answer(struct ashmem_binder_request *request,
			 const struct ashmem_binder_message *answer)
{
	struct request *served = (struct request *)request;
	struct binder_transaction_data reply;
	struct binder_parcel parcel;
	int fd;

	if (served->binder->incoming.fd < 0) {
		errno = EBADF;
		return -1;
	}
	if (served->answered) {
		errno = EALREADY;
		return -1;
	}
	if (binder_message_make(answer, &parcel, &fd) < 0)
		return -1;
	reply = binder_parcel_transaction(&parcel);
	binder_reply(served->binder, &reply);
	served->answered = true;
	free(parcel.data);
	if (fd >= 0)
		close(fd);
	return 0;
}

static bool find_published(struct ashmem_binder *binder, uint64_t number,
			   struct published *found)
{
	const struct published *service;

	binder_lock(binder);
	service = binder->published;
	while (service && service->number != number)
		service = service->next;
	if (service)
		*found = *service;
	binder_unlock(binder);
	return service;
}

static int handle(struct request *request, uint64_t number)
{
	const struct ashmem_binder *before = serving;
	struct published service;
	int error;

	if (!find_published(request->binder, number, &service))
		return EPIPE;
	serving = request->binder;
	error = service.handler(&request->seen, service.context);
	serving = before;
	return error;
}

static void serve_service(struct ashmem_binder *binder,
			  const struct binder_transaction_data *received)
{
	static const struct ashmem_binder_message nothing;
	struct request request = {
		.seen.pid = received->sender_pid,
		.seen.uid = received->sender_euid,
		.binder = binder,
	};
	int error = 0;

	if (binder_message_read(received, &request.seen.message) < 0)
		error = errno;
	else
		error = handle(&request, received->target.ptr);
	ashmem_region_close(request.seen.message.region);
	if (!error && !request.answered &&
	    ashmem_binder_answer(&request.seen, &nothing) < 0)
		error = errno;
	if (!request.answered)
		refuse(binder, error);
}

static void serve_manager(struct ashmem_binder *binder,
			  const struct binder_transaction_data *received)
{
	struct binder_content content;
	int error = EBADMSG;

	if (binder_parcel_read(received, &content) == 0)
		error = binder_manage(binder, received, &content);
	if (error)
		refuse(binder, error);
}

void binder_serve_request(struct ashmem_binder *binder,
			  const struct binder_transaction_data *received)
{
	/* Who does not wait for an answer does not use this library. */
	if (received->flags & TF_ONE_WAY)
		binder_parcel_close_descriptors(received);
	else if (received->target.ptr == BINDER_MANAGER)
		serve_manager(binder, received);
	else
		serve_service(binder, received);
	binder_driver_free(&binder->incoming, received->data.ptr.buffer);
}

void binder_refuse_request(struct ashmem_binder *binder,
			   const struct binder_transaction_data *received)
{
	int32_t status = EDEADLK;
	struct binder_transaction_data reply = refusal(&status);

	binder_parcel_close_descriptors(received);
	if (!(received->flags & TF_ONE_WAY))
		binder_reply_within(binder, &reply);
	binder_driver_free(&binder->incoming, received->data.ptr.buffer);
}

int ashmem_binder_serve(struct ashmem_binder *binder, int timeout)
{
	int64_t deadline = binder_driver_deadline(timeout);
	uint32_t enter = BC_ENTER_LOOPER;
	struct binder_outcome outcome = { 0 };
	struct binder_returns returns;

	binder_thread_is_known();
	if (!may_serve(binder) ||
	    binder_driver_exchange(&binder->incoming, &enter, sizeof(enter),
				   &returns) < 0)
		return -1;
	for (;;) {
		int ready;

		binder_take(binder, &binder->incoming, &returns, &outcome);
		if (outcome.served)
			return 1;
		ready = binder_driver_wait(&binder->incoming, deadline);
		if (ready <= 0)
			return ready;
		if (binder_driver_exchange(&binder->incoming, NULL, 0,
					   &returns) < 0)
			return -1;
	}
}

/*
 * Publishing.
 */

static uint64_t add(struct ashmem_binder *binder,
		    ashmem_binder_handler *handler, void *context)
{
	struct published *service = calloc(1, sizeof(*service));

	if (!service)
		return 0;
	service->handler = handler;
	service->context = context;
	binder_lock(binder);
	service->number = ++binder->numbers;
	service->next = binder->published;
	binder->published = service;
	binder_unlock(binder);
	return service->number;
}

static void drop(struct ashmem_binder *binder, uint64_t number)
{
	struct published **at = &binder->published, *service;

	binder_lock(binder);
	while ((*at)->number != number)
		at = &(*at)->next;
	service = *at;
	*at = service->next;
	binder_unlock(binder);
	free(service);
}

static int tell_manager(struct ashmem_binder *binder, const char *name,
			uint64_t number, int timeout)
{
	union binder_object object = {
		.service = {
			.hdr.type = BINDER_TYPE_BINDER,
			.flags = FLAT_BINDER_FLAG_PRIORITY_MASK |
				 FLAT_BINDER_FLAG_ACCEPTS_FDS,
			.binder = number,
		},
	};
	struct binder_transaction_data reply;
	int error;

	if (binder_ask_manager(binder, &binder->incoming, BINDER_PUBLISH, name,
			       &object, timeout, &reply) < 0) {
		error = errno;
		/* It was given up by a thread that may watch for requests. */
		binder_driver_say(&binder->incoming, BC_ENTER_LOOPER);
		errno = error;
		return -1;
	}
	binder_driver_free(&binder->incoming, reply.data.ptr.buffer);
	return 0;
}

int ashmem_binder_publish(struct ashmem_binder *binder, const char *name,
			  ashmem_binder_handler *handler, void *context,
			  int timeout)
{
	uint64_t number;
	int result, error;

	if (!may_serve(binder))
		return -1;
	number = add(binder, handler, context);
	if (!number)
		return -1;
	result = binder->manager ?
			 binder_manage_own(binder, name, number) :
			 tell_manager(binder, name, number, timeout);
	error = errno;
	/* The manager may still take it up that was not waited for. */
	if (result < 0 && error != ETIMEDOUT)
		drop(binder, number);
	errno = error;
	return result;
}
