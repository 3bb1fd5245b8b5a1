// SPDX-License-Identifier: MIT
#include "calls.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

struct calls calls;

ssize_t __real_sendmsg(int socket, const struct msghdr *message, int flags);
ssize_t __real_recvmsg(int socket, struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags);

static bool is_interrupted(void)
{
	if (!calls.interrupt)
		return false;
	calls.interrupt--;
	errno = EINTR;
	return true;
}

static void cut(struct iovec *data)
{
	if (calls.most && data->iov_len > calls.most)
		data->iov_len = calls.most;
}

ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags)
{
	struct iovec data = *message->msg_iov;
	struct msghdr less = *message;
	ssize_t sent;

	if (is_interrupted())
		return -1;
	cut(&data);
	less.msg_iov = &data;
	calls.sent++;
	sent = __real_sendmsg(socket, &less, flags);
	if (sent < 0 && errno == EAGAIN && calls.full &&
	    write(calls.full, "", 1) == 1)
		errno = EAGAIN;
	return sent;
}

/* What is sent in the meantime is no part of what is being received. */
static void have_arrive(void)
{
	void (*arrive)(void) = calls.arrive;

	calls.arrive = NULL;
	if (arrive)
		arrive();
}

ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags)
{
	struct iovec *data = message->msg_iov, less = *data;
	ssize_t received;

	have_arrive();
	if (is_interrupted())
		return -1;
	cut(&less);
	message->msg_iov = &less;
	calls.received++;
	calls.flags = flags;
	received = __real_recvmsg(socket, message, flags);
	message->msg_iov = data;
	return received;
}
