// SPDX-License-Identifier: MIT
/* Takes writing away before a region is given to others. */
#include <cutils/ashmem.h>
#include <err.h>
#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
	int fd = ashmem_create_region("given away", 4096);

	if (fd < 0)
		err(1, "ashmem_create_region");
	if (ashmem_set_prot_region(fd, PROT_READ) < 0)
		err(1, "ashmem_set_prot_region");
	if (mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) !=
	    MAP_FAILED)
		errx(1, "it could be mapped for writing");
	warn("as it should be");
	return 0;
}
