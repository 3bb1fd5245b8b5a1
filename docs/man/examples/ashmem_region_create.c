// SPDX-License-Identifier: MIT
/* Shared memory between a process and its child. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE	4096

int main(void)
{
	struct ashmem_region *region;
	char *board;
	pid_t child;

	if (ashmem_region_create(&region, "board", SIZE) < 0)
		err(1, "ashmem_region_create");
	board = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				  MAP_SHARED, 0);
	if (board == MAP_FAILED)
		err(1, "ashmem_region_map");
	ashmem_region_close(region);	/* the mapping stays */

	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		strcpy(board, "written by the child");
		_exit(0);
	}
	if (waitpid(child, NULL, 0) != child)
		err(1, "waitpid");
	puts(board);
	return strcmp(board, "written by the child") != 0;
}
