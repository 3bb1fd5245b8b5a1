// SPDX-License-Identifier: MIT
/*
 * wire_receive() with any packet and any number of descriptors: what it gives is
 * complete, and what it refuses leaves no descriptor behind.
 *
 * Input: how many descriptors, what size is expected, and the packet.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

#define MOST_FDS	8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void send_packet(int socket, const uint8_t *data, size_t size,
			unsigned int fds)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(MOST_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec packet = { (void *)data, size };
	struct msghdr message = { .msg_iov = &packet, .msg_iovlen = 1 };

	if (fds) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(fds * sizeof(int));
		for (unsigned int i = 0; i < fds; i++)
			((int *)CMSG_DATA(&control.header))[i] = socket;
	}
	sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The number that the next descriptor will have. */
static int next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_fds fds = { 0 };
	int pair[2], before, result;
	uint8_t *packet;

	if (size < 2 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
				   pair) < 0)
		return 0;
	/* Of exactly the size, so that nothing is written past it. */
	packet = malloc(data[1] + 1);
	before = next_fd();
	send_packet(pair[0], data + 2, size - 2, data[0] % (MOST_FDS + 1));
	result = wire_receive(pair[1], packet, data[1], &fds);
	if (result == 1 && (size - 2 != data[1] ||
			    memcmp(packet, data + 2, data[1]) ||
			    fds.count != data[0] % (MOST_FDS + 1)))
		abort();
	if (result != 1 && fds.count)
		abort();
	wire_close(&fds);
	/* Those on their way have descriptors, but not in this process. */
	if (next_fd() != before)
		abort();
	free(packet);
	close(pair[0]);
	close(pair[1]);
	return 0;
}
