// SPDX-License-Identifier: MIT
/* A memory file goes to another process, which writes into it. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int writer(int socket)
{
	struct ashmem_memory_file *file;
	struct ashmem_region *region;

	if (ashmem_region_receive(&region, socket) < 0)
		err(1, "ashmem_region_receive");
	if (ashmem_memory_file_import(&file,
				      ashmem_region_descriptor(region)) < 0)
		err(1, "ashmem_memory_file_import");
	ashmem_region_close(region);
	if (ashmem_memory_file_write(file, "there", 5, 6) < 0)
		err(1, "ashmem_memory_file_write");
	ashmem_memory_file_close(file);
	return 0;
}

int main(void)
{
	struct ashmem_memory_file *file;
	int sockets[2], status;
	char text[12] = "";
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		err(1, "socketpair");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		close(sockets[0]);
		return writer(sockets[1]);
	}
	close(sockets[1]);

	if (ashmem_memory_file_open(&file, "letter", 11) < 0)
		err(1, "ashmem_memory_file_open");
	if (ashmem_memory_file_write(file, "hello ", 6, 0) < 0)
		err(1, "ashmem_memory_file_write");
	if (ashmem_region_send(ashmem_memory_file_region(file), sockets[0],
			       ASHMEM_ACCESS_WHOLE) < 0)
		err(1, "ashmem_region_send");
	if (waitpid(child, &status, 0) != child || status)
		errx(1, "the writer has failed");
	if (ashmem_memory_file_read(file, text, 11, 0) < 0)
		err(1, "ashmem_memory_file_read");
	ashmem_memory_file_close(file);
	printf("%s\n", text);
	return strcmp(text, "hello there") != 0;
}
