// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 1: what an area is from its opening to its end. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "maps.h"
#include "meminfo.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define NAME_SIZE	256

static void must_be_named(int fd, const char *wanted)
{
	char name[NAME_SIZE];

	memset(name, 'X', sizeof(name));
	must_be(engine->get_name(fd, name), 0);
	must(memchr(name, '\0', sizeof(name)));
	must(!strcmp(name, wanted));
}

/* Open. */

static void open_makes_an_empty_area(void)
{
	int fd = area_open();
	uint64_t id;

	must_be(engine->get_size(fd), 0);
	must_be(engine->get_prot_mask(fd), PROT_READ | PROT_WRITE | PROT_EXEC);
	must_be(engine->file_id(fd, &id), -EINVAL);
}

static void open_twice_shares_nothing(void)
{
	struct area first = area_make(2), second = area_make(2);

	page_fill(first.at, 0, 'a');
	must(page_holds(second.at, 0, 0));
	must_be(engine->unpin(first.fd, 0, 0), 0);
	must_be(engine->status(second.fd, 0, 0), 1);
	must(area_id(first.fd) != area_id(second.fd));
}

static void open_twice_shares_no_settings(void)
{
	int first = area_open(), second = area_open();

	must_be(engine->set_name(first, "first"), 0);
	must_be(engine->set_size(first, page), 0);
	must_be(engine->set_prot_mask(first, PROT_READ), 0);
	must_be_named(second, "dev/ashmem");
	must_be(engine->get_size(second), 0);
	must_be(engine->get_prot_mask(second),
		PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* That the other descriptor is the same area: name, content, pin state. */
static void must_be_same_area(int fd, int other)
{
	char *at, *other_at;

	at = area_map(fd, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED);
	other_at = area_map(other, 2 * page, PROT_READ | PROT_WRITE,
			    MAP_SHARED);
	must_be_named(other, "same");
	must_be(engine->get_size(other), 2 * page);
	page_fill(at, 1, 'a');
	must(page_holds(other_at, 1, 'a'));
	must_be(engine->unpin(other, 0, page), 0);
	must_be(engine->status(fd, 0, page), 0);
	must_be(area_id(fd), area_id(other));
}

static void dup_is_the_same_area(void)
{
	int fd = area_open(), other = dup(fd);

	must_be(engine->set_name(other, "same"), 0);
	must_be(engine->set_size(other, 2 * page), 0);
	must_be_named(fd, "same");
	must_be_same_area(fd, other);
}

static int open_mapped(const char *name)
{
	int fd = area_open_sized(2 * page);

	must_be(engine->set_name(fd, name), 0);
	area_map(fd, page, PROT_READ, MAP_SHARED);
	return fd;
}

static void dup_of_a_mapped_area(void)
{
	int fd = open_mapped("same");

	must_be_same_area(fd, dup(fd));
}

static long map_and_unpin(const struct job *job)
{
	char *at;

	at = area_map(job->fd, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED);
	page_fill(at, 1, 'c');
	must_be(engine->unpin(job->fd, 0, page), 0);
	return area_id(job->fd);
}

static long configure_and_map(const struct job *job)
{
	must_be(engine->set_name(job->fd, "child"), 0);
	must_be(engine->set_size(job->fd, 2 * page), 0);
	return map_and_unpin(job);
}

static void must_see_what_the_child_did(int fd, unsigned long id)
{
	char *at = area_map(fd, 2 * page, PROT_READ, MAP_SHARED);

	must_be_named(fd, "child");
	must_be((unsigned long)area_id(fd), id);
	must(page_holds(at, 1, 'c'));
	must_be(engine->status(fd, 0, page), 0);
	must_be(engine->status(fd, page, page), 1);
}

static void fork_is_the_same_area(void)
{
	int fd = area_open();
	struct worker child = worker_start();
	unsigned long id;

	id = worker_do(&child, &(struct job){ configure_and_map, fd });
	must_see_what_the_child_did(fd, id);
}

static void fork_of_a_mapped_area(void)
{
	int fd = open_mapped("child");
	struct worker child = worker_start();
	unsigned long id;

	id = worker_do(&child, &(struct job){ map_and_unpin, fd });
	must_see_what_the_child_did(fd, id);
}

static long receive_configure_and_map(const struct job *job)
{
	struct job received = *job;

	received.fd = descriptor_receive(worker_socket);
	return configure_and_map(&received);
}

static void sent_descriptor_is_the_same_area(void)
{
	struct worker receiver = worker_start();
	int fd = area_open();
	unsigned long id;

	descriptor_send(receiver.socket, fd);
	id = worker_do(&receiver, &(struct job){ receive_configure_and_map });
	must_see_what_the_child_did(fd, id);
}

static long receive_map_and_unpin(const struct job *job)
{
	struct job received = *job;

	received.fd = descriptor_receive(worker_socket);
	return map_and_unpin(&received);
}

static void sent_descriptor_of_a_mapped_area(void)
{
	struct worker receiver = worker_start();
	int fd = open_mapped("child");
	unsigned long id;

	descriptor_send(receiver.socket, fd);
	id = worker_do(&receiver, &(struct job){ receive_map_and_unpin });
	must_see_what_the_child_did(fd, id);
}

static void area_survives_its_journey(void)
{
	struct area area = area_make(1);
	unsigned long long id = area_id(area.fd);
	int sockets[2], fd;
	char *at;

	page_fill(area.at, 0, 'a');
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	descriptor_send(sockets[0], area.fd);
	area_close(area.fd);
	must(!munmap(area.at, page));
	fd = descriptor_receive(sockets[1]);
	at = area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(area_id(fd), id);
	must(page_holds(at, 0, 'a'));
}

/* Name, size, protection. */

static void name_default(void)
{
	must_be_named(area_open(), "dev/ashmem");
}

static void name_is_kept(void)
{
	int fd = area_open();

	must_be(engine->set_name(fd, "a cache/of \xc3\xbc"), 0);
	must_be_named(fd, "a cache/of \xc3\xbc");
}

static void name_may_change(void)
{
	int fd = area_open_sized(page);

	must_be(engine->set_name(fd, "a longer name"), 0);
	must_be(engine->set_name(fd, "second"), 0);
	must_be_named(fd, "second");
}

static void name_may_be_the_longest(void)
{
	char name[NAME_SIZE] = "";
	int fd = area_open();

	memset(name, 'n', engine->longest_name);
	must_be(engine->set_name(fd, name), 0);
	must_be_named(fd, name);
}

static void name_too_long_is_cut(size_t length)
{
	char name[1024];
	int fd = area_open();

	memset(name, 'n', sizeof(name));
	name[length] = '\0';
	must_be(engine->set_name(fd, name), 0);
	name[engine->longest_name] = '\0';
	must_be_named(fd, name);
}

static void name_with_a_byte_more_is_cut(void)
{
	name_too_long_is_cut(engine->longest_name + 1);
}

static void name_of_1000_bytes_is_cut(void)
{
	name_too_long_is_cut(1000);
}

static void name_empty_is_the_default(void)
{
	int fd = area_open();

	must_be(engine->set_name(fd, "named"), 0);
	must_be(engine->set_name(fd, ""), 0);
	must_be_named(fd, "dev/ashmem");
}

static void size_any_value(void)
{
	const size_t sizes[] = {
		1, 2, page - 1, page, page + 1, 1 << 20, (1 << 20) + 1,
		0x7fffffff,
	};
	int fd = area_open();

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		must_be(engine->set_size(fd, sizes[i]), 0);
		must_be(engine->get_size(fd), sizes[i]);
	}
}

/* More than an int, which is all that an ioctl can return. */
static void must_have_size(size_t size)
{
	int fd = area_open_sized(size);

	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(lseek(fd, 0, SEEK_END), size);
}

static void size_beyond_2_gib(void)
{
	must_have_size(0x80000000);
	must_have_size(0xfffff001);
}

static void size_beyond_4_gib(void)
{
	must_have_size((size_t)(5ull << 30) + 1);
}

static void size_need_not_be_whole_pages(void)
{
	int fd = area_open_sized(page + 1);
	char *at = area_map(fd, page + 1, PROT_READ | PROT_WRITE, MAP_SHARED);

	at[page] = 'z';
	must_be(engine->get_size(fd), page + 1);
	must_be(engine->unpin(fd, page, page), 0);
	must_be(engine->pin(fd, page, page), 0);
}

static void size_zero_is_unset(void)
{
	int fd = area_open_sized(page);

	must_be(engine->set_size(fd, 0), 0);
	must_be(engine->get_size(fd), 0);
	must_be(engine->set_size(fd, page), 0);
	must_be(area_try_map(fd, page, PROT_READ, MAP_SHARED, 0), 0);
}

static void size_largest_is_taken(void)
{
	must_be(engine->set_size(area_open(), (size_t)INT64_MAX), 0);
}

static void size_beyond_any_file(void)
{
	const size_t sizes[] = {
		(size_t)INT64_MAX + 1, SIZE_MAX - page, SIZE_MAX - page + 1,
		SIZE_MAX - 1, SIZE_MAX,
	};
	int fd = area_open_sized(page);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		must_be(engine->set_size(fd, sizes[i]), -EINVAL);
	must_be(engine->get_size(fd), page);
}

static void size_largest_does_no_harm(void)
{
	int fd = area_open_sized((size_t)INT64_MAX);
	void *at = engine->map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	/* Whether there can be such a file is the kernel's affair. */
	if (at == MAP_FAILED)
		return;
	page_fill(at, 0, 'a');
	must_be(engine->unpin(fd, 0, page), 0);
	must_be(engine->pin(fd, 0, page), 0);
	must(page_holds(at, 0, 'a'));
}

static void protection_before_first_mmap(void)
{
	int fd = area_open_sized(page);

	must_be(engine->set_prot_mask(fd, PROT_READ | PROT_WRITE), 0);
	must_be(engine->get_prot_mask(fd), PROT_READ | PROT_WRITE);
}

/* The first mmap. */

static void first_mmap_makes_one_file(void)
{
	struct area area = area_make(1);
	unsigned long long id = area_id(area.fd);
	char *again = area_map(area.fd, page, PROT_READ, MAP_SHARED);

	must(id != 0);
	must_be(area_id(area.fd), id);
	must_be(maps_find(area.at).inode, id);
	must_be(maps_find(again).inode, id);
}

static void first_mmap_by_a_child(void)
{
	int fd = area_open();
	struct worker child = worker_start();
	unsigned long id;

	id = worker_do(&child, &(struct job){ configure_and_map, fd });
	worker_end(&child);
	must_see_what_the_child_did(fd, id);
}

static void file_survives_unmapping(void)
{
	struct area area = area_make(1);
	unsigned long long id = area_id(area.fd);

	page_fill(area.at, 0, 'a');
	must(!munmap(area.at, page));
	area.at = area_map(area.fd, page, PROT_READ, MAP_SHARED);
	must_be(area_id(area.fd), id);
	must(page_holds(area.at, 0, 'a'));
}

static void first_mmap_freezes_the_size(void)
{
	struct area area = area_make(2);

	must_be(engine->set_size(area.fd, page), -EINVAL);
	must_be(engine->set_size(area.fd, 3 * page), -EINVAL);
	must_be(engine->set_size(area.fd, 2 * page), -EINVAL);
	must_be(engine->set_size(area.fd, 0), -EINVAL);
	must_be(engine->get_size(area.fd), 2 * page);
}

static void first_mmap_freezes_the_name(void)
{
	int fd = area_open_sized(page);

	must_be(engine->set_name(fd, "before"), 0);
	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(engine->set_name(fd, "after"), -EINVAL);
	must_be(engine->set_name(fd, ""), -EINVAL);
	must_be_named(fd, "before");
}

static void frozen_though_unmapped(void)
{
	struct area area = area_make(1);

	must(!munmap(area.at, page));
	must_be(engine->set_size(area.fd, 2 * page), -EINVAL);
	must_be(engine->set_name(area.fd, "after"), -EINVAL);
}

static void refused_mmap_freezes_nothing(void)
{
	int fd = area_open_sized(page);
	uint64_t id;

	must_be(engine->set_prot_mask(fd, PROT_READ), 0);
	must_be(area_try_map(fd, page, PROT_WRITE, MAP_SHARED, 0), -EPERM);
	must_be(area_try_map(fd, 2 * page, PROT_READ, MAP_SHARED, 0), -EINVAL);
	must_be(engine->file_id(fd, &id), -EINVAL);
	must_be(engine->set_size(fd, 2 * page), 0);
	must_be(engine->set_name(fd, "after"), 0);
}

/* Mapped. */

static void pages_come_at_first_touch(void)
{
	struct area area = area_make(4);

	must_be(area_pages_present(area.fd, 4 * page), 0);
	area.at[2 * page] = 'a';
	must_be(area_pages_present(area.fd, 4 * page), 1);
}

static void mapping_costs_no_memory(void)
{
	long before = shmem_kib();
	struct area area = area_make(LARGE_PAGES);

	must(shmem_kib() < before + SLACK_KIB);
	pages_fill(area.at, 0, area.pages, 'a');
	must(shmem_kib() > before + LARGE_KIB - SLACK_KIB);
}

static void pages_start_as_zeros(void)
{
	struct area area = area_make(64);

	must(pages_hold(area.at, 0, area.pages, 0));
}

static void must_be_in_maps_as(int fd, const char *wanted)
{
	char *at = area_map(fd, page, PROT_READ, MAP_SHARED);
	struct maps_line line = maps_find(at);

	if (strcmp(line.path, wanted))
		test_fail(__FILE__, __LINE__, "in maps is \"%s\", not \"%s\"",
			  line.path, wanted);
}

static void name_is_in_maps(void)
{
	int fd = area_open_sized(page);
	char wanted[64];

	must_be(engine->set_name(fd, "my cache"), 0);
	snprintf(wanted, sizeof(wanted), "%smy cache (deleted)",
		 engine->maps_name);
	must_be_in_maps_as(fd, wanted);
}

static void longest_name_is_in_maps(void)
{
	char name[NAME_SIZE] = "", wanted[512];
	int fd = area_open_sized(page);

	memset(name, 'n', engine->longest_name);
	must_be(engine->set_name(fd, name), 0);
	snprintf(wanted, sizeof(wanted), "%s%s (deleted)", engine->maps_name,
		 name);
	must_be_in_maps_as(fd, wanted);
}

static void default_name_is_in_maps(void)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%s (deleted)", engine->maps_unnamed);
	must_be_in_maps_as(area_open_sized(page), wanted);
}

