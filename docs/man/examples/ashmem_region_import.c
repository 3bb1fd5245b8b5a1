// SPDX-License-Identifier: MIT
/* A region goes from one process to another over a Unix socket. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static void send_descriptor(int socket, int fd)
{
	union control control = { .header = {
		.cmsg_len = CMSG_LEN(sizeof(fd)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	struct iovec byte = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(socket, &message, MSG_NOSIGNAL) != 1)
		err(1, "sendmsg");
}

static int receive_descriptor(int socket)
{
	union control control;
	char byte;
	struct iovec room = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &room,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *first;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		err(1, "recvmsg");
	first = CMSG_FIRSTHDR(&message);
	if (!first || first->cmsg_type != SCM_RIGHTS ||
	    first->cmsg_len != CMSG_LEN(sizeof(fd)))
		errx(1, "there is no descriptor in the message");
	memcpy(&fd, CMSG_DATA(first), sizeof(fd));
	return fd;
}

static void receiver(int socket)
{
	struct ashmem_region *region;
	int fd = receive_descriptor(socket);
	const char *text;

	if (ashmem_region_import(&region, fd) < 0)
		err(1, "ashmem_region_import");
	close(fd);		/* the region has one of its own */
	text = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (text == MAP_FAILED)
		err(1, "ashmem_region_map");
	printf("received: %s\n", text);
	ashmem_region_close(region);
	fflush(stdout);
	_exit(strcmp(text, "hello") != 0);
}

int main(void)
{
	struct ashmem_region *region;
	int sockets[2], status;
	pid_t child;
	char *text;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
		       sockets) < 0)
		err(1, "socketpair");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0)
		receiver(sockets[1]);

	if (ashmem_region_create(&region, "greeting", 4096) < 0)
		err(1, "ashmem_region_create");
	text = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				 MAP_SHARED, 0);
	if (text == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(text, "hello");
	send_descriptor(sockets[0], ashmem_region_descriptor(region));
	ashmem_region_close(region);
	if (waitpid(child, &status, 0) != child)
		err(1, "waitpid");
	return status != 0;
}
