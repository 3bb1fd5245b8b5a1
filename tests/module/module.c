/* SPDX-License-Identifier: MIT */
/*
 * The driver as a module: its parameters and its alias, that it stays as long
 * as anybody uses it, and that it leaves nothing behind when it goes.
 *
 * Runs as root in the virtual machine, with the module loaded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ashmem.h>

#include "loading.h"
#include "tap.h"

#define CYCLES		100
#define PAGES		16

static size_t page_size;

/* For what a test needs but does not test. */
static void require(bool holds, const char *what)
{
	if (holds)
		return;
	printf("Bail out! cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool failed_with(int result, int error)
{
	if (result == -1 && errno == error)
		return true;
	tap_note("result %d, errno %d (%s)", result, errno, strerror(errno));
	return false;
}

static int open_area(void)
{
	int fd = open(DEVICE_PATH, O_RDWR | O_CLOEXEC);

	require(fd >= 0, "open " DEVICE_PATH);
	require(!ioctl(fd, ASHMEM_SET_SIZE, PAGES * page_size), "set a size");
	return fd;
}

static char *map_area(int fd)
{
	char *area = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);

	require(area != MAP_FAILED, "map an area");
	return area;
}

static int pin_call(int fd, unsigned long command)
{
	struct ashmem_pin pin = { 0, 0 };

	return ioctl(fd, command, &pin);
}

/* Everything once: memory of every kind that the driver takes. */
static bool use_area(void)
{
	int fd = open_area();
	char *area = map_area(fd);
	bool purged;

	memset(area, 1, PAGES * page_size);
	require(!pin_call(fd, ASHMEM_UNPIN), "unpin");
	require(ioctl(fd, ASHMEM_PURGE_ALL_CACHES) >= 0, "purge");
	purged = pin_call(fd, ASHMEM_PIN) == ASHMEM_WAS_PURGED && !area[0];
	munmap(area, PAGES * page_size);
	close(fd);
	return purged;
}

static void reload(const char *parameters)
{
	if (module_is_loaded())
		require(!module_unload(), "unload the module");
	require(!module_load(parameters), "load the module");
}

static void test_alias(void)
{
	static const char alias[] = "alias=ashmem_linux";
	FILE *file = fopen(MODULE_PATH, "rb");
	bool found = false;
	struct stat status;
	char *image;

	require(file && !fstat(fileno(file), &status), "open " MODULE_PATH);
	image = malloc((size_t)status.st_size);
	require(image && fread(image, 1, (size_t)status.st_size, file) ==
			 (size_t)status.st_size, "read " MODULE_PATH);
	for (off_t i = 0; i + (off_t)sizeof(alias) <= status.st_size; i++)
		found |= !memcmp(image + i, alias, sizeof(alias));
	free(image);
	fclose(file);
	tap_ok(found, "module: modprobe finds it as ashmem_linux");
}

static void test_mode(const char *parameters, mode_t mode, const char *name)
{
	struct stat status;

	reload(parameters);
	require(!stat(DEVICE_PATH, &status), "look at " DEVICE_PATH);
	tap_ok(S_ISCHR(status.st_mode) && (status.st_mode & 07777) == mode,
	       "%s", name);
}

static void test_bad_mode(void)
{
	require(!module_unload(), "unload the module");
	tap_ok(failed_with(module_load("mode=010000"), EINVAL) &&
	       !module_is_loaded() && access(DEVICE_PATH, F_OK),
	       "module: a mode that is no permission is EINVAL");
	reload("");
}

/* Forks a client that unpins; returns the errno it got, or 0. */
static int unpin_as_client(int fd)
{
	pid_t client = fork();
	int status;

	require(client >= 0, "fork");
	if (!client)
		_exit(pin_call(fd, ASHMEM_UNPIN) ? errno : 0);
	require(waitpid(client, &status, 0) == client && WIFEXITED(status),
		"wait for a client");
	return WEXITSTATUS(status);
}

static void test_legacy_unpin(void)
{
	int fd = open_area();
	char *area = map_area(fd);

	require(!ioctl(fd, ASHMEM_SET_PROT_MASK, PROT_READ), "set the mask");
	tap_ok(unpin_as_client(fd) == EPERM,
	       "module: by default a read-only client cannot unpin");
	munmap(area, PAGES * page_size);
	close(fd);

	reload("legacy_unpin=1");
	fd = open_area();
	area = map_area(fd);
	require(!ioctl(fd, ASHMEM_SET_PROT_MASK, PROT_READ), "set the mask");
	tap_ok(unpin_as_client(fd) == 0,
	       "module: with legacy_unpin a read-only client can unpin");
	munmap(area, PAGES * page_size);
	close(fd);
	reload("");
}

static void test_stays(void)
{
	int fd = open_area();
	char *area;

	tap_ok(failed_with(module_unload(), EWOULDBLOCK),
	       "module: stays while an area is open");

	area = map_area(fd);
	area[0] = 42;
	close(fd);
	tap_ok(failed_with(module_unload(), EWOULDBLOCK) && area[0] == 42,
	       "module: stays while an area is mapped, though closed");
	area[PAGES * page_size - 1] = 43;
	tap_ok(area[PAGES * page_size - 1] == 43,
	       "module: an area that is only mapped still gets pages");

	munmap(area, PAGES * page_size);
	tap_ok(!module_unload(), "module: goes once nobody uses it");
	reload("");
}

/* A child that inherits a mapping, and nothing else, keeps the module too. */
static void test_stays_for_child(void)
{
	int fd = open_area(), go[2], status;
	char *area = map_area(fd);
	pid_t child;
	char byte;

	require(!pipe(go), "make a pipe");
	child = fork();
	require(child >= 0, "fork");
	if (!child) {
		close(fd);
		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0);
	}
	munmap(area, PAGES * page_size);
	close(fd);
	tap_ok(failed_with(module_unload(), EWOULDBLOCK),
	       "module: stays while a forked child has the mapping");
	close(go[0]);
	close(go[1]);
	require(waitpid(child, &status, 0) == child, "wait for a child");
	tap_ok(!module_unload(), "module: goes once that child has ended");
	reload("");
}

