// SPDX-License-Identifier: MIT
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../lib/binder.h"

const struct raw_wrong raw_wrong[RAW_KINDS] = {
	[RAW_EMPTY]	= { "nothing at all", EBADMSG },
	[RAW_SHORT]	= { "less than a header", EBADMSG },
	[RAW_OTHER]	= { "another header", EBADMSG },
	[RAW_LONGER]	= { "a length beyond its end", EBADMSG },
	[RAW_TRAILING]	= { "more than its length", EBADMSG },
	[RAW_UNALIGNED]	= { "an end that is not aligned", EBADMSG },
	[RAW_PIPE]	= { "a pipe for a region", EINVAL },
	[RAW_SOCKET]	= { "a socket for a region", EINVAL },
	[RAW_FILE]	= { "a file for a region", EINVAL },
	[RAW_MEMFD]	= { "a memfd that is no region", EINVAL },
	[RAW_BINDER]	= { "a binder for a region", EINVAL },
	[RAW_TWO]	= { "two descriptors", EBADMSG },
	[RAW_THREE]	= { "three descriptors", EBADMSG },
	[RAW_MISPLACED]	= { "a descriptor in another place", EBADMSG },
	[RAW_HIDDEN]	= { "a descriptor among the bytes", EBADMSG },
	[RAW_SERVICE]	= { "a service for a region", EBADMSG },
	[RAW_SERVICE_AND_PIPE] = { "a service and a descriptor", EBADMSG },
};

static const char text[] = "sixteen bytes...";

static void add_object(struct raw_message *message,
		       const union binder_object *object)
{
	message->offsets[message->count++] = message->size;
	memcpy(message->data + message->size, object, sizeof(*object));
	message->size += sizeof(*object);
}

static void add_fd(struct raw_message *message, int fd)
{
	union binder_object object = {
		.descriptor = { .hdr.type = BINDER_TYPE_FD, .fd = fd },
	};

	if (fd < 0)
		peer_fail("a descriptor to send");
	message->fds[message->fd_count++] = fd;
	add_object(message, &object);
}

static int a_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	close(ends[1]);
	return ends[0];
}

static void add_service(struct raw_message *message)
{
	union binder_object object = {
		.service = { .hdr.type = BINDER_TYPE_BINDER, .binder = 4711 },
	};

	add_object(message, &object);
}

void raw_make_right(const void *bytes, size_t length,
		    const union binder_object *object,
		    struct raw_message *message)
{
	struct binder_parcel parcel;

	memset(message, 0, sizeof(*message));
	if (binder_parcel_make(&parcel, bytes, length, NULL) < 0)
		peer_fail("parcel");
	memcpy(message->data, parcel.data, parcel.size);
	message->size = parcel.size;
	free(parcel.data);
	if (object)
		add_object(message, object);
}

/* What its header says, or is. */
static void spoil(enum raw_kind kind, struct raw_message *message)
{
	switch (kind) {
	case RAW_EMPTY:
		message->size = 0;
		break;
	case RAW_SHORT:
		message->size = 4;
		break;
	case RAW_OTHER:
		message->data[0] ^= 1;
		break;
	case RAW_LONGER:
		memset(message->data + 4, 0xff, 4);
		break;
	case RAW_TRAILING:
		message->size += 8;
		break;
	case RAW_UNALIGNED:
		message->size -= 4;
		break;
	default:
		break;
	}
}

/* What it carries. */
static void load(enum raw_kind kind, struct raw_message *message)
{
	switch (kind) {
	case RAW_PIPE:
		add_fd(message, a_pipe());
		break;
	case RAW_SOCKET:
		add_fd(message, socket(AF_UNIX, SOCK_STREAM, 0));
		break;
	case RAW_FILE:
		add_fd(message, open("/proc/self/exe", O_RDONLY));
		break;
	case RAW_MEMFD:
		add_fd(message, memfd_create("no region", 0));
		break;
	case RAW_BINDER:
		add_fd(message, open("/dev/other", O_RDWR));
		break;
	case RAW_THREE:
		add_fd(message, a_pipe());
		/* fall through */
	case RAW_TWO:
		add_fd(message, a_pipe());
		add_fd(message, a_pipe());
		break;
	case RAW_MISPLACED:
		/* All is as long as if it stood at the end. */
		message->size = 8;
		add_fd(message, a_pipe());
		message->size += sizeof(text) - 1;
		break;
	case RAW_HIDDEN:
		/* Where the bytes would be; they are as long as that. */
		message->size = 8;
		message->data[4] = sizeof(union binder_object);
		add_fd(message, a_pipe());
		break;
	case RAW_SERVICE:
		add_service(message);
		break;
	case RAW_SERVICE_AND_PIPE:
		add_service(message);
		add_fd(message, a_pipe());
		break;
	default:
		break;
	}
}

