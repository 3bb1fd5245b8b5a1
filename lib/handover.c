// SPDX-License-Identifier: MIT
/*
 * Regions over Unix sockets. What arrives was sent by somebody who may lie in
 * every byte, so nothing is believed that the descriptor does not say as well.
 *
 * On a stream, no more is ever read than the message: what follows belongs to
 * the user. A first byte that is not a message's is an error at once, for the
 * rest of it might never come.
 */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "region.h"

#ifndef SCM_PIDFD
#define SCM_PIDFD		0x04
#endif

/* For what the kernel adds if the receiver has asked for it: credentials, a
 * security label, a pidfd. */
#define OTHER_PARTS		512

#define SECOND			INT64_C(1000000000)

int ashmem_region_duplicate(struct ashmem_region *region,
			    enum ashmem_access access)
{
	if (access == ASHMEM_ACCESS_WHOLE || access == ASHMEM_ACCESS_READ_ONLY)
		return region->engine->duplicate(region, access);
	errno = EINVAL;
	return -1;
}

/* The type of a socket that descriptors can go over, or -1. */
static int type_of(int socket)
{
	int domain, type;
	socklen_t size = sizeof(int);

	if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 ||
	    getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return -1;
	if (domain == AF_UNIX)
		return type;
	errno = EAFNOSUPPORT;
	return -1;
}

static int close_keeping_errno(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

/*
 * Sending.
 */

/* The message without its descriptor. */
static int describe(struct ashmem_region *region, enum ashmem_access access,
		    struct handover *handover)
{
	*handover = (struct handover){
		.magic = HANDOVER_MAGIC,
		.version = HANDOVER_VERSION,
		.access = access,
	};
	if (ashmem_region_get_size(region, &handover->size) < 0)
		return -1;
	return ashmem_region_get_name(region, handover->name,
				      sizeof(handover->name));
}

/* The descriptor goes with the first part. */
static ssize_t send_part(int socket, const char *part, size_t size, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { .iov_base = (char *)part, .iov_len = size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t sent;

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent;
}

/* Within a message on a stream: waits, also if the socket is non-blocking. If
 * it is not, then its own time limit has passed. */
static int wait_for_room(int socket)
{
	struct pollfd room = { .fd = socket, .events = POLLOUT };
	int flags = fcntl(socket, F_GETFL);

	if (flags < 0)
		return -1;
	if (flags & O_NONBLOCK)
		return poll(&room, 1, -1) < 0 && errno != EINTR ? -1 : 0;
	errno = ETIMEDOUT;
	return -1;
}

static int send_all(int socket, const struct handover *handover, int fd)
{
	const char *bytes = (const char *)handover;
	size_t done = 0;

	while (done < sizeof(*handover)) {
		ssize_t sent = send_part(socket, bytes + done,
					 sizeof(*handover) - done,
					 done ? -1 : fd);

		if (sent >= 0)
			done += sent;
		else if (!done || errno != EAGAIN ||
			 wait_for_room(socket) < 0)
			return -1;
	}
	return 0;
}

static void close_cancelled(void *fd)
{
	close(*(int *)fd);
}

/* The thread may be cancelled (@cancel) while it waits, and nowhere else: the
 * descriptor would be left. */
static int send_cancellably(int socket, const struct handover *handover,
			    int fd, int cancel)
{
	int result, before;

	pthread_cleanup_push(close_cancelled, &fd);
	pthread_setcancelstate(cancel, &before);
	result = send_all(socket, handover, fd);
	pthread_setcancelstate(before, &cancel);
	pthread_cleanup_pop(0);
	return result;
}

static int send_region(struct ashmem_region *region, int socket,
		       enum ashmem_access access, int cancel)
{
	struct handover handover;
	int fd, result;

	if (type_of(socket) < 0)
		return -1;
	fd = ashmem_region_duplicate(region, access);
	if (fd < 0)
		return -1;
	result = describe(region, access, &handover);
	if (result == 0)
		result = send_cancellably(socket, &handover, fd, cancel);
	close_keeping_errno(fd);
	return result;
}

int ashmem_region_send(struct ashmem_region *region, int socket,
		       enum ashmem_access access)
{
	int cancel, result;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	result = send_region(region, socket, access, cancel);
	pthread_setcancelstate(cancel, &cancel);
	return result;
}

/*
 * Receiving.
 */

/**
 * struct arrival - what has come so far
 * @handover: @length bytes of it
 * @fd:       the first descriptor, or -1
 * @several:  there were more, which are closed
 * @no_room:  some could not be received
 * @deadline: for all of it, in nanoseconds of CLOCK_MONOTONIC; 0 for none
 * @waits:    the socket is a blocking one
 * @cancel:   whether the thread can be cancelled while it waits
 */
struct arrival {
	struct handover handover;
	size_t length;
	int fd;
	bool several;
	bool no_room;
	int64_t deadline;
	bool waits;
	int cancel;
};

static int refuse(int error)
{
	errno = error;
	return -1;
}

static void take_fds(struct arrival *arrival, const struct cmsghdr *part)
{
	size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < count; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(part) + i * sizeof(fd), sizeof(fd));
		if (part->cmsg_type == SCM_RIGHTS && arrival->fd < 0) {
			arrival->fd = fd;
			continue;
		}
		if (part->cmsg_type == SCM_RIGHTS)
			arrival->several = true;
		close(fd);
	}
}

