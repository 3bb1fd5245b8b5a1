// SPDX-License-Identifier: MIT
#include "memfd.h"

#include <errno.h>
#include <sys/mman.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC	0x0010U
#endif

static int make(const char *name, unsigned int execution)
{
	return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | execution);
}

/* Before 6.3 the kernel knows no such flag. */
static int make_or_without(const char *name, unsigned int execution)
{
	int fd = make(name, execution);

	return fd < 0 && errno == EINVAL ? make(name, 0) : fd;
}

int memfd_make(const char *name)
{
	return make_or_without(name, MFD_NOEXEC_SEAL);
}

int memfd_make_executable(const char *name)
{
	int fd = make_or_without(name, MFD_EXEC);

	/* vm.memfd_noexec is 2. */
	return fd < 0 && errno == EACCES ? memfd_make(name) : fd;
}
