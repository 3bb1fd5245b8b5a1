// SPDX-License-Identifier: MIT
#include "access.h"

#include <unistd.h>

#include "test.h"

/* Says whether a byte can be read. */
bool can_read(const void *at)
{
	ssize_t copied;
	int ends[2];

	must(!pipe(ends));
	copied = write(ends[1], at, 1);
	if (copied != 1)
		must_be(-errno, -EFAULT);
	close(ends[0]);
	close(ends[1]);
	return copied == 1;
}

/* Writes a byte if it can be written, and says whether it could. */
bool can_write(void *at, char byte)
{
	ssize_t copied;
	int ends[2];

	must(!pipe(ends));
	must(write(ends[1], &byte, 1) == 1);
	copied = read(ends[0], at, 1);
	if (copied != 1)
		must_be(-errno, -EFAULT);
	close(ends[0]);
	close(ends[1]);
	return copied == 1;
}
