// SPDX-License-Identifier: MIT
/* Each limit, and the error that lib/wire.h names for it. */
#include <errno.h>
#include <signal.h>

#include "peer.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

static void test_connections(const struct subject *subject)
{
	struct peer peers[4];

	for (int i = 0; i < 3; i++)
		peer_open(&peers[i], subject->socket);
	peer_make(&peers[3]);
	peer_connect(&peers[3], subject->socket);
	tap_ok(peer_hello(&peers[3]) == EUSERS,
	       "more connections than a user may have: EUSERS");
	peer_close(&peers[0]);
	peer_hang_up(&peers[3]);
	for (int i = 0; i < 10; i++)
		subject_pause();
	peer_connect(&peers[3], subject->socket);
	tap_ok(peer_hello(&peers[3]) == 0, "one goes, another may come");
	for (int i = 1; i < 4; i++)
		peer_close(&peers[i]);
	for (int i = 0; i < 10; i++)
		subject_pause();
}

static void test_regions(const struct subject *subject)
{
	struct peer_region regions[4], large;
	struct peer one, two;

	peer_open(&one, subject->socket);
	peer_open(&two, subject->socket);
	for (int i = 0; i < 4; i++)
		region_make(&regions[i], 100);
	region_make(&large, 801);
	tap_ok(region_attach(&one, &regions[0], 0, 0) == 0 &&
	       region_attach(&one, &regions[1], 1, 0) == 0 &&
	       region_attach(&one, &regions[2], 2, 0) == EMFILE,
	       "more regions than a process may have: EMFILE");
	tap_ok(region_attach(&two, &regions[2], 0, 0) == 0 &&
	       region_attach(&two, &regions[3], 1, 0) == ENFILE,
	       "more regions than there may be: ENFILE");
	region_detach(&one, &regions[1]);
	region_detach(&one, &regions[0]);
	tap_ok(region_attach(&one, &regions[3], 5, 0) == 0,
	       "one is detached, another may come");
	region_detach(&two, &regions[2]);
	tap_ok(region_attach(&one, &large, 7, 0) == EFBIG,
	       "more pages than a process may have: EFBIG");
	region_detach(&one, &regions[3]);
	tap_ok(region_attach(&one, &large, 7, 0) == 0,
	       "others are detached, and it fits");
	for (int i = 0; i < 4; i++)
		region_end(&regions[i]);
	region_end(&large);
	peer_close(&one);
	peer_close(&two);
}

void test_limits(void)
{
	struct subject subject;

	subject_prepare(&subject);
	tap_ok(subject_start(&subject, "[limits]\n"
			     "connections-per-user = 3\n"
			     "regions-per-process = 2\n"
			     "regions = 3\n"
			     "pages-per-process = 900\n"),
	       "an ashmemd with low limits");
	test_connections(&subject);
	test_regions(&subject);
	subject_remove(&subject);
}
