// SPDX-License-Identifier: MIT
/*
 * Looks into a region of a process that knows nothing of it, by both roads that
 * there are for that, and says what each leads to. Needs the right to trace that
 * process, as a debugger has it.
 */
#include <ashmem.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The same open file, whatever it is of. */
static int copy_descriptor(pid_t pid, int number)
{
	int pidfd = pidfd_open(pid, 0), fd = -1;

	if (pidfd >= 0) {
		fd = pidfd_getfd(pidfd, number, 0);
		close(pidfd);
	}
	return fd;
}

/* Another open file: of a memfd the same memory, of the device a new area. */
static int open_anew(pid_t pid, int number)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, number);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void look(const char *road, int fd)
{
	struct ashmem_region *region;
	const char *text;
	uint64_t size;

	if (fd < 0 || ashmem_region_import(&region, fd) < 0 ||
	    ashmem_region_get_size(region, &size) < 0)
		err(1, "%s", road);
	if (!size) {
		printf("%s: an area without a size\n", road);
	} else {
		text = ashmem_region_map(region, 0, PROT_READ, MAP_SHARED, 0);
		if (text == MAP_FAILED)
			err(1, "ashmem_region_map");
		printf("%s: %s\n", road, text);
	}
	ashmem_region_close(region);
	close(fd);
}

/* The process that is looked at. */
static void have_region(int told)
{
	struct ashmem_region *region;
	char *text;
	int fd;

	if (ashmem_region_create(&region, "state", 4096) < 0)
		err(1, "ashmem_region_create");
	text = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				 MAP_SHARED, 0);
	if (text == MAP_FAILED)
		err(1, "ashmem_region_map");
	strcpy(text, "what it was about to do");
	fd = ashmem_region_descriptor(region);
	if (write(told, &fd, sizeof(fd)) != sizeof(fd))
		err(1, "write");
	pause();
}

int main(void)
{
	int ends[2], number;
	pid_t pid;

	if (pipe(ends) < 0)
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		have_region(ends[1]);
		_exit(0);
	}
	if (read(ends[0], &number, sizeof(number)) != sizeof(number))
		err(1, "read");
	look("pidfd_getfd", copy_descriptor(pid, number));
	look("/proc/PID/fd", open_anew(pid, number));
	kill(pid, SIGKILL);
	return 0;
}
