// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 3: what /proc/PID/fdinfo/FD shows of an area. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PREFIX		"ashmem-"
#define LINE_SIZE	1400

static FILE *open_fdinfo(int fd)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	must(file);
	return file;
}

/* The line "ashmem-KEY:\tVALUE", from VALUE on. */
static void get_field(int fd, const char *key, char *value)
{
	FILE *file = open_fdinfo(fd);
	char line[LINE_SIZE], start[64];

	snprintf(start, sizeof(start), PREFIX "%s:\t", key);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, start, strlen(start)))
			continue;
		strcpy(value, line + strlen(start));
		fclose(file);
		return;
	}
	test_fail(__FILE__, __LINE__, "fdinfo has no " PREFIX "%s", key);
}

static void must_show(int fd, const char *key, const char *wanted)
{
	char value[LINE_SIZE];

	get_field(fd, key, value);
	if (strcmp(value, wanted))
		test_fail(__FILE__, __LINE__, "fdinfo says " PREFIX
			  "%s is \"%s\", not \"%s\"", key, value, wanted);
}

static void must_count(int fd, const char *pinned, const char *unpinned,
		       const char *purged)
{
	must_show(fd, "pinned", pinned);
	must_show(fd, "unpinned", unpinned);
	must_show(fd, "purged", purged);
}

static unsigned int count_fields(int fd)
{
	FILE *file = open_fdinfo(fd);
	unsigned int count = 0;
	char line[LINE_SIZE];

	while (fgets(line, sizeof(line), file))
		count += !strncmp(line, PREFIX, strlen(PREFIX));
	fclose(file);
	return count;
}

static void shows_the_name(void)
{
	int fd = area_open();

	must_show(fd, "name", "dev/ashmem");
	must_be(engine->set_name(fd, "my cache"), 0);
	must_show(fd, "name", "my cache");
}

static void shows_the_longest_name(void)
{
	char name[256];
	int fd = area_open();

	memset(name, 'n', 255);
	name[255] = '\0';
	must_be(engine->set_name(fd, name), 0);
	must_show(fd, "name", name);
}

static void name_forges_no_field(void)
{
	int fd = area_open_sized(page);
	unsigned int count = count_fields(fd);

	must_be(engine->set_name(fd, "a\n" PREFIX "size:\t1\n" PREFIX "b:\t"),
		0);
	must_be(count_fields(fd), count);
}

static void shows_the_size(void)
{
	int fd = area_open();

	must_show(fd, "size", "0");
	must_be(engine->set_size(fd, 12345), 0);
	must_show(fd, "size", "12345");
}

static void shows_a_large_size(void)
{
	int fd = area_open_sized((size_t)(5ull << 30) + 1);

	must_show(fd, "size", "5368709121");
}

static void shows_the_protection(void)
{
	static const char *const letters[] = {
		"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx",
	};

	for (int mask = 0; mask < 8; mask++) {
		int fd = area_open();

		must_be(engine->set_prot_mask(fd, mask), 0);
		must_show(fd, "prot", letters[mask]);
		area_close(fd);
	}
}

static void shows_the_inode(void)
{
	int fd = area_open_sized(page);
	char wanted[32];

	must_show(fd, "inode", "0");
	area_map(fd, page, PROT_READ, MAP_SHARED);
	snprintf(wanted, sizeof(wanted), "%llu", area_id(fd));
	must_show(fd, "inode", wanted);
}

static void counts_pinned_pages(void)
{
	int fd = area_open_sized(9 * page + 1);

	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_count(fd, "10", "0", "0");
}

static void counts_unpinned_pages(void)
{
	struct area area = area_make(10);

	must_be(engine->unpin(area.fd, 2 * page, 3 * page), 0);
	must_be(engine->unpin(area.fd, 7 * page, page), 0);
	must_count(area.fd, "6", "4", "0");
	must_be(engine->pin(area.fd, 3 * page, page), 0);
	must_count(area.fd, "7", "3", "0");
}

static void counts_purged_pages(void)
{
	struct area area = area_make(10);

	must_be(engine->unpin(area.fd, 0, 3 * page), 0);
	must_be(engine->purge_all(area.fd), 3);
	must_be(engine->unpin(area.fd, 5 * page, 2 * page), 0);
	must_count(area.fd, "5", "2", "3");
	must_be(engine->pin(area.fd, page, page), 1);
	must_count(area.fd, "6", "2", "2");
	must_be(engine->pin(area.fd, 0, 0), 1);
	must_count(area.fd, "10", "0", "0");
}

static void counts_pages_with_memory(void)
{
	struct area area = area_make(10);

	must_show(area.fd, "resident", "0");
	page_fill(area.at, 3, 'a');
	page_fill(area.at, 7, 'b');
	must_show(area.fd, "resident", "2");
	must_be(engine->unpin(area.fd, 3 * page, page), 0);
	must_be(engine->purge_all(area.fd), 1);
	must_show(area.fd, "resident", "1");
}

static long look(const struct job *job)
{
	char two_pages[32];

	snprintf(two_pages, sizeof(two_pages), "%zu", 2 * page);
	must_show(job->fd, "size", two_pages);
	must_count(job->fd, "1", "1", "0");
	return 0;
}

static void is_the_same_for_all_holders(void)
{
	struct area area = area_make(2);
	struct worker other = worker_start();

	must_be(engine->unpin(area.fd, page, page), 0);
	worker_do(&other, &(struct job){ look, area.fd });
}

static void says_what_every_descriptor_says(void)
{
	struct area area = area_make(1);
	FILE *file = open_fdinfo(area.fd);
	char line[LINE_SIZE];

	must(fgets(line, sizeof(line), file));
	must(!strncmp(line, "pos:", 4));
	must(fgets(line, sizeof(line), file));
	must(!strncmp(line, "flags:", 6));
	must_be(count_fields(area.fd), 8);
}

static const struct test tests[] = {
	{ "3 fdinfo: name", shows_the_name, { need_fdinfo } },
	{ "3 fdinfo: a name of 255 bytes", shows_the_longest_name,
	  { need_fdinfo } },
	{ "3 fdinfo: a newline in the name forges no field",
	  name_forges_no_field, { need_fdinfo } },
	{ "3 fdinfo: size", shows_the_size, { need_fdinfo } },
	{ "3 fdinfo: a size beyond 4 GiB", shows_a_large_size,
	  { need_fdinfo, need_64_bit } },
	{ "3 fdinfo: protection", shows_the_protection, { need_fdinfo } },
	{ "3 fdinfo: inode", shows_the_inode, { need_fdinfo } },
	{ "3 fdinfo: pages pinned", counts_pinned_pages, { need_fdinfo } },
	{ "3 fdinfo: pages unpinned", counts_unpinned_pages, { need_fdinfo } },
	{ "3 fdinfo: pages purged", counts_purged_pages,
	  { need_fdinfo, need_root } },
	{ "3 fdinfo: pages that have memory", counts_pages_with_memory,
	  { need_fdinfo, need_root } },
	{ "3 fdinfo: the same for all holders", is_the_same_for_all_holders,
	  { need_fdinfo } },
	{ "3 fdinfo: besides what every descriptor has",
	  says_what_every_descriptor_says, { need_fdinfo } },
};

const struct test_group fdinfo_tests = TEST_GROUP(tests);