static void name_forges_no_line_of_maps(void)
{
	int fd = area_open_sized(page);
	char wanted[64];

	must_be(engine->set_name(fd, "a\n7f0-7f1 rwxp"), 0);
	snprintf(wanted, sizeof(wanted), "%sa\\0127f0-7f1 rwxp (deleted)",
		 engine->maps_name);
	must_be_in_maps_as(fd, wanted);
}

/* The last descriptor closed. */

static void closed_but_mapped(void)
{
	struct area area = area_make(2);

	page_fill(area.at, 0, 'a');
	area_close(area.fd);
	must(page_holds(area.at, 0, 'a'));
	page_fill(area.at, 1, 'b');
	must(page_holds(area.at, 1, 'b'));
}

static void closed_but_mapped_and_forked(void)
{
	struct area area = area_make(1);
	pid_t child;

	area_close(area.fd);
	child = fork();
	if (!child) {
		page_fill(area.at, 0, 'c');
		_exit(0);
	}
	child_await(child);
	must(page_holds(area.at, 0, 'c'));
}

static void closed_is_not_purged(void)
{
	struct area area = area_make(4);
	int other = area_open();

	pages_fill(area.at, 0, 4, 'a');
	must_be(engine->unpin(area.fd, 0, 0), 0);
	area_close(area.fd);
	must_be(engine->purge_all(other), 0);
	must(pages_hold(area.at, 0, 4, 'a'));
}

