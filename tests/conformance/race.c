// SPDX-License-Identifier: MIT
/*
 * What must hold of the contract when two processes meet. Each race is run
 * many times; none waits for time to pass.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../range/random.h"
#include "access.h"
#include "area.h"
#include "engine.h"
#include "maps.h"
#include "meminfo.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES		8
#define READ_WRITE	(PROT_READ | PROT_WRITE)

/**
 * struct meeting - memory that the processes of a test share
 * @waiting: how many have come to the gate, in all rounds
 * @passes:  how often the purger has purged everything
 * @steps:   what others count
 * @result:  what the child found
 */
struct meeting {
	atomic_uint waiting;
	atomic_ulong passes;
	atomic_ulong steps;
	unsigned long long result;
};

static struct meeting *meet(void)
{
	void *at = mmap(NULL, sizeof(struct meeting), READ_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(at != MAP_FAILED);
	return at;
}

/* Lets two processes go at the same moment. Rounds count from 0. */
static void pass_gate(struct meeting *meeting, unsigned int round)
{
	atomic_fetch_add(&meeting->waiting, 1);
	while (atomic_load(&meeting->waiting) < 2 * (round + 1))
		sched_yield();
}

/* First mmap. */

static void map_in_child(struct meeting *meeting, unsigned int round, int fd)
{
	char *at;

	pass_gate(meeting, round);
	at = area_map(fd, 2 * page, READ_WRITE, MAP_SHARED);
	at[0] = 'c';
	meeting->result = area_id(fd);
	_exit(0);
}

static void two_first_maps(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 300; round++) {
		int fd = area_open_sized(2 * page);
		pid_t child = fork();
		char *at;

		if (!child)
			map_in_child(meeting, round, fd);
		pass_gate(meeting, round);
		at = area_map(fd, 2 * page, READ_WRITE, MAP_SHARED);
		child_await(child);
		must_be(area_id(fd), meeting->result);
		must_be(maps_find(at).inode, meeting->result);
		must_be(at[0], 'c');
		must(!munmap(at, 2 * page));
		area_close(fd);
	}
}

/* The same by threads, for engines whose areas are shared only once mapped. */

struct mapper {
	struct meeting *meeting;
	unsigned int round;
	int fd;
};

static void *map_in_thread(void *argument)
{
	const struct mapper *mapper = argument;
	char *at;

	pass_gate(mapper->meeting, mapper->round);
	at = area_map(mapper->fd, 2 * page, READ_WRITE, MAP_SHARED);
	at[0] = 't';
	return at;
}

static void two_first_maps_of_threads(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 300; round++) {
		struct mapper mapper = {
			meeting, round, area_open_sized(2 * page),
		};
		pthread_t thread;
		char *at, *other;

		must(!pthread_create(&thread, NULL, map_in_thread, &mapper));
		pass_gate(meeting, round);
		at = area_map(mapper.fd, 2 * page, READ_WRITE, MAP_SHARED);
		must(!pthread_join(thread, (void **)&other));
		must_be(maps_find(at).inode, maps_find(other).inode);
		must_be(maps_find(at).inode, area_id(mapper.fd));
		must_be(at[0], 't');
		must(!munmap(at, 2 * page));
		must(!munmap(other, 2 * page));
		area_close(mapper.fd);
	}
}

static void *resize_in_thread(void *argument)
{
	const struct mapper *mapper = argument;
	long result;

	pass_gate(mapper->meeting, mapper->round);
	do {
		result = engine->set_size(mapper->fd, 4 * page);
		if (!result)
			result = engine->set_size(mapper->fd, page);
	} while (!result);
	must_be(result, -EINVAL);
	return NULL;
}

static void map_against_set_size_by_a_thread(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 200; round++) {
		struct mapper mapper = {
			meeting, round, area_open_sized(page),
		};
		pthread_t thread;
		char *at;

		must(!pthread_create(&thread, NULL, resize_in_thread,
				     &mapper));
		pass_gate(meeting, round);
		do {
			at = engine->map(mapper.fd, 4 * page, PROT_READ,
					 MAP_SHARED, 0);
		} while (at == MAP_FAILED);
		must(!pthread_join(thread, NULL));
		must_be(engine->get_size(mapper.fd), 4 * page);
		must(can_read(at + 3 * page));
		must(!munmap(at, 4 * page));
		area_close(mapper.fd);
	}
}

