// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 3: the calls of a file, fdinfo apart. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES	4

/* An area of four pages, the first three filled with 'a', 'b' and 'c'. */
static struct area make_lettered(void)
{
	struct area area = area_make(PAGES);

	for (size_t i = 0; i < 3; i++)
		page_fill(area.at, i, 'a' + i);
	return area;
}

static char *buffer(size_t pages)
{
	void *at = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(at != MAP_FAILED);
	memset(at, 'X', pages * page);
	return at;
}

/* Reading. */

static void read_from_the_start(void)
{
	struct area area = make_lettered();
	char *got = buffer(PAGES);

	must_be(or_errno(read(area.fd, got, 2 * page)), 2 * page);
	must(page_holds(got, 0, 'a'));
	must(page_holds(got, 1, 'b'));
	must(page_holds(got, 2, 'X'));
}

static void read_goes_on(void)
{
	struct area area = make_lettered();
	char *got = buffer(PAGES);

	must_be(or_errno(read(area.fd, got, page)), page);
	must_be(or_errno(read(area.fd, got, page)), page);
	must(page_holds(got, 0, 'b'));
	must_be(lseek(area.fd, 0, SEEK_CUR), 2 * page);
}

static void read_at_odd_offsets(void)
{
	struct area area = make_lettered();
	char got[4];

	must_be(lseek(area.fd, page - 2, SEEK_SET), page - 2);
	must_be(or_errno(read(area.fd, got, 4)), 4);
	must(!memcmp(got, "aabb", 4));
}

static void read_ends_at_the_size(void)
{
	int fd = area_open_sized(page + 10);
	char *got = buffer(2);

	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(or_errno(read(fd, got, 2 * page)), page + 10);
	must_be(or_errno(read(fd, got, 1)), 0);
	must_be(or_errno(pread(fd, got, 1, page + 10)), 0);
	must_be(or_errno(pread(fd, got, 2, page + 9)), 1);
	must_be(or_errno(pread(fd, got, 1, (off_t)1 << 40)), 0);
}

static void read_of_untouched_pages(void)
{
	struct area area = area_make(PAGES);
	char *got = buffer(PAGES);

	must_be(or_errno(read(area.fd, got, PAGES * page)), PAGES * page);
	must(pages_hold(got, 0, PAGES, 0));
	must_be(area_pages_present(area.fd, PAGES * page), 0);
}

static void read_of_purged_pages(void)
{
	struct area area = make_lettered();
	char *got = buffer(PAGES);

	must_be(engine->unpin(area.fd, page, page), 0);
	must_be(engine->purge_all(area.fd), 1);
	must_be(or_errno(read(area.fd, got, PAGES * page)), PAGES * page);
	must(page_holds(got, 0, 'a'));
	must(page_holds(got, 1, 0));
	must(page_holds(got, 2, 'c'));
}

static void pread_keeps_the_position(void)
{
	struct area area = make_lettered();
	char got[2];

	must_be(lseek(area.fd, 5, SEEK_SET), 5);
	must_be(or_errno(pread(area.fd, got, 2, 2 * page - 1)), 2);
	must(!memcmp(got, "bc", 2));
	must_be(lseek(area.fd, 0, SEEK_CUR), 5);
}

static void pread_before_the_start(void)
{
	struct area area = make_lettered();
	char got;

	must_be(or_errno(pread(area.fd, &got, 1, -1)), -EINVAL);
}

static void readv_scatters(void)
{
	struct area area = make_lettered();
	char first[2], second[4];
	const struct iovec parts[] = {
		{ first, sizeof(first) }, { second, sizeof(second) },
	};

	must_be(lseek(area.fd, page - 3, SEEK_SET), page - 3);
	must_be(or_errno(readv(area.fd, parts, 2)), 6);
	must(!memcmp(first, "aa", 2));
	must(!memcmp(second, "abbb", 4));
}