static void closed_once_of_twice_is_purged(void)
{
	struct area area = area_make(4);
	int other = dup(area.fd);

	pages_fill(area.at, 0, 4, 'a');
	must_be(engine->unpin(area.fd, 0, 0), 0);
	must_be(engine->status(other, 0, 0), 0);
	area_close(area.fd);
	must_be(engine->purge_all(other), 4);
	must(pages_hold(area.at, 0, 4, 0));
}

/* Returns once it is so; if it never is, the test's limit ends it. */
static void await_shmem_below(long kib)
{
	while (shmem_kib() > kib)
		sched_yield();
}

static void memory_returns_when_unmapped(void)
{
	long before = shmem_kib();
	struct area area = area_make(LARGE_PAGES);

	pages_fill(area.at, 0, area.pages, 'a');
	area_close(area.fd);
	must(shmem_kib() > before + LARGE_KIB - SLACK_KIB);
	must(!munmap(area.at, area.pages * page));
	await_shmem_below(before + SLACK_KIB);
}

static void memory_returns_when_closed(void)
{
	long before = shmem_kib();
	struct area area = area_make(LARGE_PAGES);

	pages_fill(area.at, 0, area.pages, 'a');
	must_be(engine->unpin(area.fd, 0, area.pages / 2 * page), 0);
	must(!munmap(area.at, area.pages * page));
	must(shmem_kib() > before + LARGE_KIB - SLACK_KIB);
	area_close(area.fd);
	await_shmem_below(before + SLACK_KIB);
}

