// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 2: what can be mapped, and what a mapping shows. */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "access.h"
#include "area.h"
#include "cgroup.h"
#include "engine.h"
#include "maps.h"
#include "meminfo.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define ALL		(PROT_READ | PROT_WRITE | PROT_EXEC)

/* Size, offset and length. */

static void unsized(void)
{
	int fd = area_open();

	must_be(area_try_map(fd, page, PROT_READ, MAP_SHARED, 0), -EINVAL);
	must_be(area_try_map(fd, page, PROT_READ, MAP_PRIVATE, 0), -EINVAL);
}

static void sized_to_zero(void)
{
	int fd = area_open_sized(page);

	must_be(engine->set_size(fd, 0), 0);
	must_be(area_try_map(fd, page, PROT_READ, MAP_SHARED, 0), -EINVAL);
}

static void rounded_up_to_a_page(void)
{
	int fd = area_open_sized(1);
	char *at = area_map(fd, page, READ_WRITE, MAP_SHARED);

	at[page - 1] = 'z';
	must_be(at[page - 1], 'z');
}

static void a_part(void)
{
	struct area area = area_make(4);
	char *at = engine->map(area.fd, 2 * page, PROT_READ, MAP_SHARED, page);

	must(at != MAP_FAILED);
	page_fill(area.at, 1, 'b');
	page_fill(area.at, 2, 'c');
	must(page_holds(at, 0, 'b'));
	must(page_holds(at, 1, 'c'));
}

static void must_not_map(int fd, size_t length, off_t offset)
{
	must_be(area_try_map(fd, length, PROT_READ, MAP_SHARED, offset),
		-EINVAL);
	must_be(area_try_map(fd, length, PROT_READ, MAP_PRIVATE, offset),
		-EINVAL);
}

static void length_past_the_end(void)
{
	int fd = area_open_sized(page + 1);

	must_not_map(fd, 2 * page + 1, 0);
	must_not_map(fd, 3 * page, 0);
	must_not_map(fd, 1 << 20, 0);
}

static void offset_past_the_end(void)
{
	int fd = area_open_sized(page + 1);

	must_not_map(fd, page, 2 * page);
	must_not_map(fd, 2 * page, page);
	must_not_map(fd, page, 3 * page);
	must_not_map(fd, page, (off_t)1 << 40);
}

static void past_the_end_once_mapped(void)
{
	struct area area = area_make(2);

	must_not_map(area.fd, 3 * page, 0);
	must_not_map(area.fd, page, 2 * page);
	must_not_map(area.fd, 2 * page, page);
}

/* The kernel may see by itself that there is no such offset. An off_t of 32
 * bits cannot say some that a system call can. */
static void must_not_map_at(int fd, size_t length, unsigned long page_number)
{
#ifdef SYS_mmap2
	void *at = (void *)syscall(SYS_mmap2, 0, length, PROT_READ, MAP_SHARED,
				   fd, page_number);
#else
	void *at = engine->map(fd, length, PROT_READ, MAP_SHARED,
			       page_number * page);
#endif

	must(at == MAP_FAILED);
	must(errno == EINVAL || errno == EOVERFLOW);
}

static void offset_wraps(void)
{
	const unsigned long last = ~0ul / (sizeof(long) > 4 ? page : 1);
	int fd = area_open_sized(2 * page);

	for (unsigned long back = 0; back < 4; back++)
		for (size_t pages = 1; pages < 5; pages++)
			must_not_map_at(fd, pages * page, last - back);
	/* Where a page number becomes negative, or 0, as a byte offset. */
	must_not_map_at(fd, page, 1ul << 20);
	must_not_map_at(fd, page, 1ul << 31);
	must_not_map_at(fd, page, last / 2 + 1);
}

static void length_wraps(void)
{
	int fd = area_open_sized(page);
	void *at = engine->map(fd, SIZE_MAX - page + 1, PROT_READ, MAP_SHARED,
			       page);

	must(at == MAP_FAILED);
	at = engine->map(fd, SIZE_MAX, PROT_READ, MAP_SHARED, 0);
	must(at == MAP_FAILED);
}

static void grown_past_the_end(void)
{
	struct area area = area_make(1);
	char *at = mremap(area.at, page, 2 * page, MREMAP_MAYMOVE);

	if (at == MAP_FAILED)
		return;
	must(can_read(at));
	must(!can_read(at + page));
}

/* Protection. */

static void mask_starts_with_all(void)
{
	int fd = area_open();

	must_be(engine->get_prot_mask(fd), ALL);
}

static void mask_loses_bits(void)
{
	for (int mask = 0; mask <= ALL; mask++) {
		int fd = area_open();

		must_be(engine->set_prot_mask(fd, mask), 0);
		must_be(engine->get_prot_mask(fd), mask);
		area_close(fd);
	}
}

