// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 7: the numbers of the commands, and unknown ones. */
#include <limits.h>
#include <linux/ashmem.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "area.h"
#include "device.h"
#include "engine.h"
#include "need.h"
#include "test.h"

#define PAGES	4

/* "_IOW size_t" and the like: the size of a long is in the number. */
#define LONG_SIZE	((unsigned long)sizeof(long) << 16)

/* As programs that were built with other headers have them. */
enum number {
	SET_NAME	= 0x41007701u,
	GET_NAME	= 0x81007702u,
	GET_SIZE	= 0x7704u,
	GET_PROT_MASK	= 0x7706u,
	PIN		= 0x40087707u,
	UNPIN		= 0x40087708u,
	GET_PIN_STATUS	= 0x7709u,
	PURGE_ALL	= 0x770au,
};

#define SET_SIZE	(0x40007703u | LONG_SIZE)
#define SET_PROT_MASK	(0x40007705u | LONG_SIZE)
#define GET_FILE_ID	(0x8000770bu | LONG_SIZE)

static void numbers_of_settings(void)
{
	int fd = area_open();
	char name[256];

	must_be(device_call(fd, SET_NAME, (unsigned long)"by number"), 0);
	must_be(device_call(fd, GET_NAME, (unsigned long)name), 0);
	must(!strcmp(name, "by number"));
	must_be(device_call(fd, SET_SIZE, PAGES * page), 0);
	must_be(device_call(fd, GET_SIZE, 0), PAGES * page);
	must_be(device_call(fd, SET_PROT_MASK, PROT_READ), 0);
	must_be(device_call(fd, GET_PROT_MASK, 0), PROT_READ);
}

static void numbers_of_pinning(void)
{
	struct area area = area_make(PAGES);
	const uint32_t run[2] = { page, page };
	const unsigned long pointer = (unsigned long)run;

	must_be(device_call(area.fd, UNPIN, pointer), 0);
	must_be(device_call(area.fd, GET_PIN_STATUS, pointer), 0);
	must_be(device_call(area.fd, PIN, pointer), 0);
	must_be(device_call(area.fd, GET_PIN_STATUS, pointer), 1);
}

static void number_of_purge_all(void)
{
	struct area area = area_make(PAGES);

	must_be(engine->unpin(area.fd, 0, page), 0);
	must_be(device_call(area.fd, PURGE_ALL, 0), 1);
}

static void number_of_file_id(void)
{
	struct area area = area_make(PAGES);
	unsigned long id[2] = { 0, 0x55555555 };

	must_be(device_call(area.fd, GET_FILE_ID, (unsigned long)id), 0);
	must_be(id[0], area_id(area.fd));
	must_be(id[1], 0x55555555);
}

static void numbers_from_0x40(void)
{
	struct area area = area_make(PAGES);
	const uint64_t run[2] = { page, page };
	const unsigned long pointer = (unsigned long)run;

	must_be(device_call(area.fd, 0x40107741u, pointer), 0);
	must_be(device_call(area.fd, 0x40107742u, pointer), 0);
	must_be(device_call(area.fd, 0x40107740u, pointer), 0);
	must_be(device_call(area.fd, 0x40107742u, pointer), 1);
}

/* 32-bit processes. */

static void sizes_of_a_32_bit_process(void)
{
	int fd = area_open();

	must_be(device_call(fd, 0x40047703u, 0x7fff1000u), 0);
	must_be(device_call(fd, 0x7704u, 0), 0x7fff1000u);
	must_be(device_call(fd, 0x40047705u, PROT_READ | PROT_WRITE), 0);
	must_be(device_call(fd, 0x7706u, 0), PROT_READ | PROT_WRITE);
}

static void numbers_of_the_other_width(void)
{
	const unsigned long other = (sizeof(long) == 4 ? 8ul : 4ul) << 16;
	struct area area = area_make(PAGES);
	unsigned long id[2] = { 0x55555555, 0x55555555 };

	must_be(device_call(area.fd, 0x40007703u | other, page), -ENOTTY);
	must_be(device_call(area.fd, 0x40007705u | other, PROT_READ), -ENOTTY);
	must_be(device_call(area.fd, 0x8000770bu | other, (unsigned long)id),
		-ENOTTY);
	must_be(engine->get_prot_mask(area.fd), 7);
	must_be(id[0], 0x55555555);
}

/* Unknown commands. */

static const unsigned long known[] = {
	ASHMEM_SET_NAME, ASHMEM_GET_NAME, ASHMEM_SET_SIZE, ASHMEM_GET_SIZE,
	ASHMEM_SET_PROT_MASK, ASHMEM_GET_PROT_MASK, ASHMEM_PIN, ASHMEM_UNPIN,
	ASHMEM_GET_PIN_STATUS, ASHMEM_PURGE_ALL_CACHES, ASHMEM_GET_FILE_ID,
	ASHMEM_PIN64, ASHMEM_UNPIN64, ASHMEM_GET_PIN_STATUS64,
};

#define KNOWN	(sizeof(known) / sizeof(known[0]))

/* Not the commands whose number has the width of a long: see above. */
static bool is_known(unsigned long command)
{
	const unsigned int number = _IOC_NR(command), size = _IOC_SIZE(command);

	for (size_t i = 0; i < KNOWN; i++)
		if (command == known[i])
			return true;
	return (number == 3 || number == 5 || number == 11) &&
	       (size == 4 || size == 8);
}

