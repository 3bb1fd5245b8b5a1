// SPDX-License-Identifier: MIT
/* One page that can be made anew, by descriptor. */
#include <cutils/ashmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int fd = ashmem_create_region("page", page);
	char *text;

	if (fd < 0)
		err(1, "ashmem_create_region");
	text = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	if (text == MAP_FAILED)
		err(1, "mmap");
	strcpy(text, "precious");

	if (ashmem_unpin_region(fd, 0, 0) < 0)
		err(1, "ashmem_unpin_region");
	/* Here it may be purged. */
	switch (ashmem_pin_region(fd, 0, 0)) {
	case ASHMEM_NOT_PURGED:
		break;
	case ASHMEM_WAS_PURGED:
		strcpy(text, "precious");
		break;
	default:
		err(1, "ashmem_pin_region");
	}
	puts(text);
	return strcmp(text, "precious") != 0;
}