static void mask_gains_no_bits(void)
{
	for (int mask = 0; mask <= ALL; mask++) {
		int fd = area_open();

		must_be(engine->set_prot_mask(fd, mask), 0);
		for (int wanted = 0; wanted <= ALL; wanted++) {
			if (!(wanted & ~mask))
				continue;
			must_be(engine->set_prot_mask(fd, wanted), -EINVAL);
			must_be(engine->get_prot_mask(fd), mask);
		}
		area_close(fd);
	}
}

static void mask_has_no_other_bits(void)
{
	const unsigned long masks[] = {
		8, PROT_GROWSDOWN, PROT_GROWSUP | PROT_READ, 1ul << 31, ~0ul,
		~0ul & ~7ul,
	};
	int fd = area_open();

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		must_be(engine->set_prot_mask(fd, masks[i]), -EINVAL);
	must_be(engine->get_prot_mask(fd), ALL);
}

static void mask_is_not_cut_to_32_bits(void)
{
	const uint64_t mask = (1ull << 32) | PROT_READ;
	int fd = area_open();

	must_be(engine->set_prot_mask(fd, (unsigned long)mask), -EINVAL);
	must_be(engine->get_prot_mask(fd), ALL);
}

static long take_write(const struct job *job)
{
	return engine->set_prot_mask(job->fd, PROT_READ);
}

static void mask_is_any_holders(void)
{
	struct area area = area_make(1);
	struct worker other = worker_start();

	must_be(worker_do(&other, &(struct job){ take_write, area.fd }), 0);
	must_be(engine->get_prot_mask(area.fd), PROT_READ);
	must_be(area_try_map(area.fd, page, PROT_WRITE, MAP_SHARED, 0),
		-EPERM);
}

static void mask_spares_earlier_mappings(void)
{
	struct area area = area_make(1);

	must_be(engine->set_prot_mask(area.fd, 0), 0);
	page_fill(area.at, 0, 'a');
	must(page_holds(area.at, 0, 'a'));
}

static void mask_spares_private_copies(void)
{
	struct area area = area_make(1);
	char *at = area_map(area.fd, page, READ_WRITE, MAP_PRIVATE);
	pid_t child;

	page_fill(at, 0, 'p');
	must_be(engine->set_prot_mask(area.fd, PROT_READ), 0);
	child = fork();
	if (!child) {
		page_fill(at, 0, 'c');
		_exit(0);
	}
	child_await(child);
	must(page_holds(at, 0, 'p'));
}

/* Maps with each protection; those that the mask includes must work. */
static void must_map_only(int mask, int flags)
{
	int fd = area_open_sized(page);

	must_be(engine->set_prot_mask(fd, mask), 0);
	for (int prot = 0; prot <= ALL; prot++)
		must_be(area_try_map(fd, page, prot, flags, 0),
			prot & ~mask ? -EPERM : 0);
	area_close(fd);
}

static void protection_outside_the_mask(void)
{
	for (int mask = 0; mask <= ALL; mask++)
		must_map_only(mask, MAP_SHARED);
}

static void private_protection_outside_the_mask(void)
{
	for (int mask = 0; mask <= ALL; mask++)
		must_map_only(mask, MAP_PRIVATE);
}

static void must_upgrade_only(int mask, int flags)
{
	int fd = area_open_sized(page);
	char *at;

	must_be(engine->set_prot_mask(fd, mask), 0);
	at = area_map(fd, page, PROT_NONE, flags);
	for (int prot = 0; prot <= ALL; prot++)
		must_be(or_errno(mprotect(at, page, prot)),
			prot & ~mask ? -EACCES : 0);
	must(!munmap(at, page));
	area_close(fd);
}

static void upgrade_past_the_mask(void)
{
	for (int mask = 0; mask <= ALL; mask++)
		must_upgrade_only(mask, MAP_SHARED);
}

static void private_upgrade_past_the_mask(void)
{
	for (int mask = 0; mask <= ALL; mask++)
		must_upgrade_only(mask, MAP_PRIVATE);
}

/* A function that returns 42. */
static const unsigned char code[] = {
#if defined(__x86_64__) || defined(__i386__)
	0xb8, 42, 0, 0, 0, 0xc3,
#elif defined(__aarch64__)
	0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6,
#elif defined(__arm__)
	42, 0, 0xa0, 0xe3, 0x1e, 0xff, 0x2f, 0xe1,
#else
#error "no machine code for this architecture yet"
#endif
};

static void execute(void)
{
	struct area area = area_make(1);
	int (*function)(void) = (int (*)(void))(uintptr_t)
		area_map(area.fd, page, PROT_READ | PROT_EXEC, MAP_SHARED);

	memcpy(area.at, code, sizeof(code));
	/* Some processors fetch instructions past what was written last. */
	__builtin___clear_cache((char *)(uintptr_t)function,
				(char *)(uintptr_t)function + sizeof(code));
	must_be(function(), 42);
}