static void must_be_untouched(const struct area *area)
{
	must_be(engine->get_size(area->fd), PAGES * page);
	must_be(engine->get_prot_mask(area->fd), 7);
	must_be(engine->status(area->fd, 0, 0), 1);
	must(pages_hold(area->at, 0, PAGES, 'a'));
}

static void unknown_numbers(void)
{
	struct area area = area_make(PAGES);
	char argument[512] = { 0 };

	pages_fill(area.at, 0, PAGES, 'a');
	for (unsigned int number = 0; number < 256; number++)
		for (unsigned int direction = 0; direction < 4; direction++) {
			unsigned long command = _IOC(direction, 0x77, number,
						     direction ? 8 : 0);

			if (is_known(command))
				continue;
			must_be(device_call(area.fd, command,
					    (unsigned long)argument), -ENOTTY);
		}
	must_be_untouched(&area);
}

static void wrong_sizes(void)
{
	const unsigned int sizes[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 255, 256, 257,
		4096, 0x3fff,
	};
	struct area area = area_make(PAGES);
	char argument[512] = { 0 };

	pages_fill(area.at, 0, PAGES, 'a');
	for (size_t i = 0; i < KNOWN; i++)
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			unsigned long command =
				_IOC(_IOC_DIR(known[i]), 0x77,
				     _IOC_NR(known[i]), sizes[j]);

			if (is_known(command))
				continue;
			must_be(device_call(area.fd, command,
					    (unsigned long)argument), -ENOTTY);
		}
	must_be_untouched(&area);
}

static void other_types(void)
{
	struct area area = area_make(PAGES);
	char argument[512] = { 0 };

	pages_fill(area.at, 0, PAGES, 'a');
	for (unsigned int type = 0; type < 256; type++) {
		unsigned long command = _IOC(_IOC_WRITE, type, 7, 8);

		if (type == 0x77)
			continue;
		must_be(device_call(area.fd, command, (unsigned long)argument),
			-ENOTTY);
	}
	must_be(device_call(area.fd, 0, 0), -ENOTTY);
	must_be(device_call(area.fd, 0xffffffff, 0), -ENOTTY);
	must_be(device_call(area.fd, 0x5401, (unsigned long)argument),
		-ENOTTY);
	must_be_untouched(&area);
}

/* Every command with every boundary value. */

static const unsigned long boundaries[] = {
	0, 1, 2, 3, 4, 7, 8, 15, 0x7fffffff, 0x80000000ul, 0xfffffffful,
	LONG_MAX, (unsigned long)LONG_MIN, (unsigned long)LONG_MIN + 1,
	~0ul - 1, ~0ul,
	/* Around a page, and the last page, of 4, 16 and 64 KiB; but from
	 * 0xffff0000 on the kernel has a page for all 32-bit Arm programs. */
	0xfff, 0x1000, 0x1001, 0xfffff000ul, ~0ul - 0x1000, ~0ul - 0xfff,
	0x3fff, 0x4000, 0x4001, 0xffffc000ul, ~0ul - 0x4000, ~0ul - 0x3fff,
	0xffff, 0x10000, 0x10001, ~0ul - 0x10000,
};

/* A size above 2 GiB, cut to an int by the kernel, may look like an error. */
static bool is_an_answer(unsigned long command, long result)
{
	return result >= 0 || result == -EINVAL || result == -EFAULT ||
	       command == ASHMEM_GET_SIZE;
}

/* Purging all takes no argument, and would change other areas. */
static void try_all(int fd)
{
	for (size_t i = 0; i < KNOWN; i++)
		for (size_t j = 0;
		     j < sizeof(boundaries) / sizeof(boundaries[0]); j++) {
			long result;

			if (known[i] == ASHMEM_PURGE_ALL_CACHES)
				continue;
			result = device_call(fd, known[i], boundaries[j]);
			must(is_an_answer(known[i], result));
		}
}

static void boundaries_before_mmap(void)
{
	int fd = area_open();

	try_all(fd);
	area_close(fd);
	fd = area_open_sized(PAGES * page);
	try_all(fd);
}

static void boundaries_after_mmap(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	try_all(area.fd);
	must_be(engine->get_size(area.fd), PAGES * page);
	must_be(engine->status(area.fd, 0, 0), 1);
	must(pages_hold(area.at, 0, PAGES, 'a'));
}

static const struct test tests[] = {
	{ "7 numbers: name, size and mask", numbers_of_settings,
	  { need_device } },
	{ "7 numbers: pin, unpin and status", numbers_of_pinning,
	  { need_device } },
	{ "7 numbers: purge all", number_of_purge_all,
	  { need_device, need_root } },
	{ "7 numbers: file id, as wide as a long of the process",
	  number_of_file_id, { need_device } },
	{ "7 numbers: the 64-bit pin calls", numbers_from_0x40,
	  { need_device } },
	{ "7 numbers: size and mask of a 32-bit process",
	  sizes_of_a_32_bit_process, { need_device, need_32_bit } },
	{ "7 ENOTTY: the width of another process's long",
	  numbers_of_the_other_width, { need_device } },
	{ "7 ENOTTY: unknown numbers and directions", unknown_numbers,
	  { need_device } },
	{ "7 ENOTTY: known numbers with a wrong size", wrong_sizes,
	  { need_device } },
	{ "7 ENOTTY: other types", other_types, { need_device } },
	{ "7 boundaries: every command with every value before mmap",
	  boundaries_before_mmap, { need_device } },
	{ "7 boundaries: every command with every value after mmap",
	  boundaries_after_mmap, { need_device } },
};

const struct test_group abi_tests = TEST_GROUP(tests);
