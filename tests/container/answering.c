/* SPDX-License-Identifier: MIT */
#include "answering.h"

#include <fcntl.h>
#include <linux/ashmem.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the filter's descriptor is told. */
static int told[2];

/* The calling thread waits for an answer to each ASHMEM_GET_SIZE from then on.
 * Returns the descriptor that they are asked by, or -1. */
static int filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ASHMEM_GET_SIZE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* For a memfd its size; for all else what the kernel says. */
static void *answer(void *unused)
{
	struct seccomp_notif_resp response;
	struct seccomp_notif request;
	struct stat status;
	int listener, fd;

	if (read(told[0], &listener, sizeof(listener)) != sizeof(listener))
		return unused;
	for (;;) {
		request = (struct seccomp_notif){ 0 };
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
			continue;
		response = (struct seccomp_notif_resp){ .id = request.id };
		fd = request.data.args[0];
		if (fcntl(fd, F_GET_SEALS) >= 0 && fstat(fd, &status) == 0)
			response.val = status.st_size;
		else
			response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

/* The thread that answers comes first: it is not asked itself. */
static bool run_filtered(bool (*run)(void))
{
	pthread_t thread;
	int listener;

	if (pipe2(told, O_CLOEXEC) < 0 ||
	    pthread_create(&thread, NULL, answer, NULL))
		return false;
	listener = filter();
	return listener >= 0 &&
	       write(told[1], &listener, sizeof(listener)) ==
	       sizeof(listener) && run();
}

bool answering_run(bool (*run)(void))
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(run_filtered(run) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}