/* Shared. */

static void shared_twice_in_one_process(void)
{
	struct area area = area_make(2);
	char *other = area_map(area.fd, 2 * page, READ_WRITE, MAP_SHARED);

	page_fill(area.at, 0, 'a');
	must(page_holds(other, 0, 'a'));
	page_fill(other, 1, 'b');
	must(page_holds(area.at, 1, 'b'));
}

static long map_and_fill(const struct job *job)
{
	char *at = area_map(job->fd, 2 * page, READ_WRITE, MAP_SHARED);

	must(page_holds(at, 0, 'a'));
	page_fill(at, 1, 'b');
	return 0;
}

static void shared_by_two_processes(void)
{
	struct area area = area_make(2);
	struct worker other = worker_start();

	page_fill(area.at, 0, 'a');
	worker_do(&other, &(struct job){ map_and_fill, area.fd });
	must(page_holds(area.at, 1, 'b'));
}

/* Private. */

static void private_reads_what_is_shared(void)
{
	struct area area = area_make(2);
	char *private;

	page_fill(area.at, 0, 'a');
	private = area_map(area.fd, 2 * page, READ_WRITE, MAP_PRIVATE);
	must(page_holds(private, 0, 'a'));
	must(page_holds(private, 1, 0));
}

static void private_sees_later_writes(void)
{
	struct area area = area_make(2);
	char *private = area_map(area.fd, 2 * page, READ_WRITE, MAP_PRIVATE);

	must(page_holds(private, 0, 0));
	page_fill(area.at, 0, 'a');
	page_fill(area.at, 1, 'b');
	must(page_holds(private, 0, 'a'));
	must(page_holds(private, 1, 'b'));
}

static void private_writes_are_unseen(void)
{
	struct area area = area_make(2);
	char *private = area_map(area.fd, 2 * page, READ_WRITE, MAP_PRIVATE);
	char *other = area_map(area.fd, 2 * page, READ_WRITE, MAP_PRIVATE);

	page_fill(area.at, 0, 'a');
	page_fill(private, 0, 'p');
	page_fill(private, 1, 'p');
	must(page_holds(area.at, 0, 'a'));
	must(page_holds(area.at, 1, 0));
	must(page_holds(other, 0, 'a'));
	must(page_holds(other, 1, 0));
}

static void private_copy_is_by_page(void)
{
	struct area area = area_make(2);
	char *private = area_map(area.fd, 2 * page, READ_WRITE, MAP_PRIVATE);

	pages_fill(area.at, 0, 2, 'a');
	private[0] = 'p';
	pages_fill(area.at, 0, 2, 'b');
	must_be(private[0], 'p');
	must_be(private[1], 'a');
	must(page_holds(private, 1, 'b'));
}

static void private_copies_are_not_purged(void)
{
	struct area area = area_make(2);
	char *private = area_map(area.fd, 2 * page, READ_WRITE, MAP_PRIVATE);

	pages_fill(area.at, 0, 2, 'a');
	page_fill(private, 0, 'p');
	must_be(engine->unpin(area.fd, 0, 0), 0);
	must_be(engine->purge_all(area.fd), 2);
	must(page_holds(private, 0, 'p'));
	must(page_holds(private, 1, 0));
}

static void private_first_map(void)
{
	int fd = area_open_sized(page);
	char *private = area_map(fd, page, READ_WRITE, MAP_PRIVATE);
	char *shared;

	page_fill(private, 0, 'p');
	shared = area_map(fd, page, READ_WRITE, MAP_SHARED);
	must(page_holds(shared, 0, 0));
	must(page_holds(private, 0, 'p'));
}

static void private_write_takes_no_shared_page(void)
{
	int fd = area_open_sized(LARGE_PAGES * page);
	char *private = area_map(fd, LARGE_PAGES * page, READ_WRITE,
				 MAP_PRIVATE);
	long before = shmem_kib();

	pages_fill(private, 0, LARGE_PAGES, 'p');
	must(shmem_kib() < before + SLACK_KIB);
	must(pages_hold(private, 0, LARGE_PAGES, 'p'));
}

static long write_pages(const struct job *job)
{
	pages_fill(job->at, 0, job->length, 'p');
	return 0;
}

static void private_write_costs_one_page(void)
{
	struct cgroup cgroup = cgroup_make("private", 512 << 20);
	int fd = area_open_sized(LARGE_PAGES * page);
	char *private = area_map(fd, LARGE_PAGES * page, READ_WRITE,
				 MAP_PRIVATE);
	struct worker writer = worker_start_in(&cgroup);
	size_t before = cgroup_bytes(&cgroup), cost;

	worker_do(&writer, &(struct job){ write_pages, .at = private,
					  .length = LARGE_PAGES });
	cost = cgroup_bytes(&cgroup) - before;
	must(cost > (LARGE_KIB - SLACK_KIB) * (size_t)1024);
	must(cost < (LARGE_KIB + SLACK_KIB) * (size_t)1024);
}

