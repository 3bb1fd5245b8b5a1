// SPDX-License-Identifier: MIT
/*
 * When and how much ashmemd purges, on files and a clock made up by the tests:
 * nothing here depends on how fast this machine is, or how full.
 */
#include <stdio.h>

#include "tap.h"
#include "test.h"

int main(void)
{
	/* The log belongs between the tests that it is about. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_cgroup();
	test_memory();
	test_headroom();
	test_effect();
	test_purging();
	test_clients();
	test_stalls();
	return tap_done();
}
