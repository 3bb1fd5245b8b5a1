// SPDX-License-Identifier: MIT
/*
 * CONTRACT.md, section 6: no road leads past the protection mask.
 *
 * The owner has an area with something in it, and has taken write (or write
 * and execute) from its mask. Then a client tries what there is to try.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "access.h"
#include "area.h"
#include "device.h"
#include "engine.h"
#include "maps.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES		4
#define READ_WRITE	(PROT_READ | PROT_WRITE)

/**
 * struct client - a client of an area that it may only read
 * @owner: the area as its owner has it
 * @fd:    its descriptor
 * @at:    the client's mapping
 */
struct client {
	struct area owner;
	int fd;
	char *at;
};

static struct client make_client_as(int mask, int flags)
{
	struct client client = { .owner = area_make(PAGES) };

	pages_fill(client.owner.at, 0, PAGES, 'o');
	client.fd = client.owner.fd;
	must_be(engine->set_prot_mask(client.fd, mask), 0);
	client.at = area_map(client.fd, PAGES * page, PROT_READ, flags);
	return client;
}

static struct client make_client(void)
{
	return make_client_as(PROT_READ, MAP_SHARED);
}

static void must_be_unharmed(const struct client *client)
{
	must(pages_hold(client->owner.at, 0, PAGES, 'o'));
}

/* That a mapping cannot be written, and cannot be made so. */
static void must_stay_read_only(char *at)
{
	must(!can_write(at, 'x'));
	must_be(or_errno(mprotect(at, page, READ_WRITE)), -EACCES);
	must_be(or_errno(mprotect(at, page, PROT_WRITE)), -EACCES);
	must(!can_write(at, 'x'));
}

static void by_mprotect(void)
{
	struct client client = make_client();

	must_stay_read_only(client.at);
	must_be_unharmed(&client);
}

static void by_mprotect_from_nothing(void)
{
	struct client client = make_client();

	must(!mprotect(client.at, PAGES * page, PROT_NONE));
	must_be(or_errno(mprotect(client.at, PAGES * page, READ_WRITE)),
		-EACCES);
	must(!mprotect(client.at, PAGES * page, PROT_READ));
	must_stay_read_only(client.at);
}

static void by_remap_file_pages(void)
{
	struct client client = make_client();

	/* What fails may have unmapped the page: then there is no upgrade. */
	if (!remap_file_pages(client.at, page, 0, 1, 0) ||
	    mprotect(client.at, page, PROT_READ) == 0)
		must_stay_read_only(client.at);
	must_stay_read_only(client.at + page);
	must_be_unharmed(&client);
}

static void by_mremap(void)
{
	struct client client = make_client();
	char *copy = mremap(client.at, 0, page, MREMAP_MAYMOVE);

	if (copy != MAP_FAILED)
		must_stay_read_only(copy);
	copy = mremap(client.at, page, 2 * page, MREMAP_MAYMOVE);
	if (copy != MAP_FAILED)
		must_stay_read_only(copy);
	must_be_unharmed(&client);
}

static void by_a_new_map(void)
{
	struct client client = make_client();

	must_be(area_try_map(client.fd, page, READ_WRITE, MAP_SHARED, 0),
		-EPERM);
	must_be(area_try_map(client.fd, page, PROT_WRITE, MAP_SHARED, page),
		-EPERM);
	must_be(area_try_map(client.fd, page, READ_WRITE, MAP_PRIVATE, 0),
		-EPERM);
}

static void by_setting_the_mask(void)
{
	struct client client = make_client();

	must_be(engine->set_prot_mask(client.fd, READ_WRITE), -EINVAL);
	must_be(area_try_map(client.fd, page, READ_WRITE, MAP_SHARED, 0),
		-EPERM);
}