static void private_read_then_write(void)
{
	struct area area = area_make(1);
	char *private = area_map(area.fd, page, READ_WRITE, MAP_PRIVATE);

	must(page_holds(private, 0, 0));
	page_fill(private, 0, 'p');
	must(page_holds(area.at, 0, 0));
	page_fill(area.at, 0, 'a');
	must(page_holds(private, 0, 'p'));
}

static void private_write_after_the_last_close(void)
{
	int fd = area_open_sized(2 * page);
	char *private = area_map(fd, 2 * page, READ_WRITE, MAP_PRIVATE);

	area_close(fd);
	page_fill(private, 0, 'p');
	must(page_holds(private, 0, 'p'));
	must(page_holds(private, 1, 0));
}

static const struct test tests[] = {
	{ "2 mmap: before a size is set is EINVAL", unsized },
	{ "2 mmap: of size 0 is EINVAL", sized_to_zero },
	{ "2 mmap: up to the size rounded up to a page",
	  rounded_up_to_a_page },
	{ "2 mmap: from an offset shows the pages from there", a_part },
	{ "2 mmap: a length past the end is EINVAL", length_past_the_end },
	{ "2 mmap: offset and length past the end are EINVAL",
	  offset_past_the_end },
	{ "2 mmap: past the end is EINVAL for later maps too",
	  past_the_end_once_mapped },
	{ "2 mmap: an offset that wraps with its length is refused",
	  offset_wraps },
	{ "2 mmap: a length that wraps is refused", length_wraps },
	{ "2 mmap: growing a mapping past the end gives no memory",
	  grown_past_the_end },
	{ "2 mask: starts with read, write and execute",
	  mask_starts_with_all },
	{ "2 mask: any bits can be taken away", mask_loses_bits },
	{ "2 mask: adding a bit is EINVAL", mask_gains_no_bits },
	{ "2 mask: other bits are EINVAL", mask_has_no_other_bits },
	{ "2 mask: the upper half of a long counts",
	  mask_is_not_cut_to_32_bits, { need_long_mask } },
	{ "2 mask: any holder can take bits away", mask_is_any_holders },
	{ "2 mask: mappings made earlier keep what they have",
	  mask_spares_earlier_mappings },
	{ "2 mask: a private mapping made earlier keeps its copies over a fork",
	  mask_spares_private_copies },
	{ "2 protection: outside the mask is EPERM",
	  protection_outside_the_mask, { need_executable_device } },
	{ "2 protection: outside the mask is EPERM for a private map too",
	  private_protection_outside_the_mask, { need_executable_device } },
	{ "2 protection: mprotect past the mask is EACCES",
	  upgrade_past_the_mask,
	  { need_enforced_execute, need_executable_device } },
	{ "2 protection: mprotect of a private map past the mask is EACCES",
	  private_upgrade_past_the_mask,
	  { need_enforced_execute, need_executable_device } },
	{ "2 protection: code in an area can be run", execute,
	  { need_executable_device } },
	{ "2 MAP_SHARED: two mappings of a process see each other's writes",
	  shared_twice_in_one_process },
	{ "2 MAP_SHARED: two processes see each other's writes",
	  shared_by_two_processes },
	{ "2 MAP_PRIVATE: reads see what is shared",
	  private_reads_what_is_shared },
	{ "2 MAP_PRIVATE: reads see what is written to the area later",
	  private_sees_later_writes },
	{ "2 MAP_PRIVATE: writes are seen by nobody else",
	  private_writes_are_unseen },
	{ "2 MAP_PRIVATE: a page written here no longer follows the area",
	  private_copy_is_by_page },
	{ "2 MAP_PRIVATE: a page read before it is written is copied",
	  private_read_then_write },
	{ "2 MAP_PRIVATE: copies are not purged",
	  private_copies_are_not_purged, { need_purge_all } },
	{ "2 MAP_PRIVATE: may be the first map", private_first_map },
	{ "2 MAP_PRIVATE: a first private write takes no shared page",
	  private_write_takes_no_shared_page,
	  { need_cheap_private_writes, need_quiet_machine } },
	{ "2 MAP_PRIVATE: a first private write costs one page, not two",
	  private_write_costs_one_page,
	  { need_cheap_private_writes, need_cgroups } },
	{ "2 MAP_PRIVATE: pages not yet touched work after the last close",
	  private_write_after_the_last_close },
};

const struct test_group mapping_tests = TEST_GROUP(tests);
