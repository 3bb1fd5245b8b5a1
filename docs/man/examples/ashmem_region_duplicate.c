// SPDX-License-Identifier: MIT
/*
 * Writes a letter into a region, and executes itself anew to read it there:
 * "ashmem_region_duplicate NUMBER", with the number of the descriptor.
 */
#include <ashmem.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int read_letter(int fd)
{
	struct ashmem_region *region;
	const char *letter;

	if (ashmem_region_import(&region, fd) < 0)
		err(1, "ashmem_region_import");
	letter = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
	if (letter == MAP_FAILED)
		err(1, "ashmem_region_map");
	printf("read: %s\n", letter);
	if (ashmem_region_map(region, 0, PROT_READ | PROT_WRITE, MAP_SHARED,
			      0) != MAP_FAILED)
		errx(1, "it can be written as well");
	ashmem_region_close(region);
	return 0;
}

static struct ashmem_region *write_letter(const char *text)
{
	struct ashmem_region *region;
	char *letter;

	if (ashmem_region_create(&region, "letter", 4096) < 0)
		err(1, "ashmem_region_create");
	letter = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				   MAP_SHARED, 0);
	if (letter == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(letter, text);
	/* On the device nobody can be given less than others. */
	if (ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE &&
	    ashmem_region_set_protection(region, PROT_READ) < 0)
		err(1, "ashmem_region_set_protection");
	return region;
}

int main(int argc, char **argv)
{
	struct ashmem_region *region;
	char number[16];
	pid_t child;
	int fd, status;

	if (argc == 2)
		return read_letter(atoi(argv[1]));
	region = write_letter("hello");
	fd = ashmem_region_duplicate(region, ASHMEM_ACCESS_READ_ONLY);
	if (fd < 0)
		err(1, "ashmem_region_duplicate");
	snprintf(number, sizeof(number), "%d", fd);

	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		if (fcntl(fd, F_SETFD, 0) < 0)
			err(1, "fcntl");
		execl("/proc/self/exe", argv[0], number, NULL);
		err(1, "execl");
	}
	close(fd);
	if (waitpid(child, &status, 0) != child)
		err(1, "waitpid");
	ashmem_region_close(region);
	return status != 0;
}
