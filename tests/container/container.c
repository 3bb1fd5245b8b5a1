/* SPDX-License-Identifier: MIT */
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "android.h"

#define ROOT	"/tmp/container"

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	printf("Bail out! cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static int status_of(pid_t child)
{
	int status;

	require(waitpid(child, &status, 0) == child, "wait for a child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void write_map(const char *file, pid_t pid)
{
	char path[64], line[64];
	int length = snprintf(line, sizeof(line), "0 %d %d\n",
			      CONTAINER_FIRST_UID, CONTAINER_UIDS);
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	require(fd >= 0 && write(fd, line, length) == length, "map users");
	close(fd);
}

/* A place in the container's /dev, with what is there outside by a name. */
static void bind_node(const char *place, const char *outside)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), ROOT "%s", place);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	require(fd >= 0 && fchmod(fd, 0666) == 0,
		"make a place for the device");
	close(fd);
	require(!outside || mount(outside, path, NULL, MS_BIND, NULL) == 0,
		"bind the device there");
}

/* As a container's hook may, from outside. */
static void link_node(void)
{
	char path[128];

	snprintf(path, sizeof(path), ROOT "%s", android_device());
	require(symlink("ashmem", path) == 0, "link the device's name to it");
}

static void make_nodes(enum container_nodes nodes)
{
	const char *device = ANDROID_OLD_DEVICE;

	if (nodes == CONTAINER_BOTH || nodes == CONTAINER_OLD ||
	    nodes == CONTAINER_LINK)
		bind_node(ANDROID_OLD_DEVICE, device);
	if (nodes == CONTAINER_BOTH || nodes == CONTAINER_BOOT_ID)
		bind_node(android_device(), device);
	if (nodes == CONTAINER_LINK)
		link_node();
	if (nodes == CONTAINER_FILE)
		bind_node(android_device(), NULL);
	if (nodes == CONTAINER_OTHER)
		bind_node(android_device(), "/dev/null");
}

static void make_root(enum container_nodes nodes)
{
	require(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0,
		"have mounts apart");
	require(mount("container", ROOT, "tmpfs", 0, "mode=0755") == 0,
		"mount a root directory");
	require(mkdir(ROOT "/dev", 0755) == 0 &&
		mkdir(ROOT "/proc", 0555) == 0, "make directories");
	require(mount("proc", ROOT "/proc", "proc", 0, NULL) == 0,
		"mount /proc");
	make_nodes(nodes);
	require(chroot(ROOT) == 0 && chdir("/") == 0, "enter it");
}

static void become_app(void)
{
	require(setgroups(0, NULL) == 0, "leave all groups");
	require(setresgid(CONTAINER_APP_UID, CONTAINER_APP_UID,
			  CONTAINER_APP_UID) == 0, "change the group");
	require(setresuid(CONTAINER_APP_UID, CONTAINER_APP_UID,
			  CONTAINER_APP_UID) == 0, "change the user");
}

/* In the namespaces, but for the processes'; @ready ends once users are mapped. */
static int enter(int ready, enum container_nodes nodes, int (*inside)(void))
{
	char nothing;
	pid_t first;

	require(read(ready, &nothing, 1) == 0, "wait for users to be mapped");
	require(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0,
		"become the container's root");
	first = fork();
	require(first >= 0, "fork");
	if (first)
		return status_of(first);
	make_root(nodes);
	become_app();
	return inside();
}

int container_run(enum container_kind kind, enum container_nodes nodes,
		  int (*inside)(void))
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
	int unshared[2], ready[2];
	char nothing;
	pid_t child;

	if (kind == CONTAINER_USERS)
		flags |= CLONE_NEWUSER;
	require(mkdir(ROOT, 0755) == 0 || errno == EEXIST, "make " ROOT);
	require(pipe2(unshared, O_CLOEXEC) == 0 &&
		pipe2(ready, O_CLOEXEC) == 0, "make pipes");
	child = fork();
	require(child >= 0, "fork");
	if (!child) {
		close(ready[1]);
		require(unshare(flags) == 0, "have namespaces of its own");
		close(unshared[0]);
		close(unshared[1]);
		exit(enter(ready[0], nodes, inside));
	}
	close(unshared[1]);
	require(read(unshared[0], &nothing, 1) == 0, "wait for the namespaces");
	if (kind == CONTAINER_USERS) {
		write_map("uid_map", child);
		write_map("gid_map", child);
	}
	close(ready[0]);
	close(ready[1]);
	return status_of(child);
}
