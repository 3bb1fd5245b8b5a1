/* SPDX-License-Identifier: MIT */
/*
 * The driver when memory runs out, at every single point.
 *
 * Each step is a call that takes memory. It is made again and again with the
 * first, the second, the third allocation failing, and so on until it takes
 * fewer. Each time it must either work or fail with ENOMEM and have changed
 * nothing, and what it did not need it must have given back: that is for
 * kmemleak to judge, once the module is gone.
 *
 * Runs as root on the debug kernel, with the module loaded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/ashmem.h>

#include "injection.h"
#include "loading.h"
#include "tap.h"

#define PAGES		16
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"

static size_t page_size;

/* An area in the state that a step starts from. */
struct subject {
	int fd;
	char *area;
};

/**
 * struct step - a call that may run out of memory
 * @name:     what is tested
 * @prepare:  makes the subject; nothing fails in it
 * @act:      the call. Returns 0, or -1 with errno
 * @undone:   did a call that failed change nothing?
 * @done:     did a call that worked do its work?
 */
struct step {
	const char *name;
	void (*prepare)(struct subject *subject);
	int (*act)(struct subject *subject);
	bool (*undone)(struct subject *subject);
	bool (*done)(struct subject *subject);
};

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	printf("Bail out! cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static int pin_call(int fd, unsigned long command, unsigned int page,
		    unsigned int pages)
{
	struct ashmem_pin pin = {
		.offset = (unsigned int)(page * page_size),
		.len = (unsigned int)(pages * page_size),
	};

	return ioctl(fd, command, &pin);
}

static bool is_pinned(int fd, unsigned int page, unsigned int pages)
{
	return pin_call(fd, ASHMEM_GET_PIN_STATUS, page, pages) ==
	       ASHMEM_IS_PINNED;
}

static void prepare_nothing(struct subject *subject)
{
	subject->fd = -1;
	subject->area = MAP_FAILED;
}

static void prepare_sized(struct subject *subject)
{
	prepare_nothing(subject);
	subject->fd = open(DEVICE_PATH, O_RDWR | O_CLOEXEC);
	require(subject->fd >= 0, "open " DEVICE_PATH);
	require(!ioctl(subject->fd, ASHMEM_SET_SIZE, PAGES * page_size),
		"set a size");
	require(!ioctl(subject->fd, ASHMEM_SET_NAME, "fault"), "set a name");
}

static void prepare_mapped(struct subject *subject)
{
	prepare_sized(subject);
	subject->area = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
			     MAP_SHARED, subject->fd, 0);
	require(subject->area != MAP_FAILED, "map an area");
}

static void prepare_filled(struct subject *subject)
{
	prepare_mapped(subject);
	for (size_t i = 0; i < PAGES; i++)
		subject->area[i * page_size] = (char)(i + 1);
}

static void prepare_unpinned(struct subject *subject)
{
	prepare_filled(subject);
	require(!pin_call(subject->fd, ASHMEM_UNPIN, 0, PAGES), "unpin");
}

/* Every second page is unpinned, and all but the last two of these purged. */
static void prepare_striped(struct subject *subject)
{
	prepare_filled(subject);
	for (unsigned int i = 0; i < PAGES - 4; i += 2)
		require(!pin_call(subject->fd, ASHMEM_UNPIN, i, 1), "unpin");
	require(ioctl(subject->fd, ASHMEM_PURGE_ALL_CACHES) >= 0, "purge");
	for (unsigned int i = PAGES - 4; i < PAGES; i += 2)
		require(!pin_call(subject->fd, ASHMEM_UNPIN, i, 1), "unpin");
}

static void finish(struct subject *subject)
{
	if (subject->area != MAP_FAILED)
		munmap(subject->area, PAGES * page_size);
	if (subject->fd >= 0)
		close(subject->fd);
}

static int act_open(struct subject *subject)
{
	subject->fd = open(DEVICE_PATH, O_RDWR | O_CLOEXEC);
	return subject->fd < 0 ? -1 : 0;
}

