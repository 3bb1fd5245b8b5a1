/* SPDX-License-Identifier: MIT */
/*
 * Does Android's user space get from a container what it needs? Runs in the
 * virtual machine as root, with the module loaded:
 *
 *	container privileged | users
 *
 * makes a container with the device in it, and uses that as an app; and then
 * containers that lack it in one way or another.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ashmem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "android.h"
#include "answering.h"
#include "container.h"
#include "tap.h"

#define PAGES	4
#define REGIONS	16

static size_t page;

static int new_region(const char *name)
{
	int fd = android_create(ANDROID_16, name, PAGES * page);

	if (fd < 0)
		tap_note("cannot create a region: %s", strerror(errno));
	return fd;
}

static char *map(int fd, int prot)
{
	return mmap(NULL, PAGES * page, prot, MAP_SHARED, fd, 0);
}

/* A region of its own for each test, all of it mapped; NULL if there is none. */
static char *new_map(int *fd)
{
	char *at;

	*fd = new_region("test");
	at = *fd < 0 ? MAP_FAILED : map(*fd, PROT_READ | PROT_WRITE);
	if (at != MAP_FAILED)
		return at;
	tap_note("cannot map it: %s", strerror(errno));
	if (*fd >= 0)
		close(*fd);
	return NULL;
}

static void drop(int fd, char *at)
{
	munmap(at, PAGES * page);
	close(fd);
}

/* Runs something in a child; did it succeed there? */
static bool in_child(bool (*run)(int fd, char *at), int fd, char *at)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(run(fd, at) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool is_app(void)
{
	return getuid() == CONTAINER_APP_UID && geteuid() == CONTAINER_APP_UID &&
	       open("/proc/1/mem", O_RDWR | O_CLOEXEC) < 0;
}

static bool is_character_device(void)
{
	struct stat old, new;

	return stat(ANDROID_OLD_DEVICE, &old) == 0 &&
	       lstat(android_device(), &new) == 0 && S_ISCHR(new.st_mode) &&
	       new.st_rdev && old.st_rdev == new.st_rdev;
}

static bool others_may_open(void)
{
	struct stat status;

	return stat(android_device(), &status) == 0 &&
	       (status.st_mode & 07777) == 0666;
}

static bool create_and_close(void)
{
	int fd = new_region("a region");
	bool good = fd >= 0 && android_valid(fd) &&
		    fcntl(fd, F_GETFD) == FD_CLOEXEC;

	return good && close(fd) == 0 && !android_valid(fd);
}

static bool is_sized(void)
{
	int fd = new_region(NULL);
	bool good = fd >= 0 && android_size(fd) == (int)(PAGES * page);

	close(fd);
	return good;
}

/* The line of /proc/self/maps with that address ends in that path. */
static bool maps_say(const char *at, const char *path)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024], *found;
	unsigned long start;
	bool says = false;

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-", &start) != 1 ||
		    start != (unsigned long)at)
			continue;
		found = strchr(line, '/');
		says = found && !strncmp(found, path, strlen(path));
		if (!says)
			tap_note("%s", line);
	}
	if (maps)
		fclose(maps);
	return says;
}

static bool is_named(void)
{
	int fd = new_region("dalvik-main space");
	char *at = map(fd, PROT_READ | PROT_WRITE);
	char name[ASHMEM_NAME_LEN];
	bool good = at != MAP_FAILED &&
		    ioctl(fd, ASHMEM_GET_NAME, name) == 0 &&
		    !strcmp(name, "dalvik-main space") &&
		    maps_say(at, "/dev/ashmem/dalvik-main space");

	drop(fd, at);
	return good;
}

static bool shares(void)
{
	int fd;
	char *at = new_map(&fd), *again;
	bool good;

	if (!at)
		return false;
	again = map(fd, PROT_READ);
	good = again != MAP_FAILED && !again[0] && !again[PAGES * page - 1];
	memset(at, 7, PAGES * page);
	good = good && !memcmp(at, again, PAGES * page);
	munmap(again, PAGES * page);
	drop(fd, at);
	return good;
}

static bool protects(void)
{
	int fd;
	char *at = new_map(&fd);
	bool good;

	if (!at)
		return false;
	good = android_protection(fd) == (PROT_READ | PROT_WRITE | PROT_EXEC) &&
	       android_set_protection(fd, PROT_READ) == 0 &&
	       android_protection(fd) == PROT_READ &&
	       map(fd, PROT_READ | PROT_WRITE) == MAP_FAILED && errno == EPERM &&
	       android_set_protection(fd, PROT_READ | PROT_WRITE) < 0 &&
	       errno == EINVAL;
	munmap(at, PAGES * page);
	at = map(fd, PROT_READ);
	good = good && at != MAP_FAILED &&
	       mprotect(at, page, PROT_READ | PROT_WRITE) < 0 &&
	       errno == EACCES;
	drop(fd, at);
	return good;
}

static bool seek(int fd, off_t offset, int whence, off_t expected)
{
	off_t result = lseek(fd, offset, whence);

	if (result == expected)
		return true;
	tap_note("lseek(%jd, %d): %jd, not %jd", (intmax_t)offset, whence,
		 (intmax_t)result, (intmax_t)expected);
	return false;
}