static void memory_returns_when_killed(void)
{
	long before = shmem_kib();
	pid_t child = fork();

	if (!child) {
		struct area area = area_make(LARGE_PAGES);

		pages_fill(area.at, 0, area.pages, 'a');
		must_be(engine->unpin(area.fd, 0, page), 0);
		raise(SIGKILL);
	}
	must(waitpid(child, NULL, 0) == child);
	await_shmem_below(before + SLACK_KIB);
}

static void memory_returns_from_the_post(void)
{
	long before = shmem_kib();
	struct area area = area_make(LARGE_PAGES);
	int sockets[2];

	pages_fill(area.at, 0, area.pages, 'a');
	must_be(engine->unpin(area.fd, 0, 0), 0);
	must(!munmap(area.at, area.pages * page));
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	descriptor_send(sockets[0], area.fd);
	area_close(area.fd);
	must(shmem_kib() > before + LARGE_KIB - SLACK_KIB);
	close(sockets[0]);
	close(sockets[1]);
	await_shmem_below(before + SLACK_KIB);
}

static const struct test tests[] = {
	{ "1 open: makes a new, empty area", open_makes_an_empty_area },
	{ "1 open: two opens share no pages and no pin state",
	  open_twice_shares_nothing },
	{ "1 open: two opens share no name, size or mask",
	  open_twice_shares_no_settings },
	{ "1 open: dup is the same area", dup_is_the_same_area,
	  { need_file_from_open } },
	{ "1 open: dup is the same area, once mapped", dup_of_a_mapped_area },
	{ "1 open: after fork, parent and child have the same area",
	  fork_is_the_same_area, { need_file_from_open } },
	{ "1 open: after fork, they have the same area, once mapped",
	  fork_of_a_mapped_area },
	{ "1 open: a descriptor sent over a Unix socket is the same area",
	  sent_descriptor_is_the_same_area, { need_file_from_open } },
	{ "1 open: a descriptor sent is the same area, once mapped",
	  sent_descriptor_of_a_mapped_area },
	{ "1 open: an area lives while its only descriptor is in a socket",
	  area_survives_its_journey },
	{ "1 name: by default dev/ashmem", name_default },
	{ "1 name: kept byte for byte", name_is_kept },
	{ "1 name: may change before the first mmap", name_may_change },
	{ "1 name: up to 255 bytes, 249 of a memfd", name_may_be_the_longest },
	{ "1 name: one byte more is cut", name_with_a_byte_more_is_cut },
	{ "1 name: of 1000 bytes the rest is cut", name_of_1000_bytes_is_cut },
	{ "1 name: an empty one restores the default",
	  name_empty_is_the_default },
	{ "1 size: any value from 1", size_any_value },
	{ "1 size: beyond 2 GiB", size_beyond_2_gib },
	{ "1 size: beyond 4 GiB", size_beyond_4_gib, { need_64_bit } },
	{ "1 size: need not be a multiple of the page",
	  size_need_not_be_whole_pages },
	{ "1 size: 0 means unset again", size_zero_is_unset },
	{ "1 size: the largest file offset is taken", size_largest_is_taken,
	  { need_64_bit } },
	{ "1 size: the largest file offset does no harm when mapped",
	  size_largest_does_no_harm, { need_pins_of_any_size } },
	{ "1 size: above the largest file offset is EINVAL",
	  size_beyond_any_file, { need_64_bit } },
	{ "1 protection: set before the first mmap",
	  protection_before_first_mmap },
	{ "1 first mmap: makes the backing file once",
	  first_mmap_makes_one_file },
	{ "1 first mmap: made by a child, attached to by its parent",
	  first_mmap_by_a_child, { need_file_from_open } },
	{ "1 first mmap: its file outlives the mapping",
	  file_survives_unmapping },
	{ "1 first mmap: freezes the size", first_mmap_freezes_the_size },
	{ "1 first mmap: freezes the name", first_mmap_freezes_the_name },
	{ "1 first mmap: size and name stay frozen when unmapped",
	  frozen_though_unmapped },
	{ "1 first mmap: one that is refused freezes nothing",
	  refused_mmap_freezes_nothing },
	{ "1 mapped: a page comes at its first touch",
	  pages_come_at_first_touch },
	{ "1 mapped: untouched memory costs nothing",
	  mapping_costs_no_memory, { need_quiet_machine } },
	{ "1 mapped: pages start as zeros", pages_start_as_zeros },
	{ "1 mapped: the name is in maps", name_is_in_maps },
	{ "1 mapped: the longest name is in maps",
	  longest_name_is_in_maps },
	{ "1 mapped: without a name, the default is in maps",
	  default_name_is_in_maps },
	{ "1 mapped: a newline in the name forges no line of maps",
	  name_forges_no_line_of_maps },
	{ "1 closed: mappings stay valid", closed_but_mapped },
	{ "1 closed: mappings stay valid across fork",
	  closed_but_mapped_and_forked },
	{ "1 closed: nothing is purged any more", closed_is_not_purged,
	  { need_purge_all } },
	{ "1 closed: purged while another descriptor is open",
	  closed_once_of_twice_is_purged, { need_purge_all } },
	{ "1 closed: memory returns with the last mapping",
	  memory_returns_when_unmapped, { need_quiet_machine } },
	{ "1 closed: memory returns with the last descriptor if unmapped",
	  memory_returns_when_closed, { need_quiet_machine } },
	{ "1 closed: memory returns when the holder is killed",
	  memory_returns_when_killed, { need_quiet_machine } },
	{ "1 closed: memory returns when the last descriptor dies in a socket",
	  memory_returns_from_the_post, { need_quiet_machine } },
};

const struct test_group life_tests = TEST_GROUP(tests);