static bool open_undone(struct subject *subject)
{
	return subject->fd == -1;
}

static bool open_done(struct subject *subject)
{
	return ioctl(subject->fd, ASHMEM_GET_SIZE) == 0;
}

static int act_map(struct subject *subject)
{
	subject->area = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
			     MAP_SHARED, subject->fd, 0);
	return subject->area == MAP_FAILED ? -1 : 0;
}

/* The file may be there by then, but then it is whole: mapping it works. */
static bool map_undone(struct subject *subject)
{
	return subject->area == MAP_FAILED && !act_map(subject) &&
	       !subject->area[0];
}

static bool map_done(struct subject *subject)
{
	return !subject->area[PAGES * page_size - 1];
}

/* A fault that gets no memory is taken again, so this cannot fail. */
static int act_touch(struct subject *subject)
{
	for (size_t i = 0; i < PAGES; i++)
		((volatile char *)subject->area)[i * page_size] = (char)(i + 1);
	return 0;
}

static bool content_is_there(struct subject *subject)
{
	for (size_t i = 0; i < PAGES; i++)
		if (subject->area[i * page_size] != (char)(i + 1))
			return false;
	return true;
}

static int act_unpin_all(struct subject *subject)
{
	return pin_call(subject->fd, ASHMEM_UNPIN, 0, PAGES);
}

static bool unpin_all_undone(struct subject *subject)
{
	return is_pinned(subject->fd, 0, PAGES) && content_is_there(subject);
}

static bool unpin_all_done(struct subject *subject)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (is_pinned(subject->fd, i, 1))
			return false;
	return content_is_there(subject);
}

static bool unpin_gaps_undone(struct subject *subject)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (is_pinned(subject->fd, i, 1) != i % 2)
			return false;
	return true;
}

static bool unpin_gaps_done(struct subject *subject)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (pin_call(subject->fd, ASHMEM_PIN, i, 1) !=
		    (i % 2 == 0 && i < PAGES - 4))
			return false;
	return true;
}

static int act_pin_middle(struct subject *subject)
{
	int result = pin_call(subject->fd, ASHMEM_PIN, 5, 3);

	return result == ASHMEM_NOT_PURGED ? 0 : -1;
}

static bool pin_middle_done(struct subject *subject)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (is_pinned(subject->fd, i, 1) != (i >= 5 && i < 8))
			return false;
	return content_is_there(subject);
}

/* Purging must not need memory that could be missing. */
static int act_purge(struct subject *subject)
{
	return ioctl(subject->fd, ASHMEM_PURGE_ALL_CACHES) == PAGES ? 0 : -1;
}

static bool purge_done(struct subject *subject)
{
	return pin_call(subject->fd, ASHMEM_PIN, 0, PAGES) ==
	       ASHMEM_WAS_PURGED && !subject->area[0];
}

static bool never(struct subject *subject)
{
	(void)subject;
	return false;
}

static const struct step steps[] = {
	{ "open", prepare_nothing, act_open, open_undone, open_done },
	{ "first mmap", prepare_sized, act_map, map_undone, map_done },
	{ "later mmap", prepare_mapped, act_map, map_undone, map_done },
	{ "first touch", prepare_mapped, act_touch, never, content_is_there },
	{ "unpin", prepare_filled, act_unpin_all,
	  unpin_all_undone, unpin_all_done },
	{ "unpin of many gaps", prepare_striped, act_unpin_all,
	  unpin_gaps_undone, unpin_gaps_done },
	{ "pin that splits", prepare_unpinned, act_pin_middle,
	  unpin_all_done, pin_middle_done },
	{ "purge", prepare_unpinned, act_purge, never, purge_done },
};

