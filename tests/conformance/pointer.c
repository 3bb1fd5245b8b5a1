// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 7: a bad pointer is EFAULT, and a good one is not. */
#include <linux/ashmem.h>
#include <string.h>
#include <sys/mman.h>

#include "area.h"
#include "device.h"
#include "engine.h"
#include "need.h"
#include "test.h"

#define PAGES		4
#define READ_WRITE	(PROT_READ | PROT_WRITE)

/* Where no user's memory is: of a 32-bit process, only what is not mapped. */
static const unsigned long nowhere[] = {
	0, 1, 4095, ~0ul - 4095, ~0ul - 7, ~0ul,
#if __SIZEOF_LONG__ == 8
	0xffffffff81000000ul, 0xffff888000000000ul, 0x800000000000ul,
	0x7ffffffff000ul, 0x8000000000000000ul, 0xdead000000000000ul,
#endif
};

#define NOWHERES	(sizeof(nowhere) / sizeof(nowhere[0]))

/*
 * Two pages, of which the second is not there. Returns where @length bytes end
 * exactly at the end of the first.
 */
static char *before_the_edge(size_t length, int prot)
{
	char *at = mmap(NULL, 2 * page, READ_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(at != MAP_FAILED);
	must(!munmap(at + page, page));
	must(!mprotect(at, page, prot));
	return at + page - length;
}

static void must_fault(int fd, unsigned long command)
{
	for (size_t i = 0; i < NOWHERES; i++)
		must_be(device_call(fd, command, nowhere[i]), -EFAULT);
}

static void must_be_named(int fd, const char *wanted)
{
	char name[ASHMEM_NAME_LEN];

	must_be(engine->get_name(fd, name), 0);
	must(!strcmp(name, wanted));
}

/* Names. */

static void name_from_nowhere(void)
{
	int fd = area_open();

	must_be(engine->set_name(fd, "before"), 0);
	must_fault(fd, ASHMEM_SET_NAME);
	must_be_named(fd, "before");
}

static void name_without_end(void)
{
	char *text = before_the_edge(16, READ_WRITE);
	int fd = area_open();

	memset(text, 'n', 16);
	must_be(engine->set_name(fd, "before"), 0);
	must_be(engine->set_name(fd, text), -EFAULT);
	must_be_named(fd, "before");
}

static void name_that_ends_at_the_edge(void)
{
	char *text = before_the_edge(6, READ_WRITE);
	int fd = area_open();

	strcpy(text, "short");
	must_be(engine->set_name(fd, text), 0);
	must_be_named(fd, "short");
	must_be(engine->set_name(fd, text + 5), 0);
	must_be_named(fd, "dev/ashmem");
}

static void name_from_read_only_memory(void)
{
	char *text = before_the_edge(16, READ_WRITE);
	int fd = area_open();

	strcpy(text, "constant");
	must(!mprotect(text + 16 - page, page, PROT_READ));
	must_be(engine->set_name(fd, text), 0);
	must_be_named(fd, "constant");
}

static void name_from_an_area(void)
{
	struct area area = area_make(1);
	int fd = area_open();

	strcpy(area.at, "from another");
	must_be(engine->set_name(fd, area.at), 0);
	must_be_named(fd, "from another");
	must_be(engine->get_name(fd, area.at + 100), 0);
	must(!strcmp(area.at + 100, "from another"));
	must_be(engine->get_name(area.fd, area.at + 200), 0);
	must(!strcmp(area.at + 200, "dev/ashmem"));
}

static void name_to_nowhere(void)
{
	int fd = area_open();

	must_fault(fd, ASHMEM_GET_NAME);
}

static void name_to_read_only_memory(void)
{
	char *room = before_the_edge(ASHMEM_NAME_LEN, PROT_READ);

	must_be(engine->get_name(area_open(), room), -EFAULT);
}

static void name_to_the_edge(void)
{
	char *room = before_the_edge(ASHMEM_NAME_LEN, READ_WRITE);
	int fd = area_open();

	must_be(engine->set_name(fd, "a name"), 0);
	must_be(engine->get_name(fd, room), 0);
	must(!strcmp(room, "a name"));
}

static void name_past_the_edge(void)
{
	char *room = before_the_edge(4, READ_WRITE);
	int fd = area_open();

	must_be(engine->set_name(fd, "a name"), 0);
	must_be(engine->get_name(fd, room), -EFAULT);
}

/* What was left in the kernel's buffer is nobody's business. */
static void name_tells_no_more(void)
{
	char room[2 * ASHMEM_NAME_LEN];
	int fd = area_open();

	memset(room, 'X', sizeof(room));
	must_be(engine->set_name(fd, "a long, long name, then a short one"), 0);
	must_be(engine->set_name(fd, "short"), 0);
	must_be(engine->get_name(fd, room), 0);
	for (size_t i = sizeof("short"); i < ASHMEM_NAME_LEN; i++)
		must(room[i] == 'X' || room[i] == '\0');
	for (size_t i = ASHMEM_NAME_LEN; i < sizeof(room); i++)
		must_be(room[i], 'X');
}

/* Runs of pages. */

static const unsigned long pin_calls[] = {
	ASHMEM_PIN, ASHMEM_UNPIN, ASHMEM_GET_PIN_STATUS,
};

static const unsigned long pin64_calls[] = {
	ASHMEM_PIN64, ASHMEM_UNPIN64, ASHMEM_GET_PIN_STATUS64,
};

#define CALLS	3

static void run_from_nowhere(void)
{
	struct area area = area_make(PAGES);

	for (size_t i = 0; i < CALLS; i++) {
		must_fault(area.fd, pin_calls[i]);
		must_fault(area.fd, pin64_calls[i]);
	}
	must_be(engine->status(area.fd, 0, 0), 1);
}

static void run_past_the_edge(void)
{
	struct area area = area_make(PAGES);

	for (size_t length = 1; length < 16; length++) {
		unsigned long run =
			(unsigned long)before_the_edge(length, READ_WRITE);

		for (size_t i = 0; i < CALLS; i++) {
			must_be(device_call(area.fd, pin64_calls[i], run),
				-EFAULT);
			if (length < 8)
				must_be(device_call(area.fd, pin_calls[i],
						    run), -EFAULT);
		}
	}
	must_be(engine->status(area.fd, 0, 0), 1);
}

static void run_to_the_edge(void)
{
	struct area area = area_make(PAGES);
	struct ashmem_pin run = { .offset = page, .len = page };
	char *at = before_the_edge(sizeof(run), READ_WRITE);

	memcpy(at, &run, sizeof(run));
	must(!mprotect(at + sizeof(run) - page, page, PROT_READ));
	must_be(device_call(area.fd, ASHMEM_UNPIN, (unsigned long)at), 0);
	must_be(engine->status(area.fd, page, page), 0);
	must_be(engine->status(area.fd, 0, page), 1);
}

static void run_at_an_odd_address(void)
{
	struct area area = area_make(PAGES);
	struct ashmem_pin run = { .offset = page, .len = page };
	struct ashmem_pin64 run64 = { .offset = 2 * page, .len = page };
	char room[32];

	memcpy(room + 1, &run, sizeof(run));
	must_be(device_call(area.fd, ASHMEM_UNPIN, (unsigned long)(room + 1)),
		0);
	memcpy(room + 3, &run64, sizeof(run64));
	must_be(device_call(area.fd, ASHMEM_UNPIN64,
			    (unsigned long)(room + 3)), 0);
	must_be(engine->status(area.fd, page, page), 0);
	must_be(engine->status(area.fd, 2 * page, page), 0);
	must_be(engine->status(area.fd, 3 * page, page), 1);
}

/* The run stands in the very page that it unpins, and then pins. */
static void run_in_its_own_area(void)
{
	struct area area = area_make(PAGES);
	struct ashmem_pin run = { .offset = 0, .len = page };

	memcpy(area.at, &run, sizeof(run));
	must_be(device_call(area.fd, ASHMEM_UNPIN, (unsigned long)area.at), 0);
	must_be(device_call(area.fd, ASHMEM_PIN, (unsigned long)area.at), 0);
	must_be(engine->status(area.fd, 0, 0), 1);
}

/* GET_FILE_ID. */

static void file_id_to_nowhere(void)
{
	struct area area = area_make(PAGES);

	must_fault(area.fd, ASHMEM_GET_FILE_ID);
}

static void file_id_to_read_only_memory(void)
{
	struct area area = area_make(PAGES);
	char *room = before_the_edge(sizeof(long), PROT_READ);

	must_be(device_call(area.fd, ASHMEM_GET_FILE_ID, (unsigned long)room),
		-EFAULT);
}

static void file_id_at_the_edge(void)
{
	struct area area = area_make(PAGES);
	char *room = before_the_edge(sizeof(long), READ_WRITE);

	must_be(device_call(area.fd, ASHMEM_GET_FILE_ID, (unsigned long)room),
		0);
	room = before_the_edge(sizeof(long) - 1, READ_WRITE);
	must_be(device_call(area.fd, ASHMEM_GET_FILE_ID, (unsigned long)room),
		-EFAULT);
}

static const struct test tests[] = {
	{ "7 SET_NAME: from a bad pointer is EFAULT", name_from_nowhere,
	  { need_device } },
	{ "7 SET_NAME: a string that runs out of memory is EFAULT",
	  name_without_end, { need_device } },
	{ "7 SET_NAME: a short string at the end of memory is taken",
	  name_that_ends_at_the_edge, { need_device } },
	{ "7 SET_NAME: from read-only memory", name_from_read_only_memory,
	  { need_device } },
	{ "7 SET_NAME, GET_NAME: from and to the memory of an area",
	  name_from_an_area, { need_device } },
	{ "7 GET_NAME: to a bad pointer is EFAULT", name_to_nowhere,
	  { need_device } },
	{ "7 GET_NAME: to read-only memory is EFAULT",
	  name_to_read_only_memory, { need_device } },
	{ "7 GET_NAME: 256 bytes at the end of memory are enough",
	  name_to_the_edge, { need_device } },
	{ "7 GET_NAME: past the end of memory is EFAULT", name_past_the_edge,
	  { need_device } },
	{ "7 GET_NAME: tells nothing behind the name", name_tells_no_more,
	  { need_device } },
	{ "7 PIN, UNPIN, GET_PIN_STATUS: from a bad pointer is EFAULT",
	  run_from_nowhere, { need_device } },
	{ "7 PIN, UNPIN, GET_PIN_STATUS: past the end of memory is EFAULT",
	  run_past_the_edge, { need_device } },
	{ "7 UNPIN: read-only, at the end of memory", run_to_the_edge,
	  { need_device } },
	{ "7 UNPIN: at an odd address", run_at_an_odd_address,
	  { need_device } },
	{ "7 PIN, UNPIN: from the page that it is about",
	  run_in_its_own_area, { need_device } },
	{ "7 GET_FILE_ID: to a bad pointer is EFAULT", file_id_to_nowhere,
	  { need_device } },
	{ "7 GET_FILE_ID: to read-only memory is EFAULT",
	  file_id_to_read_only_memory, { need_device } },
	{ "7 GET_FILE_ID: writes a long and no more", file_id_at_the_edge,
	  { need_device } },
};

const struct test_group pointer_tests = TEST_GROUP(tests);
