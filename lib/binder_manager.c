// SPDX-License-Identifier: MIT
/*
 * The manager, and how it is asked. It keeps a reference to each service that is
 * published, and has the driver tell it of their deaths.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "binder.h"

int ashmem_binder_become_manager(struct ashmem_binder *binder)
{
	if (ioctl(binder->incoming.fd, BINDER_SET_CONTEXT_MGR, 0) < 0)
		return -1;
	binder->manager = true;
	return 0;
}

/* Returns 0, or -1 with errno, which is that of a name that can be none. */
static int copy_name(char copy[ASHMEM_BINDER_NAME_LEN], const char *name,
		     size_t length)
{
	errno = length ? ENAMETOOLONG : EINVAL;
	if (!length || length >= ASHMEM_BINDER_NAME_LEN)
		return -1;
	errno = EINVAL;
	if (memchr(name, '\0', length))
		return -1;
	memcpy(copy, name, length);
	copy[length] = '\0';
	return 0;
}

/* The driver tells by and by of its process's death. */
static void watch(struct ashmem_binder *binder,
		  const struct binder_name *entry)
{
	struct {
		uint32_t command;
		struct binder_handle_cookie about;
	} __attribute__((packed)) say = {
		BC_REQUEST_DEATH_NOTIFICATION,
		{ entry->handle, entry->number },
	};

	binder_driver_exchange(&binder->incoming, &say, sizeof(say), NULL);
}

/* As binder_names_add(); the lock keeps the driver's books and these alike. */
static int add(struct ashmem_binder *binder, struct binder_name *entry)
{
	struct binder_name replaced;
	int result, error;

	binder_lock(binder);
	result = binder_names_add(&binder->names, entry, &replaced);
	error = errno;
	if (result == 0) {
		/* What had the name before has ended, or its process has
		 * something new. */
		if (replaced.name[0] && !replaced.own)
			binder_driver_say_about(&binder->incoming, BC_RELEASE,
						replaced.handle);
		if (!entry->own)
			watch(binder, entry);
	}
	binder_unlock(binder);
	errno = error;
	return result;
}

int binder_manage_own(struct ashmem_binder *binder, const char *name,
		      uint64_t number)
{
	struct binder_name entry = { .own = number, .pid = getpid() };

	if (copy_name(entry.name, name, strlen(name)) < 0)
		return -1;
	return add(binder, &entry);
}

void binder_manage_death(struct ashmem_binder *binder, uint64_t number)
{
	struct {
		uint32_t command;
		binder_uintptr_t cookie;
	} __attribute__((packed)) done = { BC_DEAD_BINDER_DONE, number };
	struct binder_name removed;

	binder_lock(binder);
	binder_driver_exchange(&binder->incoming, &done, sizeof(done), NULL);
	if (binder_names_remove(&binder->names, number, &removed))
		binder_driver_say_about(&binder->incoming, BC_RELEASE,
					removed.handle);
	binder_unlock(binder);
}

static int publish(struct ashmem_binder *binder, const char *name, pid_t pid,
		   const union binder_object *object)
{
	struct binder_name entry = {
		.handle = object->service.handle,
		.pid = pid,
	};
	int error;

	if (object->hdr.type != BINDER_TYPE_HANDLE)
		return EBADMSG;
	strcpy(entry.name, name);
	/* Else it would be gone with the request. */
	if (binder_driver_say_about(&binder->incoming, BC_ACQUIRE,
				    entry.handle) < 0)
		return errno;
	if (add(binder, &entry) == 0)
		return 0;
	error = errno;
	binder_driver_say_about(&binder->incoming, BC_RELEASE, entry.handle);
	return error;
}

/* The reference that is taken here keeps the handle from being another's before
 * the answer is sent. */
static int find(struct ashmem_binder *binder, const char *name,
		union binder_object *object)
{
	const struct binder_name *entry;
	int error = ENOENT;

	memset(object, 0, sizeof(*object));
	binder_lock(binder);
	entry = binder_names_find(&binder->names, name);
	if (entry && entry->own) {
		object->hdr.type = BINDER_TYPE_BINDER;
		object->service.flags = FLAT_BINDER_FLAG_PRIORITY_MASK |
					FLAT_BINDER_FLAG_ACCEPTS_FDS;
		object->service.binder = entry->own;
		error = 0;
	} else if (entry) {
		object->hdr.type = BINDER_TYPE_HANDLE;
		object->service.handle = entry->handle;
		error = 0;
		if (binder_driver_say_about(&binder->incoming, BC_ACQUIRE,
					    entry->handle) < 0)
			error = errno;
	}
	binder_unlock(binder);
	return error;
}

static int answer(struct ashmem_binder *binder,
		  const union binder_object *object)
{
	struct binder_transaction_data reply;
	struct binder_parcel parcel;

	if (binder_parcel_make(&parcel, NULL, 0, object) < 0)
		return errno;
	reply = binder_parcel_transaction(&parcel);
	binder_reply(binder, &reply);
	free(parcel.data);
	return 0;
}

static int answer_find(struct ashmem_binder *binder, const char *name)
{
	union binder_object object;
	int error = find(binder, name, &object);

	if (error)
		return error;
	error = answer(binder, &object);
	if (object.hdr.type == BINDER_TYPE_HANDLE)
		binder_driver_say_about(&binder->incoming, BC_RELEASE,
					object.service.handle);
	return error;
}

int binder_manage(struct ashmem_binder *binder,
		  const struct binder_transaction_data *received,
		  const struct binder_content *content)
{
	char name[ASHMEM_BINDER_NAME_LEN];
	int error;

	if (copy_name(name, content->bytes, content->length) < 0)
		return errno;
	switch (received->code) {
	case BINDER_FIND:
		return answer_find(binder, name);
	case BINDER_PUBLISH:
		error = publish(binder, name, received->sender_pid,
				&content->object);
		return error ? error : answer(binder, NULL);
	default:
		return ENOSYS;
	}
}

/*
 * How it is asked.
 */

/* What the driver's errors mean where it is the manager that was asked. */
static int error_of(int error)
{
	switch (error) {
	case EPIPE:
		return ECONNREFUSED;
	case EINVAL:
		/* Its own process. */
		return ENOTSUP;
	case EPERM:
		return EREMOTEIO;
	default:
		return error;
	}
}

int binder_ask_manager(struct ashmem_binder *binder,
		       struct binder_driver *driver,
		       enum binder_manager_code code, const char *name,
		       const union binder_object *object, int timeout,
		       struct binder_transaction_data *reply)
{
	char copy[ASHMEM_BINDER_NAME_LEN];
	struct binder_transaction_data request;
	struct binder_parcel parcel;
	int result, error = 0;

	if (copy_name(copy, name, strlen(name)) < 0 ||
	    binder_parcel_make(&parcel, copy, strlen(copy), object) < 0)
		return -1;
	request = binder_parcel_transaction(&parcel);
	request.target.handle = BINDER_MANAGER;
	request.code = code;
	/* Anybody may be the manager, so without TF_ACCEPT_FDS: the driver lets
	 * no descriptor through. */
	result = binder_transact(binder, driver, &request, timeout, reply);
	if (result < 0) {
		error = error_of(errno);
	} else if (reply->flags & TF_STATUS_CODE) {
		error = binder_parcel_status(reply);
		binder_driver_free(driver, reply->data.ptr.buffer);
	}
	free(parcel.data);
	errno = error;
	return error ? -1 : 0;
}
