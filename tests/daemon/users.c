// SPDX-License-Identifier: MIT
/* Whom an ashmemd serves, and whose pages one user can have purged. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "listing.h"
#include "peer.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

#define NOBODY	65534

/* Runs a function as another user, who can come to the socket. Returns what it
 * returns. */
static int as_nobody(const struct subject *subject,
		     int (*run)(const struct subject *subject))
{
	int status;
	pid_t pid;

	chmod(subject->directory, 0755);
	chmod(subject->socket, 0666);
	pid = fork();
	if (!pid)
		_exit(setuid(NOBODY) < 0 ? 200 : run(subject));
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static int say_hello(const struct subject *subject)
{
	struct peer peer;

	peer_make(&peer);
	if (!peer_connect(&peer, subject->socket))
		return 201;
	return peer_hello(&peer);
}

/* Uses a region, and purges all. */
static int purge_own(const struct subject *subject)
{
	struct peer_region region;
	struct peer peer;

	peer_open(&peer, subject->socket);
	region_make(&region, 20);
	if (region_attach(&peer, &region, 0, 0))
		return 202;
	region_unpin(&peer, &region, 0, 20, peer_now());
	return peer_purge_all(&peer);
}

/* How many regions it is told of; 250 if it is refused. */
static int list_regions(const struct subject *subject)
{
	struct wire_request request = {
		.type = WIRE_LIST,
		.version = WIRE_VERSION,
	};
	struct listing listing;
	struct wire_fds none;
	struct peer peer;

	peer_make(&peer);
	if (!peer_connect(&peer, subject->socket) ||
	    wire_send(peer.socket, &request, sizeof(request), NULL) < 0 ||
	    wire_receive(peer.socket, &listing, sizeof(listing), &none) != 1)
		return 201;
	return listing.error == EPERM ? 250 : (int)listing.count;
}

static void start_for_all(struct subject *subject)
{
	char *arguments[] = { "ashmemd", "--machine", "--socket",
			      subject->socket, NULL };

	subject->pid = subject_run(subject, arguments, "log");
	for (int i = 0; i < SUBJECT_PATIENCE &&
			access(subject->socket, F_OK) < 0; i++)
		subject_pause();
}

void test_users(void)
{
	struct peer_region region;
	struct subject subject;
	struct peer peer;

	if (geteuid() != 0) {
		tap_skip("users", "only root can be another user");
		return;
	}
	subject_prepare(&subject);
	subject_start(&subject, NULL);
	tap_ok(as_nobody(&subject, say_hello) == EPERM,
	       "a user's ashmemd serves no other: EPERM");
	tap_ok(as_nobody(&subject, list_regions) == 250,
	       "nor tells any other of its regions");
	subject_end(&subject, SIGTERM);
	start_for_all(&subject);
	peer_open(&peer, subject.socket);
	region_make(&region, 10);
	tap_ok(region_attach(&peer, &region, 0, 0) == 0, "one for all users");
	region_unpin(&peer, &region, 0, 10, peer_now());
	tap_ok(as_nobody(&subject, list_regions) == 0 &&
	       list_regions(&subject) == 1,
	       "which tells root of all regions, others of their own");
	tap_ok(as_nobody(&subject, purge_own) == 20 &&
	       region_resident(&region) == 10,
	       "one user purges all: only what is that user's");
	tap_ok(peer_purge_all(&peer) == 10, "and so does the other");
	region_end(&region);
	peer_close(&peer);
	subject_remove(&subject);
}
