// SPDX-License-Identifier: MIT
/*
 * CONTRACT.md, section 8: the portable engine needs nothing but Linux 5.10.
 * What came later, or is refused by a filter of system calls, is done without.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U
#endif

#define PAGES		8
#define AREAS		500

/* The lower half of an argument, the upper being of no use here. */
#define ARGUMENT(n)	(offsetof(struct seccomp_data, args[n]) + \
			 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))

/* From here on this call is refused with this error, unless its second argument
 * has one of the bits of @unless; here, and in each program that is started. */
static void refuse(unsigned int call, unsigned int error, unsigned int unless)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, unless, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		test_skip("this kernel has no filters of system calls");
}

/* The engine with all that it has. */
static void must_work(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(engine->unpin(area.fd, 0, 4 * page), 0);
	must_be(engine->hold(area.fd, 0, page), 0);
	must_be(engine->purge_all(area.fd), 3);
	must_be(engine->release(area.fd, 0, page), 0);
	must_be(engine->pin(area.fd, 0, page), 0);
	must_be(engine->pin(area.fd, 0, 0), 1);
	must(page_holds(area.at, 0, 'a') && pages_hold(area.at, 1, 4, 0) &&
	     pages_hold(area.at, 4, PAGES, 'a'));
	area_close(area.fd);
}

/* As vm.memfd_noexec=2 has it from Linux 6.3 on. */
static void forbid_execution(void)
{
	int fd = memfd_create("any", MFD_NOEXEC_SEAL);

	if (fd < 0)
		test_skip("this kernel has no MFD_NOEXEC_SEAL");
	must(!close(fd));
	refuse(SYS_memfd_create, EACCES, MFD_NOEXEC_SEAL);
}

static void no_executable_memfds(void)
{
	forbid_execution();
	must_work();
}

/* A mask that is said to be there, and one that is, are the same. */
static void no_execution_in_mask(void)
{
	int fd;

	forbid_execution();
	fd = area_open_sized(PAGES * page);
	must_be(engine->get_prot_mask(fd), PROT_READ | PROT_WRITE | PROT_EXEC);
	area_map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED);
	must_be(engine->get_prot_mask(fd), PROT_READ | PROT_WRITE);
	must_be(area_try_map(fd, page, PROT_READ | PROT_EXEC, MAP_SHARED, 0),
		-EPERM);
	must_be(engine->set_prot_mask(fd, PROT_READ | PROT_EXEC), -EINVAL);
	must_be(engine->set_prot_mask(fd, PROT_READ), 0);
}

/* And none of the caller's descriptors is left to ashmemd: nobody has the other
 * end of a pipe. */
static void must_start_bare(void)
{
	int ends[2], far;
	char byte;

	must(!pipe2(ends, O_NONBLOCK));
	far = fcntl(ends[1], F_DUPFD, 900);
	must(far >= 900);
	for (int i = 200; i < 600; i++)
		must(dup2(ends[1], i) == i);
	must_work();
	must(!close(ends[1]) && !close(far));
	for (int i = 200; i < 600; i++)
		must(!close(i));
	must_be(or_errno(read(ends[0], &byte, 1)), 0);
}

static void no_close_range(void)
{
	refuse(SYS_close_range, ENOSYS, 0);
	must_start_bare();
}

static void forbidden_close_range(void)
{
	refuse(SYS_close_range, EPERM, 0);
	must_start_bare();
}

static void no_pidfds(void)
{
	refuse(SYS_pidfd_open, ENOSYS, 0);
	must_work();
}

static void change_root(const char *directory)
{
	must(!chroot(directory) && !chdir("/"));
}

/* What needs /proc says so; all else works. */
static void no_proc(void)
{
	struct area area = area_make(PAGES);
	char name[256];

	change_root(getenv("XDG_RUNTIME_DIR"));
	must_be(engine->unpin(area.fd, 0, page), -ENOENT);
	must_be(engine->pin(area.fd, 0, page), -ENOENT);
	must_be(engine->status(area.fd, 0, page), -ENOENT);
	must_be(engine->hold(area.fd, 0, page), -ENOENT);
	must_be(engine->get_name(area.fd, name), 0);
	must_be(engine->set_prot_mask(area.fd, PROT_READ), 0);
	must_be(engine->get_prot_mask(area.fd), PROT_READ);
}

/* A directory of that name, in which other files have the names. */
static void false_proc(void)
{
	struct area area = area_make(PAGES);
	char path[64];

	change_root(getenv("XDG_RUNTIME_DIR"));
	must(!mkdir("/proc", 0700) && !mkdir("/proc/self", 0700) &&
	     !mkdir("/proc/self/fd", 0700));
	for (int i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", i);
		must(!close(open(path, O_CREAT | O_RDWR, 0600)));
	}
	must_be(engine->unpin(area.fd, 0, page), -ENOENT);
	must_be(engine->pin(area.fd, 0, page), -ENOENT);
}

/**
 * struct pair - two processes that change the masks of the same areas
 * @ready: how many areas each has come to
 * @done:  what was answered, by area
 */
struct pair {
	_Atomic int ready[2];
	int done[2][AREAS];
};

/* Each area as soon as the other has come to it as well. */
static void take_away(struct pair *pair, int self, const int *fds,
		      unsigned long mask)
{
	for (int i = 0; i < AREAS; i++) {
		atomic_store(&pair->ready[self], i + 1);
		while (atomic_load(&pair->ready[!self]) <= i)
			sched_yield();
		pair->done[self][i] = engine->set_prot_mask(fds[i], mask);
	}
}

/* Neither is undone by the other. */
static void no_proc_by_two(void)
{
	const unsigned long left = PROT_READ | PROT_WRITE;
	const unsigned long right = PROT_READ | PROT_EXEC;
	struct pair *pair = mmap(NULL, sizeof(*pair), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fds[AREAS];
	pid_t child;

	must(pair != MAP_FAILED);
	change_root(getenv("XDG_RUNTIME_DIR"));
	for (int i = 0; i < AREAS; i++) {
		fds[i] = area_open_sized(page);
		area_map(fds[i], page, PROT_READ, MAP_SHARED);
	}
	child = fork();
	if (!child) {
		take_away(pair, 1, fds, right);
		_exit(0);
	}
	take_away(pair, 0, fds, left);
	child_await(child);
	for (int i = 0; i < AREAS; i++) {
		unsigned long mask = engine->get_prot_mask(fds[i]);

		must_be(pair->done[0][i] ? 0 : mask & ~left, 0);
		must_be(pair->done[1][i] ? 0 : mask & ~right, 0);
	}
}

static const struct test tests[] = {
	{ "8 refused: memfds that can be executed", no_executable_memfds,
	  { need_ashmemd, need_holds } },
	{ "8 refused: memfds that can be executed, and the mask",
	  no_execution_in_mask, { need_ashmemd } },
	{ "8 refused: close_range, as before 5.9", no_close_range,
	  { need_ashmemd, need_holds } },
	{ "8 refused: close_range, by a filter", forbidden_close_range,
	  { need_ashmemd, need_holds } },
	{ "8 refused: pidfd_open", no_pidfds, { need_ashmemd, need_holds } },
	{ "8 no /proc: pins are ENOENT, all else works", no_proc,
	  { need_ashmemd, need_root } },
	{ "8 no /proc: other files in its place", false_proc,
	  { need_ashmemd, need_root } },
	{ "8 no /proc: a mask is changed by two at once", no_proc_by_two,
	  { need_ashmemd, need_root } },
};

const struct test_group refused_tests = TEST_GROUP(tests);