static void resize_in_child(struct meeting *meeting, unsigned int round,
			    int fd)
{
	long result;

	pass_gate(meeting, round);
	do {
		result = engine->set_size(fd, 4 * page);
		if (!result)
			result = engine->set_size(fd, page);
	} while (!result);
	must_be(result, -EINVAL);
	_exit(0);
}

static void map_against_set_size(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 200; round++) {
		int fd = area_open_sized(page);
		pid_t child = fork();
		char *at;

		if (!child)
			resize_in_child(meeting, round, fd);
		pass_gate(meeting, round);
		do {
			at = engine->map(fd, 4 * page, PROT_READ, MAP_SHARED,
					 0);
		} while (at == MAP_FAILED);
		child_await(child);
		must_be(engine->get_size(fd), 4 * page);
		must(can_read(at + 3 * page));
		must(!munmap(at, 4 * page));
		area_close(fd);
	}
}

static void rename_in_child(struct meeting *meeting, unsigned int round,
			    int fd)
{
	long result;

	pass_gate(meeting, round);
	do {
		result = engine->set_name(fd, "first name");
		if (!result)
			result = engine->set_name(fd, "second");
	} while (!result);
	must_be(result, -EINVAL);
	_exit(0);
}

static void map_against_set_name(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 200; round++) {
		char name[256], wanted[300];
		int fd = area_open_sized(page);
		pid_t child = fork();
		char *at;

		must_be(engine->set_name(fd, "second"), 0);
		if (!child)
			rename_in_child(meeting, round, fd);
		pass_gate(meeting, round);
		at = area_map(fd, page, PROT_READ, MAP_SHARED);
		child_await(child);
		must_be(engine->get_name(fd, name), 0);
		snprintf(wanted, sizeof(wanted), "%s%s (deleted)",
			 engine->maps_name, name);
		must(!strcmp(maps_find(at).path, wanted));
		must(!munmap(at, page));
		area_close(fd);
	}
}

/* Names and masks. */

__attribute__((noreturn))
static void rename_for_ever(int fd)
{
	char first[256], second[256];

	memset(first, 'a', 255);
	memset(second, 'b', 100);
	first[255] = '\0';
	second[100] = '\0';
	for (;;) {
		must_be(engine->set_name(fd, first), 0);
		must_be(engine->set_name(fd, second), 0);
	}
}

static void get_name_against_set_name(void)
{
	int fd = area_open();
	char name[256];

	must_be(engine->set_name(fd, "b"), 0);
	if (!fork())
		rename_for_ever(fd);
	do
		must_be(engine->get_name(fd, name), 0);
	while (!name[1]);
	for (unsigned int round = 0; round < 20000; round++) {
		must_be(engine->get_name(fd, name), 0);
		must_be(strlen(name), name[0] == 'a' ? 255 : 100);
		must_be(strspn(name, name[0] == 'a' ? "a" : "b"), strlen(name));
	}
}

static void mask_against_mask(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 300; round++) {
		int fd = area_open();
		pid_t child = fork();
		long result;

		if (!child) {
			pass_gate(meeting, round);
			meeting->result =
				!engine->set_prot_mask(fd, READ_WRITE);
			_exit(0);
		}
		pass_gate(meeting, round);
		result = engine->set_prot_mask(fd, PROT_READ | PROT_EXEC);
		child_await(child);
		must_be(result, meeting->result ? -EINVAL : 0);
		must_be(engine->get_prot_mask(fd), meeting->result ?
			READ_WRITE : PROT_READ | PROT_EXEC);
		area_close(fd);
	}
}

/* Purging. */