static void by_fork(void)
{
	struct client client = make_client();
	pid_t child = fork();

	if (!child) {
		must_stay_read_only(client.at);
		must_be(area_try_map(client.fd, page, READ_WRITE, MAP_SHARED,
				     0), -EPERM);
		_exit(0);
	}
	child_await(child);
	must_be_unharmed(&client);
}

static long receive_and_try(const struct job *job)
{
	int fd = descriptor_receive(worker_socket);
	char *at = area_map(fd, page, PROT_READ, MAP_SHARED);

	(void)job;
	must_stay_read_only(at);
	return area_try_map(fd, page, READ_WRITE, MAP_SHARED, 0);
}

static void by_sending(void)
{
	struct worker receiver = worker_start();
	struct client client = make_client();

	descriptor_send(receiver.socket, client.fd);
	must_be(worker_do(&receiver, &(struct job){ receive_and_try }),
		-EPERM);
	must_be_unharmed(&client);
}

/* Private. */

static void by_a_private_map(void)
{
	struct client client = make_client_as(PROT_READ, MAP_PRIVATE);

	must_stay_read_only(client.at);
	must_be_unharmed(&client);
}

/* An earlier private map may be written, but only for itself. */
static void by_a_private_map_turned_shared(void)
{
	struct area owner = area_make(PAGES);
	char *at = area_map(owner.fd, PAGES * page, READ_WRITE, MAP_PRIVATE);
	char *copy;

	pages_fill(owner.at, 0, PAGES, 'o');
	must_be(engine->set_prot_mask(owner.fd, PROT_READ), 0);
	remap_file_pages(at, page, 0, 1, 0);
	copy = mremap(at, 0, page, MREMAP_MAYMOVE);
	if (copy != MAP_FAILED)
		can_write(copy, 'x');
	pages_fill(at, 0, PAGES, 'p');
	must(pages_hold(owner.at, 0, PAGES, 'o'));
}

static void earlier_map_is_not_upgraded(void)
{
	struct area owner = area_make(PAGES);
	char *at = area_map(owner.fd, PAGES * page, PROT_READ, MAP_SHARED);

	pages_fill(owner.at, 0, PAGES, 'o');
	must_be(engine->set_prot_mask(owner.fd, PROT_READ), 0);
	must_stay_read_only(at);
}

static void earlier_map_does_not_get_write_back(void)
{
	struct area owner = area_make(PAGES);

	pages_fill(owner.at, 0, PAGES, 'o');
	must_be(engine->set_prot_mask(owner.fd, PROT_READ), 0);
	must(!mprotect(owner.at, PAGES * page, PROT_READ));
	must_stay_read_only(owner.at);
}

static void earlier_map_is_not_made_executable(void)
{
	struct area owner = area_make(PAGES);

	must_be(engine->set_prot_mask(owner.fd, READ_WRITE), 0);
	must_be(or_errno(mprotect(owner.at, page, PROT_READ | PROT_EXEC)),
		-EACCES);
}

static long map_to_read(const struct job *job)
{
	return (long)area_map(job->fd, PAGES * page, PROT_READ, MAP_SHARED);
}

static long try_to_write(const struct job *job)
{
	must_stay_read_only(job->at);
	return 0;
}

/* One is inherited, the other made where it is tried. */
static void earlier_map_of_another_process(void)
{
	struct area owner = area_make(PAGES);
	char *at = area_map(owner.fd, PAGES * page, PROT_READ, MAP_SHARED);
	struct worker heir = worker_start();
	struct worker client = worker_start();
	struct job map = { map_to_read, owner.fd };

	pages_fill(owner.at, 0, PAGES, 'o');
	map.at = (char *)worker_do(&client, &map);
	must_be(engine->set_prot_mask(owner.fd, PROT_READ), 0);
	map.run = try_to_write;
	must_be(worker_do(&client, &map), 0);
	map.at = at;
	must_be(worker_do(&heir, &map), 0);
}