static void preadv_scatters(void)
{
	struct area area = make_lettered();
	char first[1], second[1];
	const struct iovec parts[] = { { first, 1 }, { second, 1 } };

	must_be(or_errno(preadv(area.fd, parts, 2, 2 * page - 1)), 2);
	must_be(first[0], 'b');
	must_be(second[0], 'c');
}

static void read_by_another_process_moves_it(void)
{
	struct area area = make_lettered();
	char *got = buffer(1);
	pid_t child = fork();

	if (!child)
		_exit(read(area.fd, got, page) == (ssize_t)page ? 0 : 1);
	child_await(child);
	must_be(lseek(area.fd, 0, SEEK_CUR), page);
}

static void read_into_its_own_mapping(void)
{
	struct area area = make_lettered();
	char *own = area_map(area.fd, PAGES * page, PROT_READ | PROT_WRITE,
			     MAP_SHARED);

	must_be(or_errno(pread(area.fd, own + 3 * page, page, 0)), page);
	must(page_holds(area.at, 3, 'a'));
	must_be(or_errno(pread(area.fd, own + page, page, page)), page);
	must(page_holds(area.at, 1, 'b'));
}

static void read_to_bad_memory(void)
{
	struct area area = make_lettered();
	char *constant = mmap(NULL, page, PROT_READ,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must_be(or_errno(pread(area.fd, NULL, page, 0)), -EFAULT);
	must_be(or_errno(pread(area.fd, constant, page, 0)), -EFAULT);
	must_be(or_errno(pread(area.fd, (void *)~(page - 1), 16, 0)), -EFAULT);
}

static void read_without_the_right(void)
{
	struct area area = make_lettered();
	char got;

	must_be(engine->set_prot_mask(area.fd, PROT_WRITE), 0);
	must_be(or_errno(read(area.fd, &got, 1)), -EPERM);
	must_be(or_errno(pread(area.fd, &got, 1, 0)), -EPERM);
}

/* Seeking. */

static void seek_set_cur_end(void)
{
	int fd = area_open_sized(page + 10);

	area_map(fd, page, PROT_READ, MAP_SHARED);
	must_be(lseek(fd, 100, SEEK_SET), 100);
	must_be(lseek(fd, 10, SEEK_CUR), 110);
	must_be(lseek(fd, -20, SEEK_CUR), 90);
	must_be(lseek(fd, 0, SEEK_END), page + 10);
	must_be(lseek(fd, -10, SEEK_END), page);
	must_be(lseek(fd, 0, SEEK_CUR), page);
}

static void seek_before_the_start(void)
{
	struct area area = make_lettered();

	must_be(lseek(area.fd, 7, SEEK_SET), 7);
	must_be(or_errno(lseek(area.fd, -8, SEEK_CUR)), -EINVAL);
	must_be(or_errno(lseek(area.fd, -5 * (off_t)page, SEEK_END)), -EINVAL);
	must_be(lseek(area.fd, 0, SEEK_CUR), 7);
}

static void seek_otherwise(void)
{
	struct area area = make_lettered();

	must_be(or_errno(lseek(area.fd, 0, 5)), -EINVAL);
	must_be(or_errno(lseek(area.fd, 0, -1)), -EINVAL);
	must_be(or_errno(lseek(area.fd, 0, 0x7fffffff)), -EINVAL);
}

static void seek_data(void)
{
	struct area area = area_make(PAGES);

	page_fill(area.at, 1, 'b');
	must_be(or_errno(lseek(area.fd, 0, SEEK_DATA)), page);
	must_be(or_errno(lseek(area.fd, page + 1, SEEK_DATA)), page + 1);
	must_be(or_errno(lseek(area.fd, 2 * page, SEEK_DATA)), -ENXIO);
	must_be(or_errno(lseek(area.fd, PAGES * page, SEEK_DATA)), -ENXIO);
}

static void seek_hole(void)
{
	struct area area = area_make(PAGES);

	page_fill(area.at, 0, 'a');
	page_fill(area.at, 2, 'c');
	must_be(or_errno(lseek(area.fd, 0, SEEK_HOLE)), page);
	must_be(or_errno(lseek(area.fd, 2 * page, SEEK_HOLE)), 3 * page);
	page_fill(area.at, 3, 'd');
	must_be(or_errno(lseek(area.fd, 2 * page, SEEK_HOLE)), PAGES * page);
	must_be(or_errno(lseek(area.fd, PAGES * page, SEEK_HOLE)), -ENXIO);
}

static void seek_finds_what_was_purged(void)
{
	struct area area = make_lettered();

	must_be(engine->unpin(area.fd, page, page), 0);
	must_be(engine->purge_all(area.fd), 1);
	must_be(or_errno(lseek(area.fd, 0, SEEK_HOLE)), page);
	must_be(or_errno(lseek(area.fd, page, SEEK_DATA)), 2 * page);
}

static void seek_is_followed_by_read(void)
{
	struct area area = area_make(PAGES);
	char got = 0;

	page_fill(area.at, 2, 'c');
	must_be(or_errno(lseek(area.fd, 0, SEEK_DATA)), 2 * page);
	must_be(or_errno(read(area.fd, &got, 1)), 1);
	must_be(got, 'c');
}

/* Before the backing file exists. */

static void unsized_read(void)
{
	int fd = area_open();
	char got;
	const struct iovec part = { &got, 1 };

	must_be(or_errno(read(fd, &got, 1)), 0);
	must_be(or_errno(pread(fd, &got, 1, 0)), 0);
	must_be(or_errno(readv(fd, &part, 1)), 0);
}

static void unsized_again_read(void)
{
	int fd = area_open_sized(page);
	char got;

	must_be(engine->set_size(fd, 0), 0);
	must_be(or_errno(read(fd, &got, 1)), 0);
}

static const int whences[] = {
	SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE,
};

static void unsized_seek(void)
{
	int fd = area_open();

	for (size_t i = 0; i < sizeof(whences) / sizeof(whences[0]); i++)
		must_be(or_errno(lseek(fd, 0, whences[i])), -EINVAL);
}

static void unmapped_read(void)
{
	int fd = area_open_sized(page);
	char got;
	const struct iovec part = { &got, 1 };

	must_be(or_errno(read(fd, &got, 1)), -EBADF);
	must_be(or_errno(pread(fd, &got, 1, 0)), -EBADF);
	must_be(or_errno(readv(fd, &part, 1)), -EBADF);
}

static void unmapped_seek(void)
{
	int fd = area_open_sized(page);

	for (size_t i = 0; i < sizeof(whences) / sizeof(whences[0]); i++)
		must_be(or_errno(lseek(fd, 0, whences[i])), -EBADF);
}

/* No writing. */

static void must_be_unwritten(const struct area *area)
{
	for (size_t i = 0; i < 3; i++)
		must(page_holds(area->at, i, 'a' + i));
	must(page_holds(area->at, 3, 0));
}

static void no_write(void)
{
	struct area area = make_lettered();

	must(write(area.fd, "zz", 2) < 0);
	must_be_unwritten(&area);
}

static void no_pwrite(void)
{
	struct area area = make_lettered();

	must(pwrite(area.fd, "zz", 2, page) < 0);
	must_be_unwritten(&area);
}

static void no_writev(void)
{
	struct area area = make_lettered();
	char text[] = "zz";
	const struct iovec part = { text, 2 };

	must(writev(area.fd, &part, 1) < 0);
	must(pwritev(area.fd, &part, 1, page) < 0);
	must_be_unwritten(&area);
}

static void no_ftruncate(void)
{
	struct area area = make_lettered();

	must(ftruncate(area.fd, 0));
	must(ftruncate(area.fd, 2 * PAGES * page));
	must_be_unwritten(&area);
}

static void no_fallocate(void)
{
	struct area area = make_lettered();

	must(fallocate(area.fd, 0, 0, 2 * PAGES * page));
	must(fallocate(area.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		       page));
	must(fallocate(area.fd, FALLOC_FL_ZERO_RANGE, 0, page));
	must_be_unwritten(&area);
}

static void no_splice(void)
{
	struct area area = make_lettered();
	loff_t offset = 0;
	int ends[2];

	must(!pipe(ends));
	must(write(ends[1], "zz", 2) == 2);
	must(splice(ends[0], NULL, area.fd, NULL, 2, 0) < 0);
	must(splice(ends[0], NULL, area.fd, &offset, 2, 0) < 0);
	must_be_unwritten(&area);
}

static void no_copying_into(void)
{
	struct area area = make_lettered();
	int source = memfd_create("source", 0);
	off_t from = 0;
	loff_t start = 0;

	must(write(source, "zz", 2) == 2);
	must(sendfile(area.fd, source, &from, 2) < 0);
	must(copy_file_range(source, &start, area.fd, NULL, 2, 0) < 0);
	must_be_unwritten(&area);
}

static const struct test tests[] = {
	{ "3 read: gives what is in the area", read_from_the_start },
	{ "3 read: goes on where the last one ended", read_goes_on },
	{ "3 read: crosses pages from any offset", read_at_odd_offsets },
	{ "3 read: ends at the size, not at the page", read_ends_at_the_size },
	{ "3 read: untouched pages are zeros and stay untouched",
	  read_of_untouched_pages },
	{ "3 read: purged pages are zeros", read_of_purged_pages,
	  { need_purge_all } },
	{ "3 read: the position belongs to the area",
	  read_by_another_process_moves_it },
	{ "3 read: into the area's own mapping", read_into_its_own_mapping },
	{ "3 read: into memory that cannot be written is EFAULT",
	  read_to_bad_memory },
	{ "3 read: without read in the mask is EPERM",
	  read_without_the_right, { need_enforced_read } },
	{ "3 pread: at an offset, keeping the position",
	  pread_keeps_the_position },
	{ "3 pread: before the start is EINVAL", pread_before_the_start },
	{ "3 readv: scatters", readv_scatters },
	{ "3 preadv: scatters from an offset", preadv_scatters },
	{ "3 lseek: SEEK_SET, SEEK_CUR, SEEK_END", seek_set_cur_end },
	{ "3 lseek: before the start is EINVAL", seek_before_the_start },
	{ "3 lseek: an unknown whence is EINVAL", seek_otherwise },
	{ "3 lseek: SEEK_DATA", seek_data },
	{ "3 lseek: SEEK_HOLE", seek_hole },
	{ "3 lseek: purged pages are holes", seek_finds_what_was_purged,
	  { need_purge_all } },
	{ "3 lseek: read starts where it went", seek_is_followed_by_read },
	{ "3 unsized: read returns 0", unsized_read, { need_file_from_open } },
	{ "3 unsized: read returns 0 when the size was set back to 0",
	  unsized_again_read, { need_file_from_open } },
	{ "3 unsized: lseek is EINVAL", unsized_seek, { need_file_from_open } },
	{ "3 never mapped: read is EBADF", unmapped_read, { need_file_from_open } },
	{ "3 never mapped: lseek is EBADF", unmapped_seek, { need_file_from_open } },
	{ "3 no write: write", no_write, { need_no_writing } },
	{ "3 no write: pwrite", no_pwrite, { need_no_writing } },
	{ "3 no write: writev", no_writev, { need_no_writing } },
	{ "3 no write: ftruncate", no_ftruncate },
	{ "3 no write: fallocate", no_fallocate, { need_no_writing } },
	{ "3 no write: splice", no_splice, { need_no_writing } },
	{ "3 no write: sendfile, copy_file_range", no_copying_into,
	  { need_no_writing } },
};

const struct test_group file_tests = TEST_GROUP(tests);
