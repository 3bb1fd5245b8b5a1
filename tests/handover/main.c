// SPDX-License-Identifier: MIT
/*
 * Regions that are handed over, by every road and with every error; and memory
 * files.
 *
 *	handover device
 *	handover portable PATH
 *
 * The first makes regions on the device, the second on the portable engine, with
 * the ashmemd at PATH.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inheritance.h"
#include "test.h"

/* In seconds: what takes longer hangs. */
#define TEST_LIMIT	300

static const struct test_group *const groups[] = {
	&socket_tests, &refusal_tests, &read_only_tests, &inheritance_tests,
	&pinning_tests, &memory_file_tests, &fuzz_tests,
};

static bool is_device;

bool on_device(void)
{
	return is_device;
}

char *region_map(struct ashmem_region *region, int prot)
{
	void *at = ashmem_region_map(region, 0, prot, MAP_SHARED, 0);

	return at == MAP_FAILED ? NULL : at;
}

struct ashmem_region *region_make(char **at)
{
	struct ashmem_region *region;
	char *bytes;

	if (ashmem_region_create(&region, REGION_NAME, REGION_BYTES) < 0) {
		tap_note("no region: %s", strerror(errno));
		return NULL;
	}
	bytes = region_map(region, PROT_READ | PROT_WRITE);
	if (!bytes) {
		tap_note("no map: %s", strerror(errno));
		ashmem_region_close(region);
		return NULL;
	}
	memset(bytes, 'a', REGION_BYTES);
	if (at)
		*at = bytes;
	return region;
}

bool region_ready_to_read(struct ashmem_region *region)
{
	return !is_device ||
	       ashmem_region_set_protection(region, PROT_READ) == 0;
}

bool is_filled(const char *at, size_t first, size_t end, char value)
{
	for (size_t i = first * PAGE; i < end * PAGE; i++)
		if (at[i] != value)
			return false;
	return true;
}

pid_t fork_limited(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		alarm(TEST_LIMIT);
	return pid;
}

bool in_child(int user, bool (*run)(void *context), void *context)
{
	pid_t pid = fork_limited();
	int status = -1;

	if (pid == 0) {
		if (user && (setgid(user) < 0 || setuid(user) < 0))
			_exit(2);
		_exit(!run(context));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/*
 * ashmemd.
 */

static char directory[] = "/tmp/ashmem-handover-XXXXXX";
pid_t daemon_pid;

__attribute__((noreturn))
static void give_up(const char *what)
{
	fprintf(stderr, "handover: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* A socket that hears when a service is ready, see sd_notify(3). */
static int notice_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int notice = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notice",
		 directory);
	if (notice < 0 || bind(notice, (struct sockaddr *)&address,
			       sizeof(address)) < 0)
		give_up("a socket");
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	return notice;
}

__attribute__((noreturn))
static void daemon_run(const char *path)
{
	char log[64];
	int fd;

	snprintf(log, sizeof(log), "%s/log", directory);
	fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && dup2(fd, STDERR_FILENO) >= 0)
		execl(path, "ashmemd", NULL);
	_exit(2);
}

static void daemon_start(const char *path)
{
	char said[64] = "";
	int notice;

	if (!mkdtemp(directory))
		give_up("a directory");
	setenv("XDG_RUNTIME_DIR", directory, 1);
	setenv("XDG_CONFIG_HOME", directory, 1);
	setenv("ASHMEMD", path, 1);
	notice = notice_open();
	daemon_pid = fork();
	if (daemon_pid < 0)
		give_up("fork");
	if (!daemon_pid)
		daemon_run(path);
	unsetenv("NOTIFY_SOCKET");
	while (!strstr(said, "READY=1"))
		if (recv(notice, said, sizeof(said) - 1, 0) <= 0)
			give_up("ashmemd");
	close(notice);
}

static void daemon_end(void)
{
	static const char *const names[] = {
		"ashmemd/socket", "ashmemd/lock", "ashmemd", "notice", "log",
	};
	char path[128];

	if (!daemon_pid)
		return;
	kill(daemon_pid, SIGTERM);
	waitpid(daemon_pid, NULL, 0);
	if (tap_failed) {
		tap_note("what ashmemd has said: %s/log", directory);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		remove(path);
	}
	rmdir(directory);
}

/*
 * Running.
 */

static const char *missing(const struct test *test)
{
	if (test->needs & DEVICE && !is_device)
		return "of the device only";
	if (test->needs & PORTABLE && is_device)
		return "of the portable engine only";
	if (test->needs & ROOT && geteuid())
		return "needs root";
	return NULL;
}

bool hang_up(void)
{
	struct sockaddr_un peer;
	socklen_t size;

	for (int fd = 3; fd < 256; fd++) {
		size = sizeof(peer);
		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
		    peer.sun_family == AF_UNIX && size > sizeof(sa_family_t) &&
		    strstr(peer.sun_path, "/ashmemd/socket"))
			return shutdown(fd, SHUT_RDWR) == 0;
	}
	return false;
}

static int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (folder && readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* What the library keeps for the life of the process is there from here on. */
static bool warm_up(void)
{
	struct ashmem_region *region = region_make(NULL);
	bool warm = region && ashmem_region_unpin(region, 0, 0) == 0;

	ashmem_region_close(region);
	return warm;
}

static bool run_counted(const struct test *test)
{
	int before, after;
	bool passed;

	if (!warm_up())
		return false;
	before = count_descriptors();
	passed = test->run();
	after = count_descriptors();
	if (passed && before != after)
		tap_note("%d descriptors before, %d after", before, after);
	return passed && before == after;
}

static void run(const struct test *test)
{
	const char *lacking = missing(test);
	int status = -1;
	pid_t pid;

	if (lacking) {
		tap_skip(test->name, lacking);
		return;
	}
	pid = fork_limited();
	if (pid == 0)
		_exit(!run_counted(test));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("a test");
	if (WIFSIGNALED(status))
		tap_note("ended by signal %d", WTERMSIG(status));
	tap_ok(status == 0, "%s", test->name);
}

static void choose_engine(int argc, char **argv)
{
	is_device = argc == 2 && !strcmp(argv[1], "device");
	if (!is_device && (argc != 3 || strcmp(argv[1], "portable"))) {
		fprintf(stderr, "usage: handover device, or handover portable "
			"PATH, with the path of ashmemd\n");
		exit(2);
	}
	setenv("ASHMEM_ENGINE", argv[1], 1);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], HEIR))
		return inherit(argv[2]);
	choose_engine(argc, argv);
	if (!is_device)
		daemon_start(argv[2]);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (size_t j = 0; j < groups[i]->count; j++)
			run(&groups[i]->tests[j]);
	daemon_end();
	return tap_done();
}