/* Forks a process that purges everything for ever, without any area. */
static void start_purger(struct meeting *meeting)
{
	int fd;

	if (fork())
		return;
	fd = area_open();
	for (;;) {
		must(engine->purge_all(fd) >= 0);
		atomic_fetch_add(&meeting->passes, 1);
	}
}

static void await_passes(struct meeting *meeting, unsigned long count)
{
	unsigned long before = atomic_load(&meeting->passes);

	while (atomic_load(&meeting->passes) < before + count) {
		must(waitpid(-1, NULL, WNOHANG) == 0);
		sched_yield();
	}
}

/* Returns after a purge of everything that began after the call. */
static void await_pass(struct meeting *meeting)
{
	await_passes(meeting, 2);
}

static void pin_against_purge(void)
{
	struct meeting *meeting = meet();
	struct area area;
	unsigned int purged = 0;

	start_purger(meeting);
	area = area_make(PAGES);
	for (unsigned int round = 0; round < 5000 || !purged; round++) {
		int byte = 'a' + round % 26;

		pages_fill(area.at, 0, PAGES, byte);
		must_be(engine->unpin(area.fd, 0, 0), 0);
		for (size_t i = 0; i < PAGES; i++) {
			long result = engine->pin(area.fd, i * page, page);

			must(result == 0 || result == 1);
			must(page_holds(area.at, i, result ? 0 : byte));
			purged += result;
		}
	}
}

#define MANY_PAGES	1024

/*
 * Pins from the end, towards the purger, for which it waits before it pins
 * @page_of_meeting: left to themselves the two can be a long time without ever
 * running at once. Returns how many were purged.
 */
static unsigned int pin_each(const struct area *area, char byte, bool *purged,
			     struct meeting *meeting, size_t page_of_meeting)
{
	unsigned int count = 0;

	for (size_t i = MANY_PAGES; i-- > 0;) {
		long result;

		if (i == page_of_meeting)
			await_passes(meeting, 1);
		result = engine->pin(area->fd, i * page, page);
		must(result == 0 || result == 1);
		must_be(area->at[i * page], result ? 0 : byte);
		purged[i] = result;
		count += result;
	}
	return count;
}

/* Until some were purged and some not, in enough rounds. Each takes long where
 * two virtual machines share two processors: a page that is purged is unmapped
 * with the help of all processors that use it. */
static void pins_and_purges_meet(void)
{
	static bool purged[MANY_PAGES];
	struct meeting *meeting = meet();
	unsigned int met = 0;
	struct area area;

	start_purger(meeting);
	area = area_make(MANY_PAGES);
	for (unsigned int round = 0; round < 40 || met < 20; round++) {
		char byte = 'a' + round % 26;
		unsigned int count;

		for (size_t i = 0; i < MANY_PAGES; i++)
			area.at[i * page] = byte;
		must_be(engine->unpin(area.fd, 0, 0), 0);
		count = pin_each(&area, byte, purged, meeting,
				 round * 137 % MANY_PAGES);
		met += count && count < MANY_PAGES;
		await_pass(meeting);
		for (size_t i = 0; i < MANY_PAGES; i++)
			must_be(area.at[i * page], purged[i] ? 0 : byte);
	}
}

static void write_after_pin(void)
{
	struct meeting *meeting = meet();
	struct area area;

	start_purger(meeting);
	area = area_make(PAGES);
	for (unsigned int round = 0; round < 1000; round++) {
		int byte = 'a' + round % 26;

		must_be(engine->unpin(area.fd, 0, 0), 0);
		must(engine->pin(area.fd, 0, 0) >= 0);
		pages_fill(area.at, 0, PAGES, byte);
		await_pass(meeting);
		must(pages_hold(area.at, 0, PAGES, byte));
	}
}

static void close_against_purge(void)
{
	struct meeting *meeting = meet();

	start_purger(meeting);
	for (unsigned int round = 0; round < 500; round++) {
		struct area area = area_make(PAGES);
		char seen[PAGES];

		pages_fill(area.at, 0, PAGES, 'a');
		must_be(engine->unpin(area.fd, 0, 0), 0);
		area_close(area.fd);
		for (size_t i = 0; i < PAGES; i++)
			seen[i] = area.at[i * page];
		await_pass(meeting);
		for (size_t i = 0; i < PAGES; i++)
			must(page_holds(area.at, i, seen[i]));
		must(!munmap(area.at, PAGES * page));
	}
}

