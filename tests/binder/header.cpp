// SPDX-License-Identifier: MIT
/* The header is C++ as well, and its functions are found in the library. */
#include <ashmem_binder.h>
#include <cerrno>

static int refuse(struct ashmem_binder_request *, void *)
{
	return ENOSYS;
}

int main()
{
	ashmem_binder_handler *handler = refuse;
	struct ashmem_binder *binder;

	return ashmem_binder_open(&binder, "/nonesuch") == 0 ||
	       errno != ENOENT || handler(nullptr, nullptr) != ENOSYS;
}
