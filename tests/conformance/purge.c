// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 4: PURGE_ALL_CACHES and GET_FILE_ID. */
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "maps.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES	8

/* By page numbers. */
static long pin(const struct area *area, size_t start, size_t end)
{
	return engine->pin(area->fd, start * page, (end - start) * page);
}

static long unpin(const struct area *area, size_t start, size_t end)
{
	return engine->unpin(area->fd, start * page, (end - start) * page);
}

static long purge(const struct area *area)
{
	return engine->purge_all(area->fd);
}

static void purge_all_purges_and_counts(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 1, 3), 0);
	must_be(unpin(&area, 5, 6), 0);
	must_be(purge(&area), 3);
	for (size_t i = 0; i < PAGES; i++)
		must(page_holds(area.at, i, i == 1 || i == 2 || i == 5 ?
				0 : 'a'));
}

static void purge_all_counts_once(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, 3), 0);
	must_be(purge(&area), 3);
	must_be(purge(&area), 0);
	must_be(unpin(&area, 3, 4), 0);
	must_be(purge(&area), 1);
}

static void purge_all_counts_untouched_pages(void)
{
	struct area area = area_make(PAGES);

	page_fill(area.at, 1, 'a');
	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), 4);
	must_be(pin(&area, 3, 4), 1);
}

static void purge_all_is_for_all_areas(void)
{
	struct area first = area_make(PAGES), second = area_make(PAGES);
	int other = area_open();

	must_be(unpin(&first, 0, 3), 0);
	must_be(unpin(&second, 4, 8), 0);
	must_be(engine->purge_all(other), 7);
	must_be(pin(&first, 0, 3), 1);
	must_be(pin(&second, 4, 8), 1);
}

static void purge_all_of_nothing(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(purge(&area), 0);
	must_be(unpin(&area, 0, 4), 0);
	must_be(pin(&area, 0, 4), 0);
	must_be(purge(&area), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
}

static void purge_all_purges_what_was_touched_again(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), 4);
	pages_fill(area.at, 0, 4, 'b');
	must(purge(&area) >= 0);
	must(pages_hold(area.at, 0, 4, 0));
	must_be(pin(&area, 0, 4), 1);
}

static void purged_pages_can_be_written(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), 4);
	must(pages_hold(area.at, 0, 4, 0));
	must_be(pin(&area, 0, 4), 1);
	pages_fill(area.at, 0, 4, 'n');
	must_be(purge(&area), 0);
	must(pages_hold(area.at, 0, 4, 'n'));
}

#define LARGE_PAGES	"/sys/kernel/mm/transparent_hugepage/"

static bool large_pages_put(const char *text)
{
	int fd = open(LARGE_PAGES "shmem_enabled", O_WRONLY);
	ssize_t length = strlen(text);
	bool done = fd >= 0 && write(fd, text, length) == length;

	close(fd);
	return done;
}

/* The size of a large page, or 0 if there are none. */
static size_t large_page_size(void)
{
	FILE *file = fopen(LARGE_PAGES "hpage_pmd_size", "r");
	size_t size = 0;

	if (file && fscanf(file, "%zu", &size) != 1)
		size = 0;
	if (file)
		fclose(file);
	return size;
}

/* Maps an area where a large page of it can be mapped as one. */
static char *map_aligned(int fd, size_t size)
{
	char *room = mmap(NULL, 2 * size, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *at = room + (-(uintptr_t)room & (size - 1));

	must(room != MAP_FAILED);
	must(mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		  0) == at);
	return at;
}

/* A touch of one page gives memory to all; page 1 is pinned and keeps its. */
static void all_that_a_large_page_fills(void)
{
	size_t size = large_page_size();
	bool undone;
	char *at;
	int fd;

	if (!size)
		test_skip("no large pages");
	fd = area_open_sized(size);
	at = map_aligned(fd, size);
	must_be(engine->unpin(fd, 0, page), 0);
	must_be(engine->unpin(fd, 2 * page, 0), 0);
	must_be(engine->purge_all(fd), size / page - 1);
	if (!large_pages_put("force"))
		test_skip("no large pages in tmpfs");
	at[0] = 1;
	undone = large_pages_put("never");
	must(undone);
	if (area_pages_present(fd, size) < size / page)
		test_skip("no large page to be had");
	must(engine->purge_all(fd) >= 0);
	must(area_pages_present(fd, size) <= 1);
}

static void purge_all_gives_memory_back(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 2, 6), 0);
	must_be(purge(&area), 4);
	must_be(area_pages_present(area.fd, PAGES * page), PAGES - 4);
}

static void drop_admin(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	must(!syscall(SYS_capget, &header, data));
	data[CAP_SYS_ADMIN / 32].effective &= ~(1u << CAP_SYS_ADMIN % 32);
	must(!syscall(SYS_capset, &header, data));
}