__attribute__((noreturn))
static void touch_for_ever(struct meeting *meeting, const struct area *area)
{
	for (;;) {
		pages_fill(area->at, 0, PAGES, 't');
		atomic_fetch_add(&meeting->steps, 1);
	}
}

static void touch_against_purge(void)
{
	struct meeting *meeting = meet();
	struct area area = area_make(PAGES);
	pid_t toucher;

	must_be(engine->unpin(area.fd, 0, 0), 0);
	toucher = fork();
	if (!toucher)
		touch_for_ever(meeting, &area);
	for (unsigned int round = 0; round < 3000; round++)
		must(engine->purge_all(area.fd) >= 0);
	while (atomic_load(&meeting->steps) < 100)
		sched_yield();
	must(!kill(toucher, SIGKILL));
	must(waitpid(toucher, NULL, 0) == toucher);
	must(engine->purge_all(area.fd) >= 0);
	must(pages_hold(area.at, 0, PAGES, 0));
	must_be(engine->pin(area.fd, 0, 0), 1);
	must_be(engine->pin(area.fd, 0, 0), 0);
}

static void read_against_purge(void)
{
	struct meeting *meeting = meet();
	struct area area;
	char *got = calloc(1, PAGES * page + 1);

	must(got);
	start_purger(meeting);
	area = area_make(PAGES);
	for (unsigned int round = 0; round < 2000; round++) {
		pages_fill(area.at, 0, PAGES, 'r');
		must_be(engine->unpin(area.fd, 0, 0), 0);
		must_be(pread(area.fd, got, PAGES * page, 0), PAGES * page);
		must_be(strspn(got, "r") % page, 0);
		must(engine->pin(area.fd, 0, 0) >= 0);
	}
}

/* Opens, uses and drops areas, in one of four ways, for ever. */
__attribute__((noreturn))
static void live_and_die_for_ever(struct meeting *meeting, uint64_t state)
{
	for (;;) {
		struct area area = area_make(PAGES);
		uint64_t way = random_next(&state);

		pages_fill(area.at, 0, PAGES, 'l');
		must_be(engine->unpin(area.fd, 0, 0), 0);
		if (way & 1)
			must(engine->pin(area.fd, page, page) >= 0);
		if (way & 2) {
			area_close(area.fd);
			must(!munmap(area.at, PAGES * page));
		} else {
			must(!munmap(area.at, PAGES * page));
			area_close(area.fd);
		}
		atomic_fetch_add(&meeting->steps, 1);
	}
}

static void await_steps(struct meeting *meeting, unsigned long steps)
{
	while (atomic_load(&meeting->steps) < steps) {
		must(waitpid(-1, NULL, WNOHANG) == 0);
		sched_yield();
	}
}

static void lives_against_purge(void)
{
	struct meeting *meeting = meet();
	long before = shmem_kib();
	int fd = area_open();
	pid_t lives[3];

	start_purger(meeting);
	for (unsigned int i = 0; i < 3; i++) {
		lives[i] = fork();
		if (!lives[i])
			live_and_die_for_ever(meeting, seed + i);
	}
	await_steps(meeting, 3000);
	for (unsigned int i = 0; i < 3; i++) {
		must(!kill(lives[i], SIGKILL));
		must(waitpid(lives[i], NULL, 0) == lives[i]);
	}
	await_pass(meeting);
	must_be(engine->purge_all(fd), 0);
	while (shmem_kib() > before + SLACK_KIB)
		sched_yield();
}

/* Pinning. */

__attribute__((noreturn))
static void pin_for_ever(struct meeting *meeting, int fd, uint64_t state)
{
	for (;;) {
		size_t start = random_below(&state, PAGES);
		size_t count = 1 + random_below(&state, PAGES - start);

		if (random_below(&state, 2))
			must(engine->pin(fd, start * page, count * page) >= 0);
		else
			must_be(engine->unpin(fd, start * page, count * page),
				0);
		atomic_fetch_add(&meeting->steps, 1);
	}
}