/* Runs a step with its Nth allocation failing. Returns true if one failed. */
static bool run_step(const struct step *step, unsigned int nth, bool *right)
{
	struct subject subject;
	int result, error;
	bool injected;
	char *mapped;

	step->prepare(&subject);
	mapped = subject.area;
	injection_arm(nth);
	result = step->act(&subject);
	error = errno;
	injected = injection_disarm();

	if (!result)
		*right = step->done(&subject);
	else
		*right = injected && error == ENOMEM && step->undone(&subject);
	if (!*right)
		tap_note("allocation %u failing: result %d, errno %d (%s)",
			 nth, result, error, strerror(error));

	finish(&subject);
	if (mapped != MAP_FAILED && mapped != subject.area)
		munmap(mapped, PAGES * page_size);
	return injected;
}

static void test_step(const struct step *step)
{
	unsigned int nth = 1;
	bool right = true;

	while (run_step(step, nth, &right) && right)
		nth++;
	tap_ok(right, "fault: %s", step->name);
	tap_note("%u allocations failed, one after another", nth - 1);
}

static void tell_kmemleak(const char *what)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && write(fd, what, strlen(what)) > 0,
		"write " KMEMLEAK);
	close(fd);
}

/* Counts kmemleak's reports, but for those that have @excused in the stack. */
static unsigned int count_leaks(const char *excused)
{
	FILE *file = fopen(KMEMLEAK, "r");
	bool in_report = false, is_excused = false;
	unsigned int leaks = 0;
	char line[256];

	require(file, "open " KMEMLEAK);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "unreferenced object", 19)) {
			leaks += in_report && !is_excused;
			in_report = true;
			is_excused = false;
		}
		is_excused |= strstr(line, excused) != NULL;
	}
	fclose(file);
	return leaks + (in_report && !is_excused);
}

/*
 * A slab cache that the kernel fails to make leaks its name in sysfs: a fault
 * of Linux 6.12, which is not for this test. kmemleak speaks of nothing that is
 * younger than five seconds.
 */
static void test_leaks(void)
{
	if (access(KMEMLEAK, F_OK)) {
		tap_skip("fault: whatever fails, all is given back",
			 "this kernel has no kmemleak");
		return;
	}
	sleep(6);
	tell_kmemleak("scan");
	tell_kmemleak("scan");
	tap_ok(!count_leaks("sysfs_slab_add"),
	       "fault: whatever fails, all is given back");
	tell_kmemleak("clear");
}

/* How many allocations come before the module's own start. */
static unsigned int count_loader_allocations(void)
{
	const unsigned int many = 1000000;
	unsigned int count;

	injection_arm(many);
	require(module_load("mode=010000") && errno == EINVAL,
		"load the module with a bad parameter");
	count = injection_count(many);
	injection_disarm();
	return count;
}

/*
 * Each allocation of the module's start, so that all of it is undone once. A
 * few of the kernel's loader come along: it is not known where they end.
 */
static void test_load(void)
{
	unsigned int nth, first, refused = 0;
	bool right = true, injected = true;

	require(!module_unload(), "unload the module");
	first = count_loader_allocations();
	first -= first / 8;
	for (nth = first; injected && right; nth++) {
		int result;

		injection_arm(nth);
		result = module_load("");
		injected = injection_disarm();
		if (result) {
			refused++;
			right = injected && !module_is_loaded() &&
				access(DEVICE_PATH, F_OK);
			continue;
		}
		right = !access(DEVICE_PATH, F_OK);
		require(!module_unload(), "unload the module");
	}
	tap_ok(right, "fault: loading the module");
	tap_note("%u allocations failed; %u of these refused the module",
		 nth - 1 - first, refused);
	test_leaks();
	require(!module_load(""), "load the module again");
}

int main(void)
{
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	if (!injection_prepare()) {
		fprintf(stderr, "fault: this kernel cannot inject faults (%s): "
			"run this by tests/vm/run --kernel debug\n",
			strerror(errno));
		return 2;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		test_step(&steps[i]);
	test_load();
	return tap_done();
}
