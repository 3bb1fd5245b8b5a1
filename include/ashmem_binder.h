/* SPDX-License-Identifier: MIT */
/*
 * Regions over binder: Linux's /dev/binder, as Android uses it.
 *
 * A process *publishes* a service under a name; others *find* it and *call* it
 * with a code, with bytes, and with a region if they like; it *answers* with
 * bytes, and with a region if it likes. The driver puts the region's open file
 * into the receiver's table, and the receiver's ashmem_region_map() reaches the
 * same memory. One process, the *manager*, keeps the names, for all that have
 * opened the same device.
 *
 * Both sides have to use this interface: the services of Android's own system
 * speak another language over the same driver.
 *
 * Who serves does so in ashmem_binder_serve(), from a loop of its own: no thread
 * is started. Errors, threads and the rest are as in ashmem.h says. A *timeout*
 * is in milliseconds; -1 means to wait for as long as it takes. Functions that
 * have one go on waiting after a signal was handled, except for
 * ashmem_binder_serve().
 *
 * A binder does not survive fork(2): in the child its descriptors are closed,
 * and all functions but those that close say EBADF. The child opens its own.
 * (Otherwise nobody would learn of the parent's death while the child lives.)
 */
#ifndef ASHMEM_BINDER_H
#define ASHMEM_BINDER_H

#include <ashmem.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* This process at the driver. */
struct ashmem_binder;

/* A service of another process, that was found. */
struct ashmem_binder_service;

/* Most bytes in one message. What is larger travels in a region. */
#define ASHMEM_BINDER_MOST_BYTES	65536

/* Bytes of a service's name with its terminating NUL. */
#define ASHMEM_BINDER_NAME_LEN		128

/* Most names that a manager keeps. */
#define ASHMEM_BINDER_MOST_NAMES	1024

/**
 * struct ashmem_binder_message - what is asked or answered
 * @code:   of a request, what is asked for: any number, as service and callers
 *          agree
 * @bytes:  @length of them
 * @length: up to ASHMEM_BINDER_MOST_BYTES
 * @region: that goes along, or NULL
 * @access: to @region, for the receiver; 0 for all, as ASHMEM_ACCESS_WHOLE. Of a
 *          message that was received it is 0
 */
struct ashmem_binder_message {
	uint32_t code;
	const void *bytes;
	size_t length;
	struct ashmem_region *region;
	enum ashmem_access access;
};

/**
 * struct ashmem_binder_request - a request as the service sees it
 * @message: what is asked, until the handler returns, and not in a child that it
 *           forks. Its region is then closed, unless the handler has kept it by
 *           setting @message.region to NULL
 * @pid:     of the caller, as it was when it called; 0 if it is not in this
 *           process's pid namespace or one below
 * @uid:     its effective user
 *
 * The library makes it; later versions may append to it.
 */
struct ashmem_binder_request {
	struct ashmem_binder_message message;
	pid_t pid;
	uid_t uid;
};

/**
 * ashmem_binder_handler - serves a request
 * @context: as it was published with
 *
 * Called within ashmem_binder_serve(), and nowhere else. Answers by
 * ashmem_binder_answer(), and returns 0; a request that was not answered then is
 * answered with nothing. Or refuses: returns an errno, a number from 1 to 4095,
 * that the caller is given; ENOSYS for a code that the service does not know.
 *
 * Bytes and region come from whoever could open the driver, and may be anything.
 * A caller may be writing into a region while it is looked at.
 */
typedef int ashmem_binder_handler(struct ashmem_binder_request *request,
				  void *context);

/**
 * ashmem_binder_open - opens the driver
 * @binder: is given the binder; ashmem_binder_close() gives it back
 * @path:   of the device; NULL for /dev/binder
 *
 * It has two descriptors, one for requests of others and one for its own, and
 * 1 MiB of address space for each.
 *
 * Returns 0, or -1 with errno: ENOENT, or ENXIO, if there is no such device (its
 * module, binder_linux, is not loaded, or the kernel has none); ENODEV if
 * @path is something else; EPROTO if it speaks another version; EAGAIN if the
 * process has no thread-specific key left, see pthread_key_create(3), when it
 * first opens a binder, and from then on; EACCES, EMFILE, ENFILE, ENOMEM, and
 * others of open(2).
 */
int ashmem_binder_open(struct ashmem_binder **binder, const char *path);

/**
 * ashmem_binder_close - gives a binder back
 *
 * What it has published is gone, and its callers are told. Services that it has
 * found have to be closed before. NULL is allowed. errno is kept.
 */
void ashmem_binder_close(struct ashmem_binder *binder);

/**
 * ashmem_binder_become_manager - keeps the names from here on
 *
 * The names are kept while this process serves, until it closes @binder or
 * ends, and then are lost. It can publish services itself, but find none.
 *
 * Anybody who can open the device can become its manager, publish any name that
 * is free, and find all. The permissions of the device say who that is.
 *
 * Returns 0, or -1 with errno: EBUSY if there is a manager, or was until a moment
 * ago; EPERM if there was one of another user since the driver was loaded;
 * ENOMEM; EBADF after fork(2).
 */
int ashmem_binder_become_manager(struct ashmem_binder *binder);

