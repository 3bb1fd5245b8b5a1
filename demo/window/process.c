// SPDX-License-Identifier: MIT
#include "process.h"

#include "../cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

__attribute__((noreturn))
static void become(const char **argv, int socket, const char *cgroup)
{
	char number[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (cgroup && cgroup_join(cgroup)) {
		fprintf(stderr, "window-refresh: cannot join %s: %s\n", cgroup,
			strerror(errno));
		_exit(EXIT_FAILURE);
	}
	snprintf(number, sizeof(number), "%d", socket);
	for (int i = 0; ; i++)
		if (!argv[i]) {
			argv[i] = number;
			break;
		}
	fcntl(socket, F_SETFD, 0);
	execv(argv[0], (char *const *)argv);
	fprintf(stderr, "window-refresh: %s: %s\n", argv[0], strerror(errno));
	_exit(EXIT_FAILURE);
}

pid_t process_start(int *socket, const char *cgroup, const char **argv)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	pid = fork();
	if (pid == 0)
		become(argv, ends[1], cgroup);
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*socket = ends[0];
	return pid;
}