/*
 * An inode that somebody privileged holds by its path outlives the area, and
 * the module. It must be of no use, and do no harm.
 */
static void test_path_outlives(void)
{
	int fd = open_area(), path, again;
	char *area = map_area(fd), name[64];

	strcpy(area, "secret");
	snprintf(name, sizeof(name), "/proc/self/map_files/%jx-%jx",
		 (uintmax_t)(uintptr_t)area,
		 (uintmax_t)(uintptr_t)area + PAGES * page_size);
	path = open(name, O_PATH | O_CLOEXEC);
	if (path < 0 && errno == ENOENT) {
		tap_skip("module: a path to the pages gives nothing",
			 "this kernel has no /proc/PID/map_files");
		munmap(area, PAGES * page_size);
		close(fd);
		return;
	}
	require(path >= 0, "get a path to the backing file");
	munmap(area, PAGES * page_size);
	close(fd);
	require(!module_unload(), "unload the module");

	snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
	again = open(name, O_RDONLY | O_CLOEXEC);
	memset(name, 0, sizeof(name));
	if (again >= 0) {
		require(pread(again, name, 6, 0) >= 0, "read what is left");
		close(again);
	}
	tap_ok(strcmp(name, "secret"),
	       "module: a path to the pages gives nothing after them");
	close(path);
	reload("");
}

/* The value of a line of /proc/meminfo, in kB. */
static unsigned long meminfo(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long value = 0;
	char line[128];

	require(file, "open /proc/meminfo");
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			value = strtoul(line + strlen(key), NULL, 10);
	fclose(file);
	return value;
}

/*
 * How many slab caches the driver shares memory with, or keeps. The kernel lets
 * caches of one size share; then only the number of names tells that one has
 * stayed.
 */
static unsigned long count_caches(void)
{
	static const char *const names[] = {
		"ashmem_area", "ashmem_range", "ashmem_memcg",
	};
	unsigned long sum = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64], value[16] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/aliases",
			 names[i]);
		file = fopen(path, "r");
		if (!file)
			continue;
		require(fgets(value, sizeof(value), file), path);
		sum += 1 + strtoul(value, NULL, 10);
		fclose(file);
	}
	return sum;
}

static void test_cycles(void)
{
	unsigned long percpu = 0, caches = 0, percpu_after, caches_after;
	int cycles;

	for (cycles = 0; cycles < CYCLES; cycles++) {
		reload("");
		if (!use_area())
			break;
		require(!module_unload(), "unload the module");
		if (!cycles) {
			percpu = meminfo("Percpu:");
			caches = count_caches();
		}
	}
	percpu_after = meminfo("Percpu:");
	caches_after = count_caches();

	tap_ok(cycles == CYCLES, "module: loads, works and goes %d times",
	       CYCLES);
	tap_ok(access(DEVICE_PATH, F_OK) && !module_is_loaded(),
	       "module: leaves no device behind");
	if (!tap_ok(caches_after == caches,
		    "module: leaves no slab cache behind"))
		tap_note("%lu, then %lu", caches, caches_after);
	if (!tap_ok(percpu_after == percpu,
		    "module: leaves no per-CPU memory behind"))
		tap_note("%lu kB, then %lu kB", percpu, percpu_after);
	reload("");
}

int main(void)
{
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	if (access(MODULE_PATH, R_OK)) {
		fputs("module: there is no " MODULE_PATH
		      ": run this by tests/vm/run\n", stderr);
		return 2;
	}

	test_alias();
	test_mode("", 0666, "module: the node's mode is 0666 by default");
	test_mode("mode=0640", 0640, "module: mode=0640 makes it 0640");
	test_bad_mode();
	test_legacy_unpin();
	test_stays();
	test_stays_for_child();
	test_path_outlives();
	test_cycles();
	return tap_done();
}
