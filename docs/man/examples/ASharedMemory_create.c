// SPDX-License-Identifier: MIT
/* Makes shared memory, and asks how large it is. */
#include <android/sharedmem.h>
#include <err.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	int fd = ASharedMemory_create("counter", sizeof(long));
	size_t size = ASharedMemory_getSize(fd);
	long *counter;

	if (fd < 0)
		err(1, "ASharedMemory_create");
	counter = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       fd, 0);
	if (counter == MAP_FAILED)
		err(1, "mmap");
	close(fd);			/* the mapping stays */
	printf("counter %ld, of %zu bytes\n", ++*counter, size);
	return size != sizeof(long);
}