#define PINNERS	3

static void start_pinners(struct meeting *meeting, const struct area *area,
			  pid_t *pinners)
{
	static uint64_t state;

	for (unsigned int i = 0; i < PINNERS; i++) {
		state = seed + random_next(&state);
		pinners[i] = fork();
		if (!pinners[i])
			pin_for_ever(meeting, area->fd, state);
	}
}

static void kill_pinners(const pid_t *pinners)
{
	for (unsigned int i = 0; i < PINNERS; i++) {
		must(!kill(pinners[i], SIGKILL));
		must(waitpid(pinners[i], NULL, 0) == pinners[i]);
	}
}

/* That every page can be pinned, unpinned and purged as ever. */
static void must_be_sound(const struct area *area)
{
	must(engine->pin(area->fd, 0, 0) >= 0);
	must_be(engine->status(area->fd, 0, 0), 1);
	must_be(engine->unpin(area->fd, 0, 0), 0);
	must_be(engine->purge_all(area->fd), PAGES);
	must_be(engine->pin(area->fd, 0, 0), 1);
	must_be(engine->pin(area->fd, 0, 0), 0);
}

static void pins_by_processes_that_are_killed(void)
{
	struct meeting *meeting = meet();
	struct area area = area_make(PAGES);
	pid_t pinners[PINNERS];

	for (unsigned int round = 0; round < 20; round++) {
		start_pinners(meeting, &area, pinners);
		await_steps(meeting, 1000 * (round + 1));
		kill_pinners(pinners);
		must_be_sound(&area);
	}
}

static void pins_against_purge(void)
{
	struct meeting *meeting = meet();
	struct area area = area_make(PAGES);
	pid_t pinners[PINNERS];

	start_purger(meeting);
	start_pinners(meeting, &area, pinners);
	for (unsigned int round = 0; round < 20000; round++)
		must(engine->status(area.fd, 0, 0) >= 0);
	await_steps(meeting, 10000);
	kill_pinners(pinners);
	must(engine->pin(area.fd, 0, 0) >= 0);
	must_be(engine->status(area.fd, 0, 0), 1);
	must_be(engine->pin(area.fd, 0, 0), 0);
}

static unsigned long count_in_fdinfo(int fd)
{
	unsigned long pinned = 0, unpinned = 0, purged = 0;
	char path[64], line[1400];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	must(file);
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "ashmem-pinned: %lu", &pinned);
		sscanf(line, "ashmem-unpinned: %lu", &unpinned);
		sscanf(line, "ashmem-purged: %lu", &purged);
	}
	fclose(file);
	return pinned + unpinned + purged;
}

static void fdinfo_against_all(void)
{
	struct meeting *meeting = meet();
	struct area area = area_make(PAGES);

	start_purger(meeting);
	if (!fork())
		pin_for_ever(meeting, area.fd, seed);
	for (unsigned int round = 0; round < 2000; round++)
		must_be(count_in_fdinfo(area.fd), PAGES);
}

/* Taking write away, while somebody comes by a mapping that has none so far. */

static void must_not_become_writable(char *at)
{
	must(mprotect(at, page, READ_WRITE));
	must_be(errno, EACCES);
}

/* How many mappings are made; write is taken at one of them. */
#define MAPS	32

struct maps {
	struct mapper mapper;
	atomic_uint made;
	char *at[MAPS];
};

static void *map_to_read_in_thread(void *argument)
{
	struct maps *maps = argument;

	pass_gate(maps->mapper.meeting, maps->mapper.round);
	for (unsigned int i = 0; i < MAPS; i++) {
		atomic_store(&maps->made, i);
		maps->at[i] = area_map(maps->mapper.fd, page, PROT_READ,
				       MAP_SHARED);
	}
	return NULL;
}