/* What the kernel lets a mapping do that may become writable. */
static void earlier_map_punches_no_holes(void)
{
	struct area owner = area_make(PAGES);
	char *at = area_map(owner.fd, PAGES * page, PROT_READ, MAP_SHARED);

	pages_fill(owner.at, 0, PAGES, 'o');
	must_be(engine->set_prot_mask(owner.fd, PROT_READ), 0);
	must(madvise(at, PAGES * page, MADV_REMOVE));
	must(pages_hold(owner.at, 0, PAGES, 'o'));
}

/* Opening again. */

static int open_again(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return or_errno(open(path, flags));
}

static void by_proc_fd(void)
{
	struct client client = make_client();
	int fd = open_again(client.fd, O_RDWR);
	char *at;

	if (fd < 0)
		return;
	must_be(engine->get_size(fd), 0);
	must_be(engine->get_prot_mask(fd), PROT_READ | PROT_WRITE | PROT_EXEC);
	must_be(engine->set_size(fd, page), 0);
	at = area_map(fd, page, READ_WRITE, MAP_SHARED);
	must(page_holds(at, 0, 0));
	page_fill(at, 0, 'x');
	must_be_unharmed(&client);
}

static void map_path(const char *at, char *path, size_t size)
{
	struct maps_line line = maps_find(at);

	snprintf(path, size, "/proc/self/map_files/%lx-%lx", line.start,
		 line.end);
}

/* What can be done with a mapping's own file, if it can be opened at all. */
static int open_map(const struct client *client, int flags)
{
	char path[80];

	map_path(client->at, path, sizeof(path));
	must(!access("/proc/self/map_files", F_OK));
	return open(path, flags);
}

static void by_map_files(void)
{
	struct client client = make_client();
	const int opens[] = { O_RDWR, O_RDONLY, O_WRONLY };

	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		int fd = open_map(&client, opens[i]);
		char *at;

		if (fd < 0)
			continue;
		must(mmap(NULL, page, READ_WRITE, MAP_SHARED, fd, 0) ==
		     MAP_FAILED);
		at = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
		if (at != MAP_FAILED)
			must_stay_read_only(at);
		must(write(fd, "x", 1) != 1);
		must(pwrite(fd, "x", 1, page) != 1);
		must_be_unharmed(&client);
	}
}

static void by_map_files_privately(void)
{
	struct client client = make_client();
	const int opens[] = { O_RDWR, O_RDONLY };

	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		int fd = open_map(&client, opens[i]);

		if (fd >= 0)
			must(mmap(NULL, page, READ_WRITE, MAP_PRIVATE, fd,
				  0) == MAP_FAILED);
	}
}

static void by_map_files_resized(void)
{
	struct client client = make_client();
	int fd = open_map(&client, O_RDWR);

	if (fd >= 0) {
		must(ftruncate(fd, page));
		must(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       0, page));
	}
	fd = open_map(&client, O_RDWR | O_TRUNC);
	must(can_read(client.owner.at));
	must_be_unharmed(&client);
}

static void by_map_files_truncated(void)
{
	struct client client = make_client();
	char path[80];

	map_path(client.at, path, sizeof(path));
	if (!truncate(path, 0))
		test_fail(__FILE__, __LINE__, "truncate() of map_files works");
	must(can_read(client.owner.at));
	must_be_unharmed(&client);
}

static void by_opening_read_only(void)
{
	int fd = open(DEVICE_PATH, O_RDONLY);
	char *at;

	must(fd >= 0);
	must_be(engine->set_size(fd, page), 0);
	at = area_map(fd, page, PROT_READ, MAP_SHARED);
	must(page_holds(at, 0, 0));
	must_stay_read_only(at);
	must_be(area_try_map(fd, page, READ_WRITE, MAP_SHARED, 0), -EACCES);
}

/* Writing without a mapping that may be written. */

static void by_proc_mem(void)
{
	struct client client = make_client();
	int fd = open("/proc/self/mem", O_RDWR);

	must(fd >= 0);
	must(pwrite(fd, "x", 1, (off_t)(uintptr_t)client.at) != 1);
	must_be_unharmed(&client);
}

