// SPDX-License-Identifier: MIT
/* Tells what the regions of this process can do. */
#include <ashmem.h>
#include <err.h>
#include <stdio.h>

int main(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "probe", 4096) < 0)
		err(1, "ashmem_region_create");
	switch (ashmem_region_engine(region)) {
	case ASHMEM_ENGINE_DEVICE:
		puts("the device: the kernel purges; there are no holds");
		break;
	case ASHMEM_ENGINE_PORTABLE:
		puts("the portable engine: ashmemd purges");
		break;
	}
	ashmem_region_close(region);
	return 0;
}