void raw_make(enum raw_kind kind, struct raw_message *message)
{
	raw_make_right(text, sizeof(text) - 1, NULL, message);
	spoil(kind, message);
	load(kind, message);
}

void raw_free(struct raw_message *message)
{
	for (size_t i = 0; i < message->fd_count; i++)
		close(message->fds[i]);
}

/*
 * Speaking to the driver.
 */

static int send_transaction(struct binder_driver *driver, uint32_t command,
			    const struct raw_message *message, uint32_t handle,
			    uint32_t code)
{
	struct {
		uint32_t command;
		struct binder_transaction_data transaction;
	} __attribute__((packed)) send = {
		command,
		{
			.target.handle = handle,
			.code = code,
			.flags = message->flags,
			.data_size = message->size,
			.offsets_size = message->count * sizeof(binder_size_t),
			.data.ptr.buffer = (uintptr_t)message->data,
			.data.ptr.offsets = (uintptr_t)message->offsets,
		},
	};

	return binder_driver_exchange(driver, &send, sizeof(send), NULL);
}

/* The next command but those that only keep the books. Returns false if it does
 * not come. */
static bool next_command(struct binder_driver *driver,
			 struct binder_returns *returns, uint32_t *command,
			 struct binder_transaction_data *argument)
{
	int64_t deadline = binder_driver_deadline(PATIENCE);
	struct {
		uint32_t command;
		struct binder_ptr_cookie node;
	} __attribute__((packed)) done;

	for (;;) {
		while (binder_returns_next(returns, command, argument,
					   sizeof(*argument))) {
			if (*command != BR_INCREFS && *command != BR_ACQUIRE &&
			    *command != BR_RELEASE && *command != BR_DECREFS &&
			    *command != BR_NOOP)
				return true;
			if (*command != BR_INCREFS && *command != BR_ACQUIRE)
				continue;
			done.command = *command == BR_INCREFS ?
					       BC_INCREFS_DONE :
					       BC_ACQUIRE_DONE;
			memcpy(&done.node, argument, sizeof(done.node));
			binder_driver_exchange(driver, &done, sizeof(done),
					       NULL);
		}
		if (binder_driver_wait(driver, deadline) != 1 ||
		    binder_driver_exchange(driver, NULL, 0, returns) < 0)
			return false;
	}
}

static int read_reply(struct binder_driver *driver,
		      const struct binder_transaction_data *reply,
		      union binder_object *object)
{
	struct binder_content content = { 0 };
	int error = 0;

	if (reply->flags & TF_STATUS_CODE)
		error = binder_parcel_status(reply);
	else if (binder_parcel_read(reply, &content) < 0)
		error = -1;
	if (object)
		*object = content.object;
	if (content.object.hdr.type == BINDER_TYPE_HANDLE)
		binder_driver_say_about(driver, BC_ACQUIRE,
					content.object.service.handle);
	binder_parcel_close_descriptors(reply);
	binder_driver_free(driver, reply->data.ptr.buffer);
	return error;
}

int raw_call(struct binder_driver *driver, uint32_t handle, uint32_t code,
	     const struct raw_message *message, union binder_object *object)
{
	struct binder_returns returns = { .size = 0 };
	struct binder_transaction_data argument;
	uint32_t command;

	if (send_transaction(driver, BC_TRANSACTION, message, handle,
			     code) < 0)
		return -1;
	while (next_command(driver, &returns, &command, &argument)) {
		if (command == BR_REPLY)
			return read_reply(driver, &argument, object);
		if (command != BR_TRANSACTION_COMPLETE)
			return -1;
		if (message->flags & TF_ONE_WAY)
			return 0;
	}
	return -1;
}

uint32_t raw_find(struct binder_driver *driver, const char *name)
{
	union binder_object object = { 0 };
	struct raw_message message;

	raw_make_right(name, strlen(name), NULL, &message);
	if (raw_call(driver, BINDER_MANAGER, BINDER_FIND, &message, &object) ||
	    object.hdr.type != BINDER_TYPE_HANDLE)
		peer_fail(name);
	return object.service.handle;
}