/* Only the second page has memory. */
static bool seeks(void)
{
	int fd;
	char *at = new_map(&fd);
	off_t size = PAGES * page, one = page;
	char read_back = 0;
	bool good;

	if (!at)
		return false;
	at[page] = 'x';
	good = seek(fd, 0, SEEK_END, size) && seek(fd, 0, SEEK_SET, 0) &&
	       seek(fd, 3, SEEK_CUR, 3) && seek(fd, 0, SEEK_DATA, one) &&
	       seek(fd, 0, SEEK_HOLE, 0) && seek(fd, one, SEEK_HOLE, 2 * one) &&
	       seek(fd, one + 1, SEEK_DATA, one + 1) &&
	       seek(fd, 2 * one, SEEK_DATA, -1) && errno == ENXIO &&
	       seek(fd, one, SEEK_SET, one) && read(fd, &read_back, 1) == 1 &&
	       read_back == 'x' && seek(fd, 0, SEEK_CUR, one + 1);
	drop(fd, at);
	return good;
}

static bool write_all(int fd, char *at)
{
	bool good = at[0] == 'p' && android_valid(fd);

	memset(at, 'c', PAGES * page);
	return good;
}

static bool is_forked(void)
{
	int fd;
	char *at = new_map(&fd);
	bool good;

	if (!at)
		return false;
	memset(at, 'p', PAGES * page);
	good = in_child(write_all, fd, at) && at[0] == 'c' &&
	       at[PAGES * page - 1] == 'c';
	drop(fd, at);
	return good;
}

static bool take_writing(int fd, char *at)
{
	(void)at;
	return android_set_protection(fd, PROT_READ) == 0;
}

static bool is_protected_by_child(void)
{
	int fd;
	char *at = new_map(&fd);
	bool good;

	if (!at)
		return false;
	good = in_child(take_writing, fd, at) &&
	       android_protection(fd) == PROT_READ &&
	       map(fd, PROT_WRITE) == MAP_FAILED && errno == EPERM;
	/* What was mapped before stays writable. */
	at[0] = 1;
	drop(fd, at);
	return good;
}

static bool fill_each(int fd, char *at)
{
	(void)fd;
	for (int i = 0; i < REGIONS; i++)
		memset(((char **)at)[i], i + 1, PAGES * page);
	return true;
}

static bool many_are_forked(void)
{
	char *at[REGIONS];
	int fds[REGIONS], made = 0;
	bool good;

	while (made < REGIONS && (at[made] = new_map(&fds[made])))
		made++;
	good = made == REGIONS && in_child(fill_each, -1, (char *)at);
	for (int i = 0; i < made; i++) {
		good = good && at[i][0] == i + 1 &&
		       at[i][PAGES * page - 1] == i + 1;
		drop(fds[i], at[i]);
	}
	return good;
}

static bool send_descriptor(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = "";
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1;
}

