// SPDX-License-Identifier: MIT
/* What came as standard input: a region, or something else? */
#include <cutils/ashmem.h>
#include <err.h>
#include <stdio.h>
#include <unistd.h>

static const char *kind(int fd)
{
	return ashmem_valid(fd) ? "a region" : "no region";
}

int main(void)
{
	int region = ashmem_create_region("example", 4096);

	if (region < 0)
		err(1, "ashmem_create_region");
	printf("standard input is %s\n", kind(STDIN_FILENO));
	if (dup2(region, STDIN_FILENO) < 0)
		err(1, "dup2");
	printf("now it is %s\n", kind(STDIN_FILENO));
	return !ashmem_valid(STDIN_FILENO);
}