static void by_process_vm_writev(void)
{
	struct client client = make_client();
	struct iovec local = { "x", 1 }, remote = { client.at, 1 };

	must(process_vm_writev(getpid(), &local, 1, &remote, 1, 0) != 1);
	must_be_unharmed(&client);
}

static void by_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct client client = make_client();
	struct uffdio_register range = {
		.range = { (uintptr_t)client.at, PAGES * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (fd < 0)
		test_skip("no userfaultfd");
	must(!ioctl(fd, UFFDIO_API, &api));
	must(ioctl(fd, UFFDIO_REGISTER, &range));
	must_be_unharmed(&client);
}

/* A mapping made earlier could once have become writable. */
static void by_userfaultfd_of_an_earlier_map(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	int area = area_open_sized(PAGES * page);
	char *at = area_map(area, PAGES * page, PROT_READ, MAP_SHARED);
	struct uffdio_register range = {
		.range = { (uintptr_t)at, PAGES * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	char *source = mmap(NULL, page, READ_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_copy copy = {
		.dst = (uintptr_t)at, .src = (uintptr_t)source, .len = page,
	};

	if (fd < 0)
		test_skip("no userfaultfd");
	must(source != MAP_FAILED);
	page_fill(source, 0, 'x');
	must_be(engine->set_prot_mask(area, PROT_READ), 0);
	must(!ioctl(fd, UFFDIO_API, &api));
	if (!ioctl(fd, UFFDIO_REGISTER, &range))
		ioctl(fd, UFFDIO_COPY, &copy);
	close(fd);
	must(pages_hold(at, 0, PAGES, 0));
}

static void by_madvise(void)
{
	struct client client = make_client();
	const int advices[] = {
		MADV_REMOVE, MADV_DONTNEED, MADV_FREE, MADV_COLD,
		MADV_PAGEOUT, MADV_POPULATE_WRITE,
	};

	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		madvise(client.at, PAGES * page, advices[i]);
	must_be_unharmed(&client);
	must_be(engine->pin(client.fd, 0, 0), 0);
}

/* Executing. */

static void must_not_be_executable(const char *at)
{
	struct maps_line line = maps_find(at);

	must_be(line.prot[2], '-');
}

static void execute_by_mprotect(void)
{
	struct client client = make_client_as(READ_WRITE, MAP_SHARED);

	must_be(or_errno(mprotect(client.at, page, PROT_READ | PROT_EXEC)),
		-EACCES);
	must_be(area_try_map(client.fd, page, PROT_READ | PROT_EXEC,
			     MAP_PRIVATE, 0), -EPERM);
	must_not_be_executable(client.at);
}

static void imply_execute(void)
{
	must(personality(personality(0xffffffff) | READ_IMPLIES_EXEC) >= 0);
}

static void execute_implied_by_a_map(void)
{
	int fd = area_open_sized(page);
	char *at;

	must_be(engine->set_prot_mask(fd, READ_WRITE), 0);
	imply_execute();
	at = engine->map(fd, page, PROT_READ, MAP_SHARED, 0);
	if (at != MAP_FAILED)
		must_not_be_executable(at);
	else
		must_be(-errno, -EPERM);
}

static void execute_implied_by_mprotect(void)
{
	int fd = area_open_sized(page);
	char *at;

	must_be(engine->set_prot_mask(fd, READ_WRITE), 0);
	at = area_map(fd, page, PROT_NONE, MAP_SHARED);
	imply_execute();
	mprotect(at, page, PROT_READ);
	must_not_be_executable(at);
}

static void execute_kept_if_implied(void)
{
	int fd = area_open();

	imply_execute();
	must_be(engine->set_prot_mask(fd, PROT_READ), 0);
	must_be(engine->get_prot_mask(fd), PROT_READ | PROT_EXEC);
}

static void execute_not_implied_without_read(void)
{
	int fd = area_open();

	imply_execute();
	must_be(engine->set_prot_mask(fd, PROT_WRITE), 0);
	must_be(engine->get_prot_mask(fd), PROT_WRITE);
}

static void execute_not_added_if_implied(void)
{
	int fd = area_open();

	must_be(engine->set_prot_mask(fd, READ_WRITE), 0);
	imply_execute();
	must_be(engine->set_prot_mask(fd, PROT_READ), 0);
	must_be(engine->get_prot_mask(fd), PROT_READ);
}

static const struct test tests[] = {
	{ "6 upgrade: mprotect", by_mprotect },
	{ "6 upgrade: mprotect by way of no protection at all",
	  by_mprotect_from_nothing },
	{ "6 upgrade: remap_file_pages", by_remap_file_pages },
	{ "6 upgrade: mremap", by_mremap },
	{ "6 upgrade: another mmap", by_a_new_map },
	{ "6 upgrade: another mask", by_setting_the_mask },
	{ "6 upgrade: fork", by_fork },
	{ "6 upgrade: a descriptor sent to another process", by_sending },
	{ "6 upgrade: a private mapping", by_a_private_map,
	  { need_enforced_privately } },
	{ "6 upgrade: an earlier private mapping turned shared",
	  by_a_private_map_turned_shared },
	{ "6 upgrade: an earlier mapping without write",
	  earlier_map_is_not_upgraded, { need_enforced_on_earlier } },
	{ "6 upgrade: an earlier mapping that has given write up",
	  earlier_map_does_not_get_write_back, { need_enforced_on_earlier } },
	{ "6 upgrade: an earlier mapping without execute",
	  earlier_map_is_not_made_executable,
	  { need_enforced_execute, need_enforced_on_earlier } },
	{ "6 upgrade: earlier mappings of other processes without write",
	  earlier_map_of_another_process,
	  { need_enforced_on_earlier, need_file_from_open } },
	{ "6 upgrade: an earlier mapping without write, by MADV_REMOVE",
	  earlier_map_punches_no_holes },
	{ "6 upgrade: /proc/self/fd opens a new, empty area", by_proc_fd,
	  { need_device_file } },
	{ "6 upgrade: /proc/self/map_files", by_map_files },
	{ "6 upgrade: /proc/self/map_files, by a private map",
	  by_map_files_privately, { need_enforced_privately } },
	{ "6 upgrade: /proc/self/map_files, by resizing",
	  by_map_files_resized },
	{ "6 upgrade: /proc/self/map_files, by truncate()",
	  by_map_files_truncated },
	{ "6 upgrade: a device opened read-only cannot be mapped for writing",
	  by_opening_read_only, { need_device_file } },
	{ "6 upgrade: /proc/self/mem", by_proc_mem },
	{ "6 upgrade: process_vm_writev", by_process_vm_writev },
	{ "6 upgrade: userfaultfd", by_userfaultfd },
	{ "6 upgrade: userfaultfd, of a mapping made earlier",
	  by_userfaultfd_of_an_earlier_map, { need_enforced_on_earlier } },
	{ "6 upgrade: madvise", by_madvise },
	{ "6 upgrade: execute, by mprotect or a private map",
	  execute_by_mprotect, { need_enforced_execute } },
	{ "6 upgrade: execute, implied by read in a map",
	  execute_implied_by_a_map, { need_enforced_execute } },
	{ "6 upgrade: execute, implied by read in mprotect",
	  execute_implied_by_mprotect, { need_enforced_execute } },
	{ "6 mask: execute stays if read implies it and it was there",
	  execute_kept_if_implied, { need_enforced_execute } },
	{ "6 mask: execute does not stay if read is not asked for",
	  execute_not_implied_without_read },
	{ "6 mask: execute is not added though read implies it",
	  execute_not_added_if_implied },
};

const struct test_group upgrade_tests = TEST_GROUP(tests);
