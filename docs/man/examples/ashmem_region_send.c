// SPDX-License-Identifier: MIT
/* A region goes from one process to another, which may read it. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int receiver(int socket)
{
	struct ashmem_region *region;
	char name[ASHMEM_NAME_LEN];
	const char *text;
	uint64_t size;

	if (ashmem_region_receive(&region, socket) < 0)
		err(1, "ashmem_region_receive");
	if (ashmem_region_get_name(region, name, sizeof(name)) < 0)
		err(1, "ashmem_region_get_name");
	if (ashmem_region_get_size(region, &size) < 0)
		err(1, "ashmem_region_get_size");
	text = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (text == MAP_FAILED)
		err(1, "ashmem_region_map");
	printf("received %s, %ju bytes: %s\n", name, (uintmax_t)size, text);
	ashmem_region_close(region);
	return strcmp(text, "hello") != 0;
}

static void sender(int socket)
{
	struct ashmem_region *region;
	char *text;

	if (ashmem_region_create(&region, "greeting", 4096) < 0)
		err(1, "ashmem_region_create");
	text = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				 MAP_SHARED, 0);
	if (text == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(text, "hello");
	/* On the device nobody can be given less than others. */
	if (ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE &&
	    ashmem_region_set_protection(region, PROT_READ) < 0)
		err(1, "ashmem_region_set_protection");
	if (ashmem_region_send(region, socket, ASHMEM_ACCESS_READ_ONLY) < 0)
		err(1, "ashmem_region_send");
	ashmem_region_close(region);
}

int main(void)
{
	int sockets[2], status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		err(1, "socketpair");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		/* So that the end of the sender is seen. */
		close(sockets[0]);
		return receiver(sockets[1]);
	}
	close(sockets[1]);
	sender(sockets[0]);
	if (waitpid(child, &status, 0) != child)
		err(1, "waitpid");
	return status != 0;
}
