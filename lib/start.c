// SPDX-License-Identifier: MIT
/*
 * Two clones stand between the caller and ashmemd. The first has no exit
 * signal, so that no wait() of the caller's sees it unless it asks for such
 * children, and no SIGCHLD is raised; it ends at once, and is waited for here.
 * The second becomes ashmemd, and belongs to init when the first has ended.
 *
 * Both share the caller's memory while it stands still (CLONE_VFORK), and only
 * make system calls.
 */
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES		(64 << 10)
#define FIRST_LISTENER		3	/* of systemd's protocol */
#define LISTEN_PID		"LISTEN_PID="
#define PID_DIGITS		10

/* As many as are closed one by one, in less than a second. */
#define MOST_DESCRIPTORS	(1 << 20)

/**
 * struct start - what the clones need, made before there are any
 * @path:        of the program
 * @environment: for it
 * @pid:         the variable LISTEN_PID there, with room for the number
 * @listener:    see start_ashmemd()
 * @log:         see start_ashmemd()
 * @stack:       for the second clone
 * @error:       a number of errno, once something has failed
 */
struct start {
	const char *path;
	char **environment;
	char *pid;
	int listener;
	int log;
	char *stack;
	volatile int error;
};

static void default_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int move(int from, int to)
{
	if (from == to)
		return fcntl(to, F_SETFD, 0);
	return dup2(from, to);
}

/**
 * struct entry - a name in a directory, as getdents64(2) gives it
 * @bytes: to the next one
 * @name:  terminated by NUL
 */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t bytes;
	uint8_t type;
	char name[];
};

/* Returns -1 for a name that is no number. */
static int number_of(const char *name)
{
	int number = 0;

	if (!*name)
		return -1;
	for (; *name; name++) {
		if (*name < '0' || *name > '9')
			return -1;
		number = number * 10 + (*name - '0');
	}
	return number;
}

/* Closes those that a part of the directory names, but for its own. Returns how
 * many. */
static int close_named(const char *at, long length, int first, int directory)
{
	const struct entry *entry;
	int number, closed = 0;

	for (const char *end = at + length; at < end; at += entry->bytes) {
		entry = (const struct entry *)at;
		number = number_of(entry->name);
		if (number >= first && number != directory)
			closed += close(number) == 0;
	}
	return closed;
}

/* What lies there may be something else, which would name none. */
static int open_list(void)
{
	int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	struct statfs system;

	if (directory < 0)
		return -1;
	if (fstatfs(directory, &system) == 0 &&
	    system.f_type == PROC_SUPER_MAGIC)
		return directory;
	close(directory);
	return -1;
}

/* Reads from the start until there is none left: what is closed moves others in
 * the directory. */
static int close_listed(int first)
{
	_Alignas(struct entry) char part[4096];
	int directory = open_list(), closed, result = 0;
	long length;

	if (directory < 0)
		return -1;
	do {
		closed = 0;
		if (lseek(directory, 0, SEEK_SET) < 0)
			break;
		while ((length = syscall(SYS_getdents64, directory, part,
					 sizeof(part))) > 0)
			closed += close_named(part, length, first, directory);
		result = length < 0 ? -1 : 0;
	} while (closed && result == 0);
	close(directory);
	return result;
}

/* close_range(2) is of Linux 5.9, and filters of system calls may not know it.
 * Without /proc as well, nobody can say which there are: then it is all that
 * there can be, if these are few. */
static int close_from(int first)
{
	struct rlimit limit;

	if (syscall(SYS_close_range, first, ~0U, 0) == 0 ||
	    close_listed(first) == 0)
		return 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	if (limit.rlim_max > MOST_DESCRIPTORS) {
		errno = ENOSYS;
		return -1;
	}
	for (int i = first; i < (int)limit.rlim_max; i++)
		close(i);
	return 0;
}