static int64_t now_in_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

/* To the kernel SO_RCVTIMEO is the limit of each call; here, of the message. */
static int set_deadline(int socket, struct arrival *arrival)
{
	int flags = fcntl(socket, F_GETFL);
	struct timeval limit;
	socklen_t size = sizeof(limit);

	if (flags < 0 || getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit,
				    &size) < 0)
		return -1;
	arrival->waits = !(flags & O_NONBLOCK);
	/* A limit of an age is none, and would not fit. */
	if (arrival->waits && (limit.tv_sec || limit.tv_usec) &&
	    limit.tv_sec < INT32_MAX)
		arrival->deadline = now_in_nanoseconds() +
				    limit.tv_sec * SECOND +
				    limit.tv_usec * INT64_C(1000);
	return 0;
}

/* Waits for something to receive. Returns 1, or 0 if nothing will come that is
 * not there by now, or -1. */
static int wait_for_part(int socket, const struct arrival *arrival)
{
	struct pollfd part = { .fd = socket, .events = POLLIN | POLLRDHUP };
	struct timespec limit;
	int64_t left = 0;
	int ready;

	if (arrival->deadline)
		left = arrival->deadline - now_in_nanoseconds();
	if (left < 0)
		left = 0;
	limit = (struct timespec){ left / SECOND, left % SECOND };
	ready = ppoll(&part, 1, arrival->deadline ? &limit : NULL, NULL);
	if (!ready)
		return refuse(EAGAIN);
	if (ready < 0)
		return -1;
	return !(part.revents & (POLLRDHUP | POLLHUP));
}

static void drop_cancelled(void *arrival)
{
	close_keeping_errno(((struct arrival *)arrival)->fd);
}

static int wait_cancellably(int socket, struct arrival *arrival)
{
	int before, result;

	pthread_cleanup_push(drop_cancelled, arrival);
	pthread_setcancelstate(arrival->cancel, &before);
	result = wait_for_part(socket, arrival);
	pthread_setcancelstate(before, &before);
	pthread_cleanup_pop(0);
	return result;
}

/*
 * A thread that is cancelled in recvmsg(2) can have received descriptors that
 * nobody is told of: glibc before 2.41 ends it even if the call is done. So it
 * is cancelled only where it waits, which is done apart. A socket that cannot be
 * received from is refused by the first call.
 */
static ssize_t wait_and_receive(int socket, struct arrival *arrival,
				struct msghdr *message)
{
	bool wait = arrival->length;
	int more = 1;

	for (;;) {
		ssize_t received;

		if (wait && arrival->waits)
			more = wait_cancellably(socket, arrival);
		received = more < 0 ? -1 :
			recvmsg(socket, message,
				MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (received >= 0)
			return received;
		if (errno != EINTR &&
		    (errno != EAGAIN || !arrival->waits || more < 0))
			return -1;
		/* A datagram socket that was shut down ends so. */
		if (errno == EAGAIN && !more)
			return 0;
		wait = true;
	}
}

/* Receives up to as much as is missing. Returns what recvmsg(2) does. */
static ssize_t receive_part(int socket, struct arrival *arrival, bool stream)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int)) + OTHER_PARTS];
	} control;
	struct iovec data = {
		.iov_base = (char *)&arrival->handover + arrival->length,
		.iov_len = sizeof(arrival->handover) - arrival->length,
	};
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *part;
	ssize_t received;

	received = wait_and_receive(socket, arrival, &message);
	if (received < 0)
		return -1;
	for (part = CMSG_FIRSTHDR(&message); part;
	     part = CMSG_NXTHDR(&message, part))
		if (part->cmsg_level == SOL_SOCKET &&
		    (part->cmsg_type == SCM_RIGHTS ||
		     part->cmsg_type == SCM_PIDFD))
			take_fds(arrival, part);
	arrival->length += received;
	arrival->no_room |= message.msg_flags & MSG_CTRUNC;
	/* Longer than any message is. */
	if (!stream && message.msg_flags & MSG_TRUNC)
		arrival->length = 0;
	return received;
}

/* Does what there is begin as a message does? */
static bool is_begun(const struct arrival *arrival)
{
	size_t length = arrival->length;

	if (length > HANDOVER_MAGIC_LENGTH)
		length = HANDOVER_MAGIC_LENGTH;
	return !memcmp(arrival->handover.magic, HANDOVER_MAGIC, length);
}

