// SPDX-License-Identifier: MIT
/*
 * A process in C that Java hands regions to, and that hands some back:
 *
 *	peer PATH give NAME SIZE TEXT
 *	peer PATH give-read-only NAME SIZE TEXT
 *	peer PATH take			says name, size, whether it can write,
 *					and the text; if it can, writes
 *					"seen by C"
 *	peer PATH garbage		sends what is no region
 *	peer PATH pipe			sends a pipe for a descriptor
 *	peer PATH nothing		closes
 *	peer purge			purges what this user has unpinned
 *	peer parent COMMAND...		starts COMMAND, which inherits a socket
 *					as descriptor 3, and gives it a region
 *					there; says what is in it at the end
 *
 * PATH is of a socket that Java listens to.
 */
#include <ashmem.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define INHERITED	3

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address,
			      sizeof(address)) < 0)
		err(1, "%s", path);
	return fd;
}

/* The text, if it fits, is at the start. */
static void give(int socket, char **arguments, enum ashmem_access access)
{
	uint64_t size = strtoull(arguments[1], NULL, 10);
	size_t text = strlen(arguments[2]) + 1;
	struct ashmem_region *region;
	char *at;

	if (ashmem_region_create(&region, arguments[0], size) < 0)
		err(1, "ashmem_region_create");
	at = ashmem_region_map(region, text, PROT_READ | PROT_WRITE, MAP_SHARED,
			       0);
	if (at == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(at, arguments[2]);
	if (ashmem_region_send(region, socket, access) < 0)
		err(1, "ashmem_region_send");
}

static void take(int socket)
{
	struct ashmem_region *region;
	char name[ASHMEM_NAME_LEN];
	uint64_t size;
	char *at;

	if (ashmem_region_receive(&region, socket) < 0)
		err(1, "ashmem_region_receive");
	if (ashmem_region_get_name(region, name, sizeof(name)) < 0 ||
	    ashmem_region_get_size(region, &size) < 0)
		err(1, "what was received");
	at = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE, MAP_SHARED,
			       0);
	if (at != MAP_FAILED) {
		printf("%s %llu writable %s\n", name, (unsigned long long)size,
		       at);
		strcpy(at, "seen by C");
		return;
	}
	at = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (at == MAP_FAILED)
		err(1, "ashmem_region_map");
	printf("%s %llu read-only %s\n", name, (unsigned long long)size, at);
}

static void send_garbage(int socket)
{
	char garbage[200];

	memset(garbage, 'g', sizeof(garbage));
	if (send(socket, garbage, sizeof(garbage), 0) < 0)
		err(1, "send");
}

/* As ashmem_region_send() does, but for the descriptor: what it sends is taken
 * from a socket of our own. */
static void send_pipe(int socket)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char bytes[1024];
	struct iovec data = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct ashmem_region *region;
	int pair[2], ends[2];
	ssize_t length;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0 ||
	    pipe(ends) < 0 || ashmem_region_create(&region, "pipe", 1) < 0 ||
	    ashmem_region_send(region, pair[0], ASHMEM_ACCESS_WHOLE) < 0)
		err(1, "a message");
	length = recvmsg(pair[1], &message, 0);
	if (length < 0)
		err(1, "recvmsg");
	data.iov_len = length;
	memcpy(CMSG_DATA(&control.header), &ends[0], sizeof(int));
	if (sendmsg(socket, &message, 0) < 0)
		err(1, "sendmsg");
}

static void purge(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "purge", 1) < 0 ||
	    ashmem_purge_all(region) < 0)
		err(1, "ashmem_purge_all");
	ashmem_region_close(region);
}

static void be_child(int socket, char **command)
{
	if (dup2(socket, INHERITED) < 0)
		err(1, "dup2");
	if (socket == INHERITED)
		fcntl(socket, F_SETFD, 0);
	execvp(command[0], command);
	err(1, "%s", command[0]);
}

static int be_parent(char **command)
{
	struct ashmem_region *region;
	int pair[2], status;
	char *at;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    ashmem_region_create(&region, "inherited", 4096) < 0)
		err(1, "a region and a socket");
	at = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE, MAP_SHARED,
			       0);
	if (at == MAP_FAILED ||
	    ashmem_region_send(region, pair[0], ASHMEM_ACCESS_WHOLE) < 0)
		err(1, "ashmem_region_send");
	strcpy(at, "from the parent");
	pid = fork();
	if (pid == 0)
		be_child(pair[1], command);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "a child");
	puts(at);
	return status != 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	int socket;

	if (argc == 2 && !strcmp(argv[1], "purge")) {
		purge();
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "parent"))
		return be_parent(argv + 2);
	if (argc < 3)
		errx(2, "usage: peer PATH WHAT, see its source");
	socket = connect_to(argv[1]);
	if (!strcmp(what, "give") && argc == 6)
		give(socket, argv + 3, ASHMEM_ACCESS_WHOLE);
	else if (!strcmp(what, "give-read-only") && argc == 6)
		give(socket, argv + 3, ASHMEM_ACCESS_READ_ONLY);
	else if (!strcmp(what, "take"))
		take(socket);
	else if (!strcmp(what, "garbage"))
		send_garbage(socket);
	else if (!strcmp(what, "pipe"))
		send_pipe(socket);
	else if (strcmp(what, "nothing"))
		errx(2, "%s is not known, or lacks something", what);
	return 0;
}