static void take_write_from_one_of(struct maps *maps)
{
	unsigned int round = maps->mapper.round;

	pass_gate(maps->mapper.meeting, round);
	while (atomic_load(&maps->made) < round % MAPS)
		sched_yield();
	must_be(engine->set_prot_mask(maps->mapper.fd, PROT_READ), 0);
}

static void mask_against_map(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 500; round++) {
		struct maps maps = {
			.mapper = { meeting, round, area_open_sized(page) },
		};
		pthread_t thread;

		must(!pthread_create(&thread, NULL, map_to_read_in_thread,
				     &maps));
		take_write_from_one_of(&maps);
		must(!pthread_join(thread, NULL));
		for (unsigned int i = 0; i < MAPS; i++) {
			must_not_become_writable(maps.at[i]);
			must(!munmap(maps.at[i], page));
		}
		area_close(maps.mapper.fd);
	}
}

static void take_write_in_child(struct meeting *meeting, unsigned int round,
				int fd)
{
	pass_gate(meeting, round);
	must_be(engine->set_prot_mask(fd, PROT_READ), 0);
	atomic_fetch_add(&meeting->steps, 1);
	_exit(0);
}

static void mask_against_fork(void)
{
	struct meeting *meeting = meet();

	for (unsigned int round = 0; round < 300; round++) {
		int fd = area_open_sized(page);
		char *at = area_map(fd, page, PROT_READ, MAP_SHARED);
		pid_t taker = fork(), heir;

		if (!taker)
			take_write_in_child(meeting, round, fd);
		pass_gate(meeting, round);
		heir = fork();
		if (!heir) {
			while (atomic_load(&meeting->steps) <= round)
				sched_yield();
			must_not_become_writable(at);
			_exit(0);
		}
		child_await(taker);
		child_await(heir);
		must_not_become_writable(at);
		must(!munmap(at, page));
		area_close(fd);
	}
}

static const struct test tests[] = {
	{ "1 race: two first mmaps make one backing file", two_first_maps,
	  { need_file_from_open } },
	{ "1 race: two threads' first mmaps make one backing file",
	  two_first_maps_of_threads },
	{ "1 race: first mmap against SET_SIZE of another thread",
	  map_against_set_size_by_a_thread },
	{ "1 race: first mmap against SET_SIZE", map_against_set_size,
	  { need_file_from_open } },
	{ "1 race: first mmap against SET_NAME", map_against_set_name,
	  { need_file_from_open } },
	{ "1 race: a name is never seen half set",
	  get_name_against_set_name, { need_file_from_open } },
	{ "2 race: of two who take different bits from the mask one fails",
	  mask_against_mask, { need_file_from_open } },
	{ "6 race: a mapping made while write is taken from the mask",
	  mask_against_map, { need_enforced_on_earlier } },
	{ "6 race: a mapping inherited while write is taken from the mask",
	  mask_against_fork, { need_enforced_on_earlier, need_file_from_open } },
	{ "5 race: pin 0 means old content, pin 1 means zeros",
	  pin_against_purge, { need_purge_all } },
	{ "5 race: where pins and a purge meet, each page is told of truly",
	  pins_and_purges_meet, { need_purge_all } },
	{ "5 race: an earlier purge never wipes what is written after pin",
	  write_after_pin, { need_purge_all } },
	{ "1 race: after close nothing is purged any more",
	  close_against_purge, { need_purge_all } },
	{ "5 race: touching while it is purged", touch_against_purge,
	  { need_purging_twice, need_purge_all } },
	{ "3 race: read while it is purged", read_against_purge,
	  { need_purge_all } },
	{ "1 race: areas that come and go while all is purged",
	  lives_against_purge, { need_quiet_machine, need_purge_all } },
	{ "4 race: processes that pin and unpin while all is purged",
	  pins_against_purge, { need_purge_all } },
	{ "4 race: processes that are killed while they pin and unpin",
	  pins_by_processes_that_are_killed, { need_purge_all } },
	{ "3 race: fdinfo counts every page once, whatever goes on",
	  fdinfo_against_all, { need_fdinfo, need_purge_all } },
};

const struct test_group race_tests = TEST_GROUP(tests);