/**
 * ashmem_binder_publish - makes a service known by its name
 * @name:    of 1 to 127 bytes
 * @handler: to serve it, by whoever calls ashmem_binder_serve()
 * @context: for @handler
 * @timeout: for the manager to answer
 *
 * There is no way to take it back but to close @binder, or to end. A name is
 * taken for as long as the process lives that has published it; that process
 * itself may publish it anew.
 *
 * Returns 0, or -1 with errno:
 *
 *   EEXIST	the name is taken
 *   ECONNREFUSED there is no manager, or it has ended
 *   ETIMEDOUT	the manager has not answered in time; it may know the name all
 *		the same, by and by. Who watches ashmem_binder_descriptor() with
 *		epoll(7) has to add it anew
 *   ENOSPC	the manager has as many names as it keeps
 *   EINVAL	the name is empty
 *   ENAMETOOLONG the name is too long
 *   EDEADLK	this is a handler, see ashmem_binder_handler
 *   EBADMSG	the manager is none of this library
 *   EBADF	after fork(2)
 *   ENOMEM, ENOBUFS, EREMOTEIO as ashmem_binder_call()
 */
int ashmem_binder_publish(struct ashmem_binder *binder, const char *name,
			  ashmem_binder_handler *handler, void *context,
			  int timeout);

/**
 * ashmem_binder_find - finds a service by its name
 * @service: is given the service; ashmem_binder_service_close() gives it back
 * @timeout: for the manager to answer
 *
 * Returns 0, or -1 with errno: ENOENT if no living process has published @name;
 * ENOTSUP in the manager's own process; ETIMEDOUT if the manager has not
 * answered in time; ECONNREFUSED, EINVAL, ENAMETOOLONG, EBADMSG, EBADF, ENOMEM,
 * ENOBUFS and EREMOTEIO as ashmem_binder_publish().
 */
int ashmem_binder_find(struct ashmem_binder *binder, const char *name,
		       int timeout, struct ashmem_binder_service **service);

/* Gives a service back. NULL is allowed. errno is kept. */
void ashmem_binder_service_close(struct ashmem_binder_service *service);

/**
 * ashmem_binder_call - calls a service, and waits for its answer
 * @request: what is asked
 * @answer:  is given the answer, which ashmem_binder_message_free() gives back;
 *           NULL if it is of no interest
 * @timeout: for the answer
 *
 * While this thread waits it serves nobody. Two processes that call one another
 * therefore need a second thread, or they wait until @timeout.
 *
 * Returns 0, or -1 with errno. If the service itself has refused, that is the
 * number that it gave, and @answer->code is it as well; @answer is empty
 * otherwise:
 *
 *   EPIPE	the service's process has ended, or closed its binder, before or
 *		within the call
 *   ETIMEDOUT	it has not answered in time. It may still serve the request;
 *		what it answers then goes nowhere
 *   EMSGSIZE	there are more than ASHMEM_BINDER_MOST_BYTES
 *   ENOBUFS	it has not yet served so many requests that there is no room for
 *		this one, or this process has no room for the answer: the 1 MiB
 *		are full. An answer that comes in the very moment in which its
 *		call times out is lost to the driver, and its room with it: if
 *		ENOBUFS stays after many ETIMEDOUT, close the binder, open it
 *		anew, and find the services again
 *   EAGAIN	it is frozen
 *   EBADMSG	the answer, or the request to the service, is not of this library
 *   EINVAL	something that is no region takes the place of one in it
 *   EMFILE	this process has too many descriptors, or the service's has
 *   EPERM	it takes no regions
 *   EBADF	after fork(2)
 *   ENOMEM
 *   EREMOTEIO	the driver has failed it for another reason, which it writes into
 *		the kernel's log
 *
 * and those of ashmem_region_duplicate() for the region.
 */
int ashmem_binder_call(struct ashmem_binder_service *service,
		       const struct ashmem_binder_message *request,
		       struct ashmem_binder_message *answer, int timeout);

/* Gives back an answer: frees its bytes, closes its region unless that was set to
 * NULL to keep it, and leaves it empty. errno is kept. */
void ashmem_binder_message_free(struct ashmem_binder_message *answer);

/**
 * ashmem_binder_serve - serves the next request
 * @timeout: for one to come; 0 for one that has come
 *
 * Any number of threads may serve. The manager keeps its names in here as well.
 *
 * Returns 1 if a request was served, 0 if none came in time, or -1 with errno:
 * EINTR if a signal was handled meanwhile; EDEADLK within a handler; EBADF after
 * fork(2); ENOMEM.
 */
int ashmem_binder_serve(struct ashmem_binder *binder, int timeout);

/**
 * ashmem_binder_answer - answers a request
 * @request: that the handler was called with
 * @answer:  code is not looked at; all of it stays the handler's
 *
 * Returns 0, which does not say that it has arrived: the caller may have ended,
 * or given up. Or -1 with errno, and then the request is not answered: EMSGSIZE,
 * ENOMEM and those of ashmem_region_duplicate(); EALREADY if it was; EBADF in a
 * child that the handler has forked.
 */
int ashmem_binder_answer(struct ashmem_binder_request *request,
			 const struct ashmem_binder_message *answer);

/**
 * ashmem_binder_descriptor - to wait for requests together with other things
 *
 * Readable when ashmem_binder_serve() has something to do, for the thread that
 * has called this: it is that one which has to watch it and to serve. It may be
 * nothing but bookkeeping, so serve with a timeout of 0. It belongs to @binder,
 * and is good for nothing else.
 *
 * Returns the descriptor, or -1 with errno EBADF after fork(2), or ENOMEM.
 */
int ashmem_binder_descriptor(struct ashmem_binder *binder);

#ifdef __cplusplus
}
#endif

#endif /* ASHMEM_BINDER_H */