static int receive_descriptor(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 &&
	    CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* Another process makes a region, and sends it here. */
static bool send_region(int socket, char *at)
{
	int fd;

	at = new_map(&fd);
	if (!at)
		return false;
	strcpy(at, "sent");
	return send_descriptor(socket, fd);
}

static bool is_received(void)
{
	int sockets[2], fd = -1;
	char *at = MAP_FAILED;
	bool good;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return false;
	good = in_child(send_region, sockets[1], NULL);
	if (good)
		fd = receive_descriptor(sockets[0]);
	if (fd >= 0)
		at = map(fd, PROT_READ);
	good = at != MAP_FAILED && android_valid(fd) && !strcmp(at, "sent");
	if (fd >= 0)
		drop(fd, at);
	close(sockets[0]);
	close(sockets[1]);
	return good;
}

static bool pins(void)
{
	int fd;
	char *at = new_map(&fd);
	bool good;

	if (!at)
		return false;
	at[page] = 'x';
	good = android_pin_status(fd, 0, 0) == ASHMEM_IS_PINNED &&
	       android_unpin(fd, page, page) == 0 &&
	       android_pin_status(fd, page, page) == ASHMEM_IS_UNPINNED &&
	       android_pin_status(fd, 0, page) == ASHMEM_IS_PINNED &&
	       android_pin(fd, 0, 0) == ASHMEM_NOT_PURGED && at[page] == 'x' &&
	       android_pin_status(fd, 0, 0) == ASHMEM_IS_PINNED &&
	       android_unpin(fd, 1, page) < 0 && errno == EINVAL;
	drop(fd, at);
	return good;
}

static bool maps_privately(void)
{
	int fd;
	char *at = new_map(&fd), *own;
	bool good;

	if (!at)
		return false;
	at[0] = 's';
	own = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	good = own != MAP_FAILED && own[0] == 's';
	if (good)
		own[0] = 'p';
	good = good && at[0] == 's';
	munmap(own, page);
	drop(fd, at);
	return good;
}

/* What is chosen: a memfd, or an area of the device? Neither if it fails. */
static bool chooses(bool use_memfd, bool memfd)
{
	int fd = android_choose(use_memfd, "chosen", PAGES * page);
	bool is_memfd = fd >= 0 && fcntl(fd, F_GET_SEALS) >= 0;
	bool good = fd >= 0 && is_memfd == memfd &&
		    android_size(fd) == (int)(PAGES * page) &&
		    android_valid(fd) == !memfd &&
		    map(fd, PROT_READ | PROT_WRITE) != MAP_FAILED;

	if (!good)
		tap_note("sys.use_memfd %d: descriptor %d, memfd %d", use_memfd,
			 fd, is_memfd);
	if (fd >= 0)
		close(fd);
	return good;
}

static bool chooses_device(void)
{
	return !android_takes_memfds() && chooses(false, false) &&
	       chooses(true, false);
}

static bool chooses_as_told(void)
{
	return android_takes_memfds() && chooses(false, false) &&
	       chooses(true, true);
}

static bool chooses_memfds(void)
{
	return answering_run(chooses_as_told);
}

/**
 * struct test - a line of what Android's user space needs
 */
static const struct test {
	const char *name;
	bool (*holds)(void);
} tests[] = {
	{ "an app has no privilege there", is_app },
	{ "a memfd does not answer, so the device is taken whatever "
	  "sys.use_memfd says", chooses_device },
	{ "where the kernel answers for memfds, one is taken if that says so",
	  chooses_memfds },
	{ "/dev/ashmem<boot id> is a character device, the same as /dev/ashmem",
	  is_character_device },
	{ "all users may open it", others_may_open },
	{ "an app creates a region, which is told from other descriptors",
	  create_and_close },
	{ "it has the size that was set", is_sized },
	{ "it has the name that was set, also in /proc/PID/maps", is_named },
	{ "it is zero-filled, and all maps show the same", shares },
	{ "a protection once taken is gone", protects },
	{ "seeks find data and holes, and reads read there", seeks },
	{ "a forked child shares it", is_forked },
	{ "a protection that a child takes is gone for the parent",
	  is_protected_by_child },
	{ "a forked child shares many", many_are_forked },
	{ "a descriptor that was sent is the same region", is_received },
	{ "pages are pinned and unpinned", pins },
	{ "a private map shows the content, and keeps its writes",
	  maps_privately },
};

/* Is it refused with that error, or, for 0, taken? */
static bool opens(enum android_release release, int error)
{
	int fd = android_create(release, "region", PAGES * page), found = errno;
	bool good = error ? fd < 0 && found == error : android_valid(fd);

	if (!good)
		tap_note("Android %d: descriptor %d, %s",
			 release == ANDROID_15 ? 15 : 16, fd,
			 strerror(found));
	if (fd >= 0)
		close(fd);
	return good;
}

static int takes_old(void)
{
	return !(opens(ANDROID_15, 0) && opens(ANDROID_16, ENOENT));
}

static int takes_either(void)
{
	return !(opens(ANDROID_15, 0) && opens(ANDROID_16, 0));
}

static int finds_none(void)
{
	return !(opens(ANDROID_15, ENOENT) && opens(ANDROID_16, ENOENT));
}

static int refuses(void)
{
	return !(opens(ANDROID_15, ENOTTY) && opens(ANDROID_16, ENOTTY));
}

/**
 * struct lack - a container with other nodes, and what comes of it
 */
static const struct lack {
	const char *name;
	enum container_nodes nodes;
	int (*holds)(void);
} lacks[] = {
	{ "without the name with the boot id, Android 15 takes the other, and "
	  "16 says that there is none", CONTAINER_OLD, takes_old },
	{ "without the other, both take the one with the boot id",
	  CONTAINER_BOOT_ID, takes_either },
	{ "a link is as good as a node", CONTAINER_LINK, takes_either },
	{ "without either, both say that there is none", CONTAINER_NONE,
	  finds_none },
	{ "a file of that name is refused", CONTAINER_FILE, refuses },
	{ "another device of that name does not answer, and is refused",
	  CONTAINER_OTHER, refuses },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Returns how many have failed. */
static int run_all(void)
{
	for (size_t i = 0; i < COUNT(tests); i++)
		tap_ok(tests[i].holds(), "%s", tests[i].name);
	return tap_failed;
}

static int run_in(enum container_kind kind)
{
	page = sysconf(_SC_PAGESIZE);
	tap_failed = container_run(kind, CONTAINER_BOTH, run_all);
	tap_count = COUNT(tests);
	for (size_t i = 0; i < COUNT(lacks); i++)
		tap_ok(container_run(kind, lacks[i].nodes, lacks[i].holds) == 0,
		       "%s", lacks[i].name);
	return tap_done();
}

int main(int count, char **arguments)
{
	if (count == 2 && !strcmp(arguments[1], "privileged"))
		return run_in(CONTAINER_PRIVILEGED);
	if (count == 2 && !strcmp(arguments[1], "users"))
		return run_in(CONTAINER_USERS);
	fputs("usage: container privileged | users\n", stderr);
	return 2;
}