static int receive_stream(int socket, struct arrival *arrival)
{
	while (arrival->length < sizeof(arrival->handover)) {
		ssize_t received = receive_part(socket, arrival, true);

		if (received < 0 && arrival->length && errno == EAGAIN)
			return refuse(ETIMEDOUT);
		if (received < 0)
			return -1;
		if (received == 0)
			return refuse(ECONNRESET);
		if (!is_begun(arrival))
			return refuse(EBADMSG);
	}
	return 0;
}

static bool is_hung_up(int socket)
{
	struct pollfd hangup = { .fd = socket, .events = POLLRDHUP };

	return poll(&hangup, 1, 0) != 0;
}

static int receive_packet(int socket, int type, struct arrival *arrival)
{
	ssize_t received = receive_part(socket, arrival, false);

	if (received < 0)
		return -1;
	/* An empty packet is read in the same way. */
	if (received == 0 && type == SOCK_SEQPACKET && arrival->fd < 0 &&
	    is_hung_up(socket))
		return refuse(ECONNRESET);
	if (arrival->length == sizeof(arrival->handover) && is_begun(arrival))
		return 0;
	return refuse(EBADMSG);
}

/*
 * On a non-blocking stream, is there less than a message, and may the rest
 * still come? Only from somebody who sends it in parts does it come in parts.
 */
static bool is_to_be_awaited(int socket)
{
	int flags = fcntl(socket, F_GETFL), waiting;
	struct arrival arrival = { 0 };
	ssize_t seen;

	if (flags < 0 || !(flags & O_NONBLOCK) ||
	    ioctl(socket, FIONREAD, &waiting) < 0 ||
	    waiting >= (int)sizeof(arrival.handover))
		return false;
	seen = recv(socket, &arrival.handover, sizeof(arrival.handover),
		    MSG_PEEK | MSG_DONTWAIT);
	/* What comes from here on may be a part as well. */
	if (seen < 0)
		return errno == EAGAIN;
	if (seen == 0)
		return false;
	arrival.length = seen;
	return is_begun(&arrival) && !is_hung_up(socket);
}

static int receive_message(int socket, struct arrival *arrival)
{
	int type = type_of(socket);

	if (type < 0 || set_deadline(socket, arrival) < 0)
		return -1;
	if (type != SOCK_STREAM)
		return receive_packet(socket, type, arrival);
	if (is_to_be_awaited(socket))
		return refuse(EAGAIN);
	return receive_stream(socket, arrival);
}

/* Is this all that a message is, and no more? */
static int examine(const struct arrival *arrival)
{
	const struct handover *handover = &arrival->handover;

	if (handover->version != HANDOVER_VERSION)
		return refuse(EPROTONOSUPPORT);
	if (!memchr(handover->name, '\0', sizeof(handover->name)) ||
	    (handover->access != ASHMEM_ACCESS_WHOLE &&
	     handover->access != ASHMEM_ACCESS_READ_ONLY))
		return refuse(EBADMSG);
	if (arrival->several)
		return refuse(E2BIG);
	if (arrival->no_room)
		return refuse(arrival->fd < 0 ? EMFILE : E2BIG);
	return arrival->fd < 0 ? refuse(ENODATA) : 0;
}

/* Is the region what the message says? Where there is no /proc to read a name
 * from, any may be said: it is not needed to use the region. */
static int compare(struct ashmem_region *region,
		   const struct handover *handover)
{
	char name[ASHMEM_NAME_LEN];
	uint64_t size;

	if (ashmem_region_get_size(region, &size) < 0)
		return -1;
	if (!size || size != handover->size ||
	    !region->engine->has_access(region, handover->access))
		return refuse(EPROTO);
	if (ashmem_region_get_name(region, name, sizeof(name)) < 0)
		return errno == ENOENT ? 0 : -1;
	return strcmp(name, handover->name) ? refuse(EPROTO) : 0;
}

static int take_up(struct ashmem_region **region,
		   const struct arrival *arrival)
{
	struct ashmem_region *new;

	if (examine(arrival) < 0)
		return -1;
	if (ashmem_region_import(&new, arrival->fd) < 0)
		/* It may be open in a way that all but refuses it (O_PATH). */
		return errno == EBADF ? refuse(EINVAL) : -1;
	if (compare(new, &arrival->handover) == 0) {
		*region = new;
		return 0;
	}
	ashmem_region_close(new);
	return -1;
}

int ashmem_region_receive(struct ashmem_region **region, int socket)
{
	struct arrival arrival = { .fd = -1 };
	int result;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &arrival.cancel);
	result = receive_message(socket, &arrival);
	if (result == 0)
		result = take_up(region, &arrival);
	close_keeping_errno(arrival.fd);
	pthread_setcancelstate(arrival.cancel, &arrival.cancel);
	return result;
}
