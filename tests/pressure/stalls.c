// SPDX-License-Identifier: MIT
/* Who reports stalls, and what follows: daemon/stall.h. */
#include "stall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "stage.h"
#include "tap.h"
#include "test.h"

static void count(void *context)
{
	++*(unsigned int *)context;
}

/* The path of a file in the tree, named in the environment. */
static const char *name_source(const struct tree *tree, const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", tree->root, file);
	setenv("MEMORY_PRESSURE_WATCH", path, true);
	return path;
}

static void no_source(void)
{
	unsetenv("MEMORY_PRESSURE_WATCH");
	unsetenv("MEMORY_PRESSURE_WRITE");
}

static bool refuses(sd_event *event, const char *value, int error)
{
	unsigned int seen = 0;

	setenv("MEMORY_PRESSURE_WATCH", value, true);
	return !stall_open_environment(event, count, &seen) && errno == error;
}

static void test_refused(void)
{
	struct stage stage;
	unsigned int seen = 0;
	const char *path;

	stage_set(&stage, mounts_v2);
	tap_ok(!stall_open_environment(stage.event, count, &seen) &&
	       errno == ENODATA, "nothing in the environment: ENODATA");
	tap_ok(refuses(stage.event, "/dev/null", ECANCELED),
	       "/dev/null: ECANCELED");
	tap_ok(refuses(stage.event, "a/b", EINVAL) &&
	       refuses(stage.event, "/dev/zero", EINVAL) &&
	       refuses(stage.event, "/nowhere", ENOENT),
	       "a relative path, a device, nothing at all");
	tree_put(&stage.tree, "file", "x");
	path = name_source(&stage.tree, "file");
	tap_ok(!stall_open_environment(stage.event, count, &seen) &&
	       !stall_open(stage.event, path, count, &seen),
	       "a file that cannot be waited for");
	no_source();
	stage_clear(&stage);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memccpy(address.sun_path, path, '\0', sizeof(address.sun_path));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1)) {
		perror(path);
		exit(2);
	}
	return fd;
}

static bool is_greeted(int fd, const char *expected)
{
	char said[64] = "";

	return read(fd, said, sizeof(said) - 1) == (ssize_t)strlen(expected) &&
	       !strcmp(said, expected);
}

static void test_socket(void)
{
	struct stage stage;
	struct stall *stall;
	unsigned int seen = 0;
	int listener, peer;

	stage_set(&stage, mounts_v2);
	listener = listen_at(name_source(&stage.tree, "socket"));
	/* As `echo -n 'some 200000 2000000' | base64` says. */
	setenv("MEMORY_PRESSURE_WRITE", "c29tZSAyMDAwMDAgMjAwMDAwMA==", true);
	stall = stall_open_environment(stage.event, count, &seen);
	peer = accept(listener, NULL, NULL);
	tap_ok(stall && is_greeted(peer, "some 200000 2000000"),
	       "a socket: what is to be written, is");
	write(peer, "!!", 2);
	sd_event_run(stage.event, UINT64_MAX);
	sd_event_run(stage.event, 0);
	tap_ok(seen == 1, "what it says, it says once");
	close(peer);
	sd_event_run(stage.event, UINT64_MAX);
	seen = 0;
	tap_ok(!sd_event_run(stage.event, 0) && !seen,
	       "when the other side is gone, that is all");
	stall_close(stall);
	close(listener);
	no_source();
	stage_clear(&stage);
}

static void test_greetings(void)
{
	static const char *const bad[] = { "a", "abc", "ab!=", "====", "a===" };
	struct stage stage;
	unsigned int seen = 0;
	bool refused = true;

	stage_set(&stage, mounts_v2);
	mkfifo(name_source(&stage.tree, "fifo"), 0600);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		setenv("MEMORY_PRESSURE_WRITE", bad[i], true);
		refused = refused &&
			  !stall_open_environment(stage.event, count, &seen) &&
			  errno == EINVAL;
	}
	tap_ok(refused, "what is to be written is not base64: EINVAL");
	no_source();
	stage_clear(&stage);
}

/* A process in a cgroup that has room, and a FIFO that reports stalls. */
static int begin(struct stage *stage)
{
	int fd;

	stage_set(stage, mounts_v2);
	stage_cgroup(stage, "/a", 50 * MIB, 40 * MIB, "memory.max", 100 * MIB);
	stage_process(stage, 1, "/a");
	mkfifo(name_source(&stage->tree, "fifo"), 0600);
	stage_start(stage);
	fd = open(getenv("MEMORY_PRESSURE_WATCH"), O_WRONLY | O_CLOEXEC);
	no_source();
	return fd;
}

static void test_step(void)
{
	struct stage stage;
	int fd = begin(&stage);

	pressure_add(stage.pressure, 1);
	pressure_look(stage.pressure);
	write(fd, "x", 1);
	while (!stage.calls)
		sd_event_run(stage.event, UINT64_MAX);
	tap_ok(stage.cgroups[0].freed == MIB && stage.machine == 1,
	       "a FIFO reports stalls: one step, though there is room");
	stage_pass(&stage, 10 * SECOND);
	tap_ok(stage.calls == 1, "and no more");
	close(fd);
	stage_clear(&stage);
}

/* Its stalls are the machine's as well, but not its fault. */
static void test_not_the_machine(void)
{
	struct stage stage;
	struct stage_cgroup *roomy;
	unsigned int events = 0;
	int fd = begin(&stage);

	roomy = &stage.cgroups[0];
	stage_cgroup(&stage, "/b", 99 * MIB, 40 * MIB, "memory.max", 100 * MIB);
	stage_process(&stage, 2, "/b");
	pressure_add(stage.pressure, 1);
	pressure_add(stage.pressure, 2);
	write(fd, "x", 1);
	/* The FIFO, and the timer. */
	while (events < 2)
		events += sd_event_run(stage.event, UINT64_MAX) > 0;
	stage_pass(&stage, SECOND);
	tap_ok(stage.cgroups[1].freed && !roomy->freed && !stage.machine,
	       "stalls while a cgroup is tight: purged there only");
	close(fd);
	stage_clear(&stage);
}

static void test_nobody(void)
{
	struct stage stage;
	int fd = begin(&stage);

	write(fd, "x", 1);
	sd_event_run(stage.event, UINT64_MAX);
	tap_ok(!sd_event_run(stage.event, 0) && !stage.calls,
	       "stalls without clients: nothing");
	close(fd);
	stage_clear(&stage);
}

static void test_loop(void)
{
	struct stage stage;

	stage_set(&stage, mounts_v2);
	stage_cgroup(&stage, "/a", 99 * MIB, 40 * MIB, "memory.max", 100 * MIB);
	stage_process(&stage, 1, "/a");
	stage_start(&stage);
	pressure_add(stage.pressure, 1);
	while (!stage.calls)
		sd_event_run(stage.event, UINT64_MAX);
	tap_ok(stage.cgroups[0].freed, "with no source, the numbers do");
	stage_clear(&stage);
}

void test_stalls(void)
{
	test_refused();
	test_socket();
	test_greetings();
	test_step();
	test_not_the_machine();
	test_nobody();
	test_loop();
}