static void purge_all_without_the_capability(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, 4), 0);
	drop_admin();
	must_be(purge(&area), -EPERM);
	must(pages_hold(area.at, 0, PAGES, 'a'));
	must_be(pin(&area, 0, 4), 0);
}

static void purge_all_as_a_user(void)
{
	struct area area = area_make(PAGES);

	must_be(unpin(&area, 0, 4), 0);
	must(!setgid(65534));
	must(!setuid(65534));
	must_be(purge(&area), -EPERM);
	must_be(pin(&area, 0, 4), 0);
}

static long purge_own(const struct job *job)
{
	struct area area;

	must(!setgid(65534));
	must(!setuid(65534));
	setenv("XDG_RUNTIME_DIR", job->at, 1);
	area = area_make(PAGES);
	must_be(unpin(&area, 2, 4), 0);
	return purge(&area);
}

/* A directory in the test's own, for another user. */
static void make_directory(char *path, size_t size)
{
	const char *own = getenv("XDG_RUNTIME_DIR");

	must(own && !chmod(own, 0711));
	must(snprintf(path, size, "%s/other", own) < (int)size);
	must(!mkdir(path, 0700));
	must(!chown(path, 65534, 65534));
}

static void purge_all_of_another_user(void)
{
	struct area area = area_make(PAGES);
	struct worker other;
	char directory[256];
	long pages;

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(&area, 0, 4), 0);
	make_directory(directory, sizeof(directory));
	other = worker_start();
	pages = worker_do(&other, &(struct job){ purge_own, .at = directory });
	if (pages == -EACCES)
		test_skip("another user cannot run ashmemd where it is");
	must_be(pages, 2);
	must(pages_hold(area.at, 0, PAGES, 'a'));
	must_be(purge(&area), 4);
}

/* Root of a user namespace is not root of the machine. */
static void purge_all_as_root_of_a_namespace(void)
{
	struct area area = area_make(PAGES);

	if (unshare(CLONE_NEWUSER))
		test_skip("no user namespaces");
	must_be(unpin(&area, 0, 4), 0);
	must_be(purge(&area), -EPERM);
	must_be(pin(&area, 0, 4), 0);
}

static void file_id_is_the_inode(void)
{
	struct area area = area_make(PAGES);

	must_be(area_id(area.fd), maps_find(area.at).inode);
}

static void file_id_of_no_file(void)
{
	int fd = area_open();
	uint64_t id;

	must_be(engine->file_id(fd, &id), -EINVAL);
	must_be(engine->set_size(fd, page), 0);
	must_be(engine->file_id(fd, &id), -EINVAL);
	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(engine->file_id(fd, &id), 0);
}

static const struct test tests[] = {
	{ "4 purge all: purges what is unpinned, returns the number of pages",
	  purge_all_purges_and_counts, { need_purge_all } },
	{ "4 purge all: counts a page once", purge_all_counts_once,
	  { need_purge_all } },
	{ "4 purge all: counts pages without memory",
	  purge_all_counts_untouched_pages, { need_purge_all } },
	{ "4 purge all: of every area", purge_all_is_for_all_areas,
	  { need_purge_all } },
	{ "4 purge all: leaves pinned pages alone", purge_all_of_nothing,
	  { need_purge_all } },
	{ "4 purge all: purges pages touched after they were purged",
	  purge_all_purges_what_was_touched_again,
	  { need_purging_twice, need_purge_all } },
	{ "5 purged: all that a large page fills can be purged again",
	  all_that_a_large_page_fills,
	  { need_root, need_device_file, need_purge_all } },
	{ "4 purge all: gives the memory back", purge_all_gives_memory_back,
	  { need_purge_all } },
	{ "5 purged: reads as zeros until it is written",
	  purged_pages_can_be_written, { need_purge_all } },
	{ "4 purge all: without CAP_SYS_ADMIN is EPERM",
	  purge_all_without_the_capability,
	  { need_root, need_privileged_purge_all } },
	{ "4 purge all: by another user is EPERM", purge_all_as_a_user,
	  { need_root, need_privileged_purge_all } },
	{ "4 purge all: by root of a user namespace is EPERM",
	  purge_all_as_root_of_a_namespace,
	  { need_root, need_privileged_purge_all } },
	{ "8 purge all: of a user purges nothing of another's",
	  purge_all_of_another_user, { need_own_purge_all } },
	{ "4 file id: the backing file's inode number",
	  file_id_is_the_inode },
	{ "4 file id: before the first mmap is EINVAL", file_id_of_no_file },
};

const struct test_group purge_tests = TEST_GROUP(tests);
