// SPDX-License-Identifier: MIT
#include "peer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const int socket_types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

const char *socket_type_name(int type)
{
	return type == SOCK_STREAM ? "stream" :
	       type == SOCK_SEQPACKET ? "seqpacket" : "dgram";
}

bool pair_open(struct pair *pair, int type)
{
	int ends[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	*pair = (struct pair){ type, ends[0], ends[1] };
	return true;
}

void pair_close(struct pair *pair)
{
	close(pair->from);
	close(pair->to);
}

bool set_non_blocking(int socket)
{
	return fcntl(socket, F_SETFL, O_NONBLOCK) == 0;
}

ssize_t send_raw(int socket, const void *bytes, size_t size, const int *fds,
		 size_t count)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(MOST_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec data = { (void *)bytes, size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool message_of(struct ashmem_region *region, enum ashmem_access access,
		struct handover *message)
{
	*message = (struct handover){
		.magic = HANDOVER_MAGIC,
		.version = HANDOVER_VERSION,
		.access = access,
	};
	return ashmem_region_get_size(region, &message->size) == 0 &&
	       ashmem_region_get_name(region, message->name,
				      sizeof(message->name)) == 0;
}