int raw_publish(struct binder_driver *driver, const char *name, size_t length,
		uint64_t number)
{
	union binder_object object = {
		.service = {
			.hdr.type = BINDER_TYPE_BINDER,
			.binder = number,
		},
	};
	struct raw_message message;

	raw_make_right(name, length, &object, &message);
	return raw_call(driver, BINDER_MANAGER, BINDER_PUBLISH, &message, NULL);
}

/*
 * A service.
 */

static void make_status(uint32_t code, struct raw_message *message)
{
	static const int32_t statuses[] = { 0, -5, 4096 };
	union binder_object object = {
		.descriptor = { .hdr.type = BINDER_TYPE_FD },
	};

	memset(message, 0, sizeof(*message));
	message->flags = TF_STATUS_CODE;
	if (code < 3) {
		memcpy(message->data, &statuses[code], sizeof(int32_t));
		message->size = sizeof(int32_t);
		return;
	}
	/* A good one, with a descriptor. */
	message->data[0] = ENOTTY;
	object.descriptor.fd = a_pipe();
	message->fds[message->fd_count++] = object.descriptor.fd;
	message->size = 8;
	add_object(message, &object);
}

static void answer_with(struct binder_driver *driver,
			const struct binder_transaction_data *request,
			uint32_t kind)
{
	struct raw_message message;

	if (kind < RAW_KINDS)
		raw_make(kind, &message);
	else
		make_status(kind - RAW_KINDS, &message);
	send_transaction(driver, BC_REPLY, &message, 0, 0);
	raw_free(&message);
	binder_driver_free(driver, request->data.ptr.buffer);
}

typedef void answer_function(struct binder_driver *driver,
			     const struct binder_transaction_data *request);

static void answer(struct binder_driver *driver,
		   const struct binder_transaction_data *request)
{
	answer_with(driver, request, request->code);
}

static void open_for_service(struct binder_driver *driver)
{
	if (binder_driver_open(driver, "/dev/binder") < 0 ||
	    binder_driver_say(driver, BC_ENTER_LOOPER) < 0)
		peer_fail("/dev/binder");
}

static void serve(struct binder_driver *driver, int channel,
		  answer_function *function)
{
	struct pollfd watched[2] = {
		{ .fd = driver->fd, .events = POLLIN },
		{ .fd = channel, .events = POLLIN },
	};
	struct binder_returns returns;
	struct binder_transaction_data argument;
	uint32_t command;

	while (poll(watched, 2, -1) > 0 && !watched[1].revents) {
		if (binder_driver_exchange(driver, NULL, 0, &returns) < 0)
			return;
		while (binder_returns_next(&returns, &command, &argument,
					   sizeof(argument)))
			if (command == BR_TRANSACTION)
				function(driver, &argument);
	}
}

static void be_service(int channel, const void *name)
{
	struct binder_driver driver;

	open_for_service(&driver);
	peer_ready(channel, raw_publish(&driver, name, strlen(name), 1));
	serve(&driver, channel, answer);
}

struct peer raw_start(const char *name)
{
	return peer_start(name, be_service, name);
}

/*
 * A manager.
 */

/* Calls what is published, and refuses it by what that has answered. */
static void call_back(struct binder_driver *driver,
		      const struct binder_transaction_data *request,
		      const struct binder_content *content)
{
	struct raw_message message;
	int32_t status;

	raw_make_right("x", 1, NULL, &message);
	status = raw_call(driver, content->object.service.handle, 1, &message,
			  NULL);
	memset(&message, 0, sizeof(message));
	message.flags = TF_STATUS_CODE;
	memcpy(message.data, &status, sizeof(status));
	message.size = sizeof(status);
	send_transaction(driver, BC_REPLY, &message, 0, 0);
	binder_driver_free(driver, request->data.ptr.buffer);
}

static void answer_as_manager(struct binder_driver *driver,
			      const struct binder_transaction_data *request)
{
	struct binder_content content;

	if (binder_parcel_read(request, &content) < 0)
		peer_fail("a request to the manager");
	if (request->code == BINDER_PUBLISH)
		call_back(driver, request, &content);
	else
		answer_with(driver, request, atoi(content.bytes));
}

/* The driver forgets the manager before by and by. */
static void be_manager(int channel, const void *argument)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	struct binder_driver driver;

	(void)argument;
	open_for_service(&driver);
	while (ioctl(driver.fd, BINDER_SET_CONTEXT_MGR, 0) < 0) {
		if (errno != EBUSY)
			peer_fail("manager");
		nanosleep(&pause, NULL);
	}
	peer_ready(channel, 0);
	serve(&driver, channel, answer_as_manager);
}

struct peer raw_start_manager(void)
{
	return peer_start("another manager", be_manager, NULL);
}
