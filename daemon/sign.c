// SPDX-License-Identifier: MIT
/*
 * The thread's list of robust futexes has one, in the memfd. That takes the
 * place of the C library's list, which only robust mutexes of this thread need:
 * there are none.
 */
#include "sign.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lifesign.h"
#include "locks.h"
#include "memfd.h"

/* The kernel reads these when the thread ends. The word is found from an entry
 * by one distance for all. */
static struct robust_list entry;
static struct robust_list_head head;

static int watch(struct lifesign *sign)
{
	atomic_store(&sign->owner, syscall(SYS_gettid));
	entry.next = &head.list;
	head.list.next = &entry;
	head.futex_offset = (char *)&sign->owner - (char *)&entry;
	return syscall(SYS_set_robust_list, &head, sizeof(head));
}

static int prepare(int fd)
{
	struct lifesign *sign;

	if (ftruncate(fd, sizeof(*sign)) < 0 || fchmod(fd, S_IRUSR) < 0)
		return -1;
	sign = mmap(NULL, sizeof(*sign), PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (sign == MAP_FAILED || watch(sign) < 0)
		return -1;
	/* Nobody maps it to write after this process, by any descriptor. */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
				   F_SEAL_FUTURE_WRITE) < 0)
		return -1;
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL);
}

int sign_make(void)
{
	int fd = memfd_make("ashmem-life");
	int sign = -1, error;

	if (fd < 0)
		return -1;
	if (prepare(fd) == 0)
		sign = locks_open(fd, O_RDONLY);
	error = errno;
	close(fd);
	errno = error;
	return sign;
}
