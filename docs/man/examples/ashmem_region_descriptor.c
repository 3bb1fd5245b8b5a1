// SPDX-License-Identifier: MIT
/* Gives text to another program, which reads it as its input. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = "pears\napples\nfigs\n";

int main(void)
{
	struct ashmem_region *region;
	int fd, status;
	pid_t child;
	char *input;

	/* Without the NUL at the end of text. */
	if (ashmem_region_create(&region, "fruit", sizeof(text) - 1) < 0)
		err(1, "ashmem_region_create");
	input = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				  MAP_SHARED, 0);
	if (input == MAP_FAILED)
		err(1, "ashmem_region_map");
	memcpy(input, text, sizeof(text) - 1);
	fd = ashmem_region_descriptor(region);
	if (fd < 0)
		err(1, "ashmem_region_descriptor");

	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		/* fd itself is closed on exec; its duplicate is not. */
		dup2(fd, STDIN_FILENO);
		execlp("sort", "sort", (char *)NULL);
		err(1, "sort");
	}
	if (waitpid(child, &status, 0) != child)
		err(1, "waitpid");
	ashmem_region_close(region);
	return status != 0;
}
