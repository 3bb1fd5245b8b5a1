// SPDX-License-Identifier: MIT
/* Makes a region by descriptor, and asks how large it is. */
#include <cutils/ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	int size, fd = ashmem_create_region("greeting", 100);
	char *text;

	if (fd < 0)
		err(1, "ashmem_create_region");
	size = ashmem_get_size_region(fd);
	if (size < 0)
		err(1, "ashmem_get_size_region");
	text = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	if (text == MAP_FAILED)
		err(1, "mmap");
	close(fd);			/* the mapping stays */
	strcpy(text, "hello");
	printf("%s, in %d bytes\n", text, size);
	return size != 100;
}
