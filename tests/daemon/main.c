// SPDX-License-Identifier: MIT
/*
 * Does ashmemd do what lib/wire.h and docs/portable-engine.md say? A real one is
 * started, and spoken to in its own protocol, without the library.
 */
#include <signal.h>
#include <stdio.h>

#include "subject.h"
#include "tap.h"
#include "tests.h"

int main(int count, char **arguments)
{
	if (count != 2) {
		fputs("usage: daemon PATH-OF-ASHMEMD\n", stderr);
		return 2;
	}
	subject_program = arguments[1];
	signal(SIGPIPE, SIG_IGN);
	test_serving();
	test_hostile();
	test_limits();
	test_looking();
	test_purging();
	test_order();
	test_restart();
	test_life();
	test_users();
	return tap_done();
}
