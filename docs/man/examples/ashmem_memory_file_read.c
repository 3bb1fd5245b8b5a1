// SPDX-License-Identifier: MIT
/* A table of numbers in a memory file. */
#include <ashmem.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>

#define ENTRIES	1000

int main(void)
{
	struct ashmem_memory_file *table;
	uint32_t entry;

	if (ashmem_memory_file_open(&table, "squares",
				    ENTRIES * sizeof(entry)) < 0)
		err(1, "ashmem_memory_file_open");
	for (uint32_t i = 0; i < ENTRIES; i++) {
		entry = i * i;
		if (ashmem_memory_file_write(table, &entry, sizeof(entry),
					     i * sizeof(entry)) < 0)
			err(1, "ashmem_memory_file_write");
	}
	if (ashmem_memory_file_read(table, &entry, sizeof(entry),
				    12 * sizeof(entry)) < 0)
		err(1, "ashmem_memory_file_read");
	printf("12 * 12 is %u\n", entry);

	if (ashmem_memory_file_read(table, &entry, sizeof(entry),
				    ENTRIES * sizeof(entry)) == 0 ||
	    errno != ERANGE)
		errx(1, "there is an entry past the end");
	ashmem_memory_file_close(table);
	return entry != 144;
}
