// SPDX-License-Identifier: MIT
/* What a memory file is. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>

int main(void)
{
	struct ashmem_information information;
	struct ashmem_memory_file *file;

	if (ashmem_memory_file_open(&file, "notes", 5000) < 0)
		err(1, "ashmem_memory_file_open");
	if (ashmem_region_information(ashmem_memory_file_region(file),
				      &information, sizeof(information)) < 0)
		err(1, "ashmem_region_information");
	printf("%ju bytes on %ju pages, descriptor %d\n",
	       (uintmax_t)ashmem_memory_file_length(file),
	       (uintmax_t)information.pages,
	       ashmem_memory_file_descriptor(file));
	ashmem_memory_file_close(file);
	return 0;
}
