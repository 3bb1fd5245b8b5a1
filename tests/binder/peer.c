// SPDX-License-Identifier: MIT
#include "peer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void peer_fail(const char *what)
{
	fprintf(stderr, "binder: %s: %s\n", what, strerror(errno));
	_exit(2);
}

void peer_ready(int channel, int error)
{
	if (write(channel, &error, sizeof(error)) != sizeof(error))
		_exit(2);
}

struct peer peer_start(const char *name, peer_role *role, const void *argument)
{
	struct peer peer;
	int ends[2], error;

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		peer_fail("socketpair");
	peer.pid = fork();
	if (peer.pid < 0)
		peer_fail("fork");
	if (peer.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(0);
		close(ends[0]);
		role(ends[1], argument);
		_exit(0);
	}
	close(ends[1]);
	peer.channel = ends[0];
	if (read(peer.channel, &error, sizeof(error)) != sizeof(error))
		error = EIO;
	if (!error)
		return peer;
	fprintf(stderr, "binder: %s: %s\n", name, strerror(error));
	exit(2);
}

void peer_wait(struct peer *peer)
{
	close(peer->channel);
	if (waitpid(peer->pid, NULL, 0) != peer->pid)
		peer_fail("waitpid");
}

void peer_end(struct peer *peer)
{
	char end = 0;

	if (write(peer->channel, &end, 1) != 1)
		peer_fail("a process has ended before it was told to");
	peer_wait(peer);
}

void peer_kill(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	peer_wait(peer);
}
