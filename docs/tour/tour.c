/* SPDX-License-Identifier: MIT */
/*
 * The life of an area, a step at a time, as the kernel's trace shows it.
 *
 * Prints a line "== STEP" for each step, and below it what was traced. The
 * text around it is docs/how-it-works.md; docs/tour/run brings them together.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ashmem.h>

#include "trace.h"

#define PAGES		1024
#define CGROUP		"/sys/fs/cgroup/tour"
#define CGROUP_LIMIT	"16M"
#define HUNGER		(12UL << 20)

/* Where each mapping goes, so that the trace is the same every time. */
#define PUBLISHED_AT	((char *)0x100000000)
#define READ_AT		((char *)0x200000000)
#define COPIED_AT	((char *)0x300000000)

static size_t page_size;

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "tour: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void step(const char *name)
{
	printf("== %s\n", name);
	fflush(stdout);
}

static void write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && write(fd, value, strlen(value)) > 0, path);
	close(fd);
}

static void call_myself(const char *name)
{
	require(!prctl(PR_SET_NAME, name), "set a process name");
}

static void send_descriptor(int socket, int fd)
{
	char byte = 0;
	struct iovec data = { &byte, 1 };
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	require(sendmsg(socket, &message, 0) == 1, "send a descriptor");
}

static int receive_descriptor(int socket)
{
	char byte;
	struct iovec data = { &byte, 1 };
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	require(recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1,
		"receive a descriptor");
	header = CMSG_FIRSTHDR(&message);
	require(header && header->cmsg_type == SCM_RIGHTS,
		"find a descriptor in the message");
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static void wait_for(pid_t child, const char *what)
{
	int status;

	require(waitpid(child, &status, 0) == child && WIFEXITED(status) &&
		!WEXITSTATUS(status), what);
}

/*
 * The trace learns the name of a process that it has seen when the processor
 * turns from it to another.
 */
static void be_noticed(void)
{
	pid_t child;

	trace_mark();
	child = fork();
	require(child >= 0, "fork");
	if (!child)
		exit(0);
	wait_for(child, "wait for a child");
	trace_clear();
}

static char *map(int fd, int flags, char *at)
{
	char *area = mmap(at, PAGES * page_size, PROT_READ | PROT_WRITE,
			  flags | MAP_FIXED_NOREPLACE, fd, 0);

	require(area != MAP_FAILED, "map the area");
	return area;
}

/* The second process: all that it has is the other end of a socket. */
static void read_elsewhere(int socket)
{
	char *area;
	int fd;

	call_myself("reader");
	fd = receive_descriptor(socket);
	area = map(fd, MAP_SHARED, READ_AT);
	require(area[0] == 'a', "see what the publisher wrote");
	exit(0);
}

static void show_second_process(int fd)
{
	int sockets[2];
	pid_t reader;

	require(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets),
		"make sockets");
	reader = fork();
	require(reader >= 0, "fork");
	if (!reader) {
		close(fd);
		read_elsewhere(sockets[1]);
	}
	send_descriptor(sockets[0], fd);
	wait_for(reader, "run the reader");
	close(sockets[0]);
	close(sockets[1]);
}

static void show_private_map(int fd)
{
	char *copy = map(fd, MAP_PRIVATE, COPIED_AT);

	require(copy[0] == 'a', "see shared content through a private map");
	copy[0] = 'p';
	copy[8 * page_size] = 'p';
	munmap(copy, PAGES * page_size);
}

static void eat(void)
{
	pid_t hungry = fork();

	require(hungry >= 0, "fork");
	if (!hungry) {
		char *food;

		call_myself("hungry");
		food = mmap(NULL, HUNGER, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		require(food != MAP_FAILED, "allocate");
		memset(food, 1, HUNGER);
		exit(0);
	}
	wait_for(hungry, "allocate past the limit without being killed");
}

int main(void)
{
	struct ashmem_pin pin = { 0, 0 };
	char *area;
	int fd;

	page_size = (size_t)sysconf(_SC_PAGESIZE);
	call_myself("publisher");
	require(!mkdir(CGROUP, 0755), "make the cgroup " CGROUP);
	write_file(CGROUP "/memory.max", CGROUP_LIMIT);
	write_file(CGROUP "/cgroup.procs", "0");
	trace_start();
	be_noticed();

	step("open");
	fd = open("/dev/ashmem", O_RDWR | O_CLOEXEC);
	require(fd >= 0, "open /dev/ashmem");
	trace_print(4);

	step("first map");
	require(!ioctl(fd, ASHMEM_SET_NAME, "pictures"), "name the area");
	require(!ioctl(fd, ASHMEM_SET_SIZE, PAGES * page_size), "size the area");
	area = map(fd, MAP_SHARED, PUBLISHED_AT);
	trace_print(4);
	trace_faults(PUBLISHED_AT, COPIED_AT + PAGES * page_size);

	step("first touch");
	area[0] = 'a';
	area[page_size] = 'b';
	trace_print(8);

	step("second process");
	show_second_process(fd);
	trace_print(8);

	step("private map");
	show_private_map(fd);
	trace_print(8);

	step("unpin");
	memset(area, 'a', PAGES * page_size);
	trace_clear();
	pin.len = (unsigned int)(PAGES / 2 * page_size);
	require(!ioctl(fd, ASHMEM_UNPIN, &pin), "unpin");
	trace_print(8);

	step("pressure");
	eat();
	trace_print(6);

	step("pin");
	require(ioctl(fd, ASHMEM_PIN, &pin) == ASHMEM_WAS_PURGED,
		"be told that pages were purged");
	require(!area[0] && area[PAGES / 2 * page_size] == 'a',
		"find zeros where pages were purged, and the rest as it was");
	trace_print(4);

	step("close");
	close(fd);
	trace_print(4);
	require(area[PAGES / 2 * page_size] == 'a', "keep what is mapped");
	return 0;
}
