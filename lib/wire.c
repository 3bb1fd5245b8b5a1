// SPDX-License-Identifier: MIT
#include "wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Room for the descriptors of a packet, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(WIRE_MAX_FDS * sizeof(int))];
};

int wire_send(int socket, const void *packet, size_t size,
	      const struct wire_fds *fds)
{
	union control control = { 0 };
	struct iovec data = { .iov_base = (void *)packet, .iov_len = size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t sent;

	if (fds && fds->count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(fds->count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(fds->count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds->fd,
		       fds->count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

/* Takes the descriptors out of a message. Returns false for anything else. */
static bool take_fds(struct msghdr *message, struct wire_fds *fds)
{
	struct cmsghdr *part;
	bool good = true;

	for (part = CMSG_FIRSTHDR(message); part;
	     part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level != SOL_SOCKET ||
		    part->cmsg_type != SCM_RIGHTS) {
			good = false;
			continue;
		}
		fds->count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds->fd, CMSG_DATA(part), fds->count * sizeof(int));
	}
	return good;
}

int wire_receive(int socket, void *packet, size_t size, struct wire_fds *fds)
{
	union control control;
	struct iovec data = { .iov_base = packet, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t received;

	fds->count = 0;
	do
		received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (received < 0 && errno == EINTR);
	if (received < 0)
		return -1;
	if (received == 0 && !message.msg_controllen)
		return 0;
	if (take_fds(&message, fds) && (size_t)received == size &&
	    !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 1;
	wire_close(fds);
	errno = EPROTO;
	return -1;
}

void wire_close(struct wire_fds *fds)
{
	while (fds->count)
		close(fds->fd[--fds->count]);
}
