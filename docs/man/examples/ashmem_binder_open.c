// SPDX-License-Identifier: MIT
/* Is there a binder, and does anybody keep names there? */
#include <ashmem_binder.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>

int main(void)
{
	struct ashmem_binder_service *service;
	struct ashmem_binder *binder;

	if (ashmem_binder_open(&binder, NULL) < 0) {
		if (errno == ENOENT)
			errx(0, "there is no binder here");
		err(1, "ashmem_binder_open");
	}
	/* A name that nobody is likely to have. */
	if (ashmem_binder_find(binder, "-", 1000, &service) == 0) {
		puts("a manager, and somebody who is called -");
		ashmem_binder_service_close(service);
	} else if (errno == ENOENT) {
		puts("a manager");
	} else if (errno == ECONNREFUSED) {
		puts("a binder, and no manager");
	} else {
		err(1, "ashmem_binder_find");
	}
	ashmem_binder_close(binder);
	return 0;
}
