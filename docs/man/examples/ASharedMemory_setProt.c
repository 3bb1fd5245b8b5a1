// SPDX-License-Identifier: MIT
/* Takes writing away before shared memory is given to others. */
#include <android/sharedmem.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	int fd = ASharedMemory_create("settings", 4096);
	char *own;

	if (fd < 0)
		err(1, "ASharedMemory_create");
	own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   0);
	if (own == MAP_FAILED)
		err(1, "mmap");
	if (ASharedMemory_setProt(fd, PROT_READ) < 0)
		err(1, "ASharedMemory_setProt");
	strcpy(own, "still writable here");
	if (mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) !=
	    MAP_FAILED)
		errx(1, "it could be mapped for writing");
	puts(own);
	return 0;
}