/* Descriptors 0, 1 and 2, the socket, and no other. */
static int arrange_descriptors(const struct start *start)
{
	/* Out of the way of those that are written to first. */
	int listener = fcntl(start->listener, F_DUPFD, FIRST_LISTENER + 1);
	int log = fcntl(start->log, F_DUPFD, FIRST_LISTENER + 1);
	int null = open("/dev/null", O_RDWR);

	if (listener < 0 || log < 0 || null < 0)
		return -1;
	if (move(null, STDIN_FILENO) < 0 || move(null, STDOUT_FILENO) < 0 ||
	    move(log, STDERR_FILENO) < 0 || move(listener, FIRST_LISTENER) < 0)
		return -1;
	return close_from(FIRST_LISTENER + 1);
}

/* Without leading zeros, which would make it octal. */
static void write_pid(char *variable, pid_t pid)
{
	char *digit = variable + strlen(LISTEN_PID);
	pid_t unit = 1;

	while (pid / unit >= 10)
		unit *= 10;
	for (; unit; unit /= 10)
		*digit++ = '0' + pid / unit % 10;
	*digit = '\0';
}

static int become_ashmemd(void *argument)
{
	struct start *start = argument;
	char *arguments[] = { (char *)"ashmemd", NULL };

	setsid();
	write_pid(start->pid, getpid());
	if (arrange_descriptors(start) == 0 && chdir("/") == 0) {
		default_signals();
		execve(start->path, arguments, start->environment);
	}
	start->error = errno;
	_exit(EXIT_FAILURE);
}

static int stand_between(void *argument)
{
	struct start *start = argument;

	if (clone(become_ashmemd, start->stack + STACK_BYTES,
		  CLONE_VM | CLONE_VFORK, start) < 0)
		start->error = errno;
	_exit(EXIT_SUCCESS);
}

/* With two stacks, and all signals blocked. */
static int run(struct start *start)
{
	char *stacks = mmap(NULL, 2 * STACK_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t between, waited;

	if (stacks == MAP_FAILED)
		return -1;
	start->stack = stacks + STACK_BYTES;
	between = clone(stand_between, stacks + STACK_BYTES,
			CLONE_VM | CLONE_VFORK, start);
	if (between < 0) {
		start->error = errno;
	} else {
		do
			waited = waitpid(between, NULL, __WCLONE);
		while (waited < 0 && errno == EINTR);
	}
	munmap(stacks, 2 * STACK_BYTES);
	errno = start->error;
	return start->error ? -1 : 0;
}

static bool is_replaced(const char *variable)
{
	return !strncmp(variable, LISTEN_PID, strlen(LISTEN_PID)) ||
	       !strncmp(variable, "LISTEN_FDS=", strlen("LISTEN_FDS=")) ||
	       !strncmp(variable, "LISTEN_FDNAMES=",
			strlen("LISTEN_FDNAMES=")) ||
	       !strncmp(variable, "NOTIFY_SOCKET=", strlen("NOTIFY_SOCKET="));
}

/* The caller's environment, and what tells of the socket. */
static char **environment_make(char *pid)
{
	static char one[] = "LISTEN_FDS=1";
	size_t count = 0, kept = 0;
	char **environment;

	while (environ && environ[count])
		count++;
	environment = calloc(count + 3, sizeof(*environment));
	if (!environment)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!is_replaced(environ[i]))
			environment[kept++] = environ[i];
	environment[kept++] = pid;
	environment[kept] = one;
	return environment;
}

int start_ashmemd(int listener, int log)
{
	char pid[sizeof(LISTEN_PID) + PID_DIGITS] = LISTEN_PID;
	const char *path = secure_getenv("ASHMEMD");
	struct start start = {
		.path = path ? path : ASHMEMD_PATH,
		.environment = environment_make(pid),
		.pid = pid,
		.listener = listener,
		.log = log,
	};
	sigset_t all, before;
	int result;

	if (!start.environment)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = run(&start);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	free(start.environment);
	return result;
}
