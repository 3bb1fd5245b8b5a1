// SPDX-License-Identifier: MIT
#include "meminfo.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

/**
 * meminfo_kib - a line of /proc/meminfo
 * @key: without the colon
 */
long meminfo_kib(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char name[64];
	long number;

	must(file);
	while (fscanf(file, " %63[^:]: %ld%*[^\n]", name, &number) == 2)
		if (!strcmp(name, key)) {
			fclose(file);
			return number;
		}
	test_fail(__FILE__, __LINE__, "/proc/meminfo has no %s", key);
}

/**
 * shmem_kib - shared memory in use in the whole machine, in KiB
 *
 * Processors count for themselves at first, some hundred pages each; root can
 * have that summed up. Compare with room for it.
 */
long shmem_kib(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_RDONLY);
	char none;

	if (fd >= 0) {
		must(read(fd, &none, 1) >= 0);
		close(fd);
	}
	return meminfo_kib("Shmem");
}
