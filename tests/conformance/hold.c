// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 4, "Holds". Purging all is the purger. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES	8

/* By page numbers. */
static long hold(int fd, size_t start, size_t end)
{
	return engine->hold(fd, start * page, (end - start) * page);
}

static long release(int fd, size_t start, size_t end)
{
	return engine->release(fd, start * page, (end - start) * page);
}

static long renew(int fd, size_t start, size_t end)
{
	return engine->renew(fd, start * page, (end - start) * page);
}

static long pin(int fd, size_t start, size_t end)
{
	return engine->pin(fd, start * page, (end - start) * page);
}

static long unpin(int fd, size_t start, size_t end)
{
	return engine->unpin(fd, start * page, (end - start) * page);
}

static long status(int fd, size_t start, size_t end)
{
	return engine->status(fd, start * page, (end - start) * page);
}

/* An area filled with 'a', all unpinned. */
static struct area make_unpinned(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(area.fd, 0, PAGES), 0);
	return area;
}

/* The same, of which pages 0 to 3 were purged. */
static struct area make_half_purged(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(area.fd, 0, 4), 0);
	must_be(engine->purge_all(area.fd), 4);
	must_be(unpin(area.fd, 4, PAGES), 0);
	return area;
}

/* A descriptor of the same area that cannot write. */
static int open_read_only(const struct area *area)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", area->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0);
	return fd;
}

/* Hold. */

static void held_pages_are_not_purged(void)
{
	struct area area = make_unpinned();

	must_be(hold(area.fd, 2, 5), 0);
	must_be(engine->purge_all(area.fd), PAGES - 3);
	must(pages_hold(area.at, 0, 2, 0));
	must(pages_hold(area.at, 2, 5, 'a'));
	must(pages_hold(area.at, 5, PAGES, 0));
	must_be(status(area.fd, 2, 5), 0);
	must_be(pin(area.fd, 2, 5), 0);
}

static void held_then_unpinned(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(hold(area.fd, 2, 5), 0);
	must_be(status(area.fd, 2, 5), 1);
	must_be(unpin(area.fd, 0, PAGES), 0);
	must_be(engine->purge_all(area.fd), PAGES - 3);
	must(pages_hold(area.at, 2, 5, 'a'));
}

static void pinned_and_unpinned_while_held(void)
{
	struct area area = make_unpinned();

	must_be(hold(area.fd, 0, PAGES), 0);
	must_be(pin(area.fd, 0, PAGES), 0);
	must_be(unpin(area.fd, 0, PAGES), 0);
	must_be(engine->purge_all(area.fd), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
}

static void to_the_end(void)
{
	struct area area = make_unpinned();

	must_be(engine->hold(area.fd, 3 * page, 0), 0);
	must_be(engine->purge_all(area.fd), 3);
	must_be(engine->release(area.fd, 3 * page, 0), 0);
	must_be(engine->purge_all(area.fd), PAGES - 3);
}

static void hold_tells_of_a_purge(void)
{
	struct area area = make_half_purged();

	must_be(hold(area.fd, 4, PAGES), 0);
	must_be(hold(area.fd, 3, PAGES), 1);
	must_be(hold(area.fd, 0, 1), 1);
	must_be(hold(area.fd, 0, PAGES), 1);
}

static void hold_leaves_the_mark(void)
{
	struct area area = make_half_purged();

	must_be(hold(area.fd, 0, 4), 1);
	must_be(release(area.fd, 0, 4), 0);
	must_be(hold(area.fd, 0, 4), 1);
	must_be(pin(area.fd, 0, 4), 1);
}

/* Whoever is told 1 writes the pages anew, and they are to stay. */
static void held_though_purged(void)
{
	struct area area = make_half_purged();

	must_be(hold(area.fd, 0, 4), 1);
	pages_fill(area.at, 0, 4, 'n');
	must_be(engine->purge_all(area.fd), 4);
	must(pages_hold(area.at, 0, 4, 'n'));
}

static void is_counted(void)
{
	struct area area = make_unpinned();

	must_be(hold(area.fd, 0, 4), 0);
	must_be(hold(area.fd, 2, PAGES), 0);
	must_be(release(area.fd, 0, 4), 0);
	must_be(engine->purge_all(area.fd), 2);
	must(pages_hold(area.at, 2, PAGES, 'a'));
	must_be(release(area.fd, 2, PAGES), 0);
	must_be(engine->purge_all(area.fd), PAGES - 2);
}

static void is_counted_up_to_65535(void)
{
	struct area area = make_unpinned();

	for (unsigned int i = 0; i < 65535; i++)
		must_be(hold(area.fd, 1, 2), 0);
	must_be(hold(area.fd, 0, 3), -EOVERFLOW);
	must_be(release(area.fd, 0, 1), -EINVAL);
	for (unsigned int i = 0; i < 65535; i++)
		must_be(release(area.fd, 1, 2), 0);
	must_be(release(area.fd, 1, 2), -EINVAL);
	must_be(engine->purge_all(area.fd), PAGES);
}

/* Release. */

static void released_pages_are_purged(void)
{
	struct area area = make_unpinned();

	must_be(hold(area.fd, 0, PAGES), 0);
	must_be(engine->purge_all(area.fd), 0);
	must_be(release(area.fd, 2, 5), 0);
	must_be(engine->purge_all(area.fd), 3);
	must(pages_hold(area.at, 0, 2, 'a'));
	must(pages_hold(area.at, 2, 5, 0));
	must(pages_hold(area.at, 5, PAGES, 'a'));
}

static void release_pins_and_unpins_nothing(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(hold(area.fd, 0, PAGES), 0);
	must_be(release(area.fd, 0, PAGES), 0);
	must_be(status(area.fd, 0, PAGES), 1);
	must_be(engine->purge_all(area.fd), 0);
}

static void release_of_what_is_not_held(void)
{
	struct area area = make_unpinned();

	must_be(release(area.fd, 0, 1), -EINVAL);
	must_be(hold(area.fd, 2, 5), 0);
	must_be(release(area.fd, 0, 1), -EINVAL);
	must_be(release(area.fd, 1, 5), -EINVAL);
	must_be(release(area.fd, 2, 6), -EINVAL);
	must_be(engine->release(area.fd, 0, 0), -EINVAL);
	/* None of these has given anything back. */
	must_be(engine->purge_all(area.fd), PAGES - 3);
	must_be(release(area.fd, 2, 5), 0);
	must_be(release(area.fd, 2, 5), -EINVAL);
}

static void must_refuse(int fd, uint64_t offset, uint64_t length)
{
	must_be(engine->hold(fd, offset, length), -EINVAL);
	must_be(engine->release(fd, offset, length), -EINVAL);
	must_be(engine->renew(fd, offset, length), -EINVAL);
}

static void bad_runs(void)
{
	struct area area = make_unpinned();

	must_be(hold(area.fd, 0, PAGES), 0);
	must_refuse(area.fd, 1, page);
	must_refuse(area.fd, 0, page - 1);
	must_refuse(area.fd, PAGES * page, 0);
	must_refuse(area.fd, 0, (PAGES + 1) * page);
	must_refuse(area.fd, page, PAGES * page);
	must_refuse(area.fd, -page, 2 * page);
	must_refuse(area.fd, page, -page);
	must_be(release(area.fd, 0, PAGES), 0);
}

static void no_backing_file(void)
{
	int fd = area_open();

	must_refuse(fd, 0, 0);
	must_be(engine->set_size(fd, page), 0);
	must_refuse(fd, 0, page);
}

/* Renew. */

static long ask_hold(const struct job *job)
{
	long result = hold(job->fd, job->offset, job->offset + job->length);

	must(result >= 0);
	must_be(release(job->fd, job->offset, job->offset + job->length), 0);
	return result;
}

static void renew_clears_the_mark_for_all(void)
{
	struct area area = make_half_purged();
	struct worker other = worker_start();

	must_be(worker_do(&other, &(struct job){ ask_hold, area.fd,
						 .length = 4 }), 1);
	must_be(hold(area.fd, 0, 4), 1);
	pages_fill(area.at, 0, 4, 'n');
	must_be(renew(area.fd, 0, 3), 0);
	must_be(hold(area.fd, 0, 3), 0);
	must_be(worker_do(&other, &(struct job){ ask_hold, area.fd,
						 .length = 3 }), 0);
	must_be(worker_do(&other, &(struct job){ ask_hold, area.fd,
						 .length = 4 }), 1);
	must_be(pin(area.fd, 0, 3), 0);
	must_be(pin(area.fd, 3, 4), 1);
}

static void renewed_pages_are_purged_anew(void)
{
	struct area area = make_half_purged();

	must_be(hold(area.fd, 0, 4), 1);
	pages_fill(area.at, 0, 4, 'n');
	must_be(renew(area.fd, 0, 4), 0);
	must_be(engine->purge_all(area.fd), 4);
	must(pages_hold(area.at, 0, 4, 'n'));
	must_be(release(area.fd, 0, 4), 0);
	must_be(engine->purge_all(area.fd), 4);
	must(pages_hold(area.at, 0, 4, 0));
	must_be(pin(area.fd, 0, 4), 1);
}

static void renew_of_what_is_not_held(void)
{
	struct area area = make_half_purged();

	must_be(renew(area.fd, 0, 4), -EINVAL);
	must_be(hold(area.fd, 0, 3), 1);
	must_be(renew(area.fd, 0, 4), -EINVAL);
	must_be(pin(area.fd, 0, 3), 1);
}

/* Whose it is. */

static long hold_all(const struct job *job)
{
	return hold(job->fd, 0, PAGES);
}

static long release_all(const struct job *job)
{
	return release(job->fd, 0, PAGES);
}

static void belongs_to_its_process(void)
{
	struct area area = make_unpinned();
	struct worker other = worker_start();

	must_be(worker_do(&other, &(struct job){ hold_all, area.fd }), 0);
	must_be(release(area.fd, 0, PAGES), -EINVAL);
	must_be(engine->purge_all(area.fd), 0);
	must_be(worker_do(&other, &(struct job){ release_all, area.fd }), 0);
	must_be(engine->purge_all(area.fd), PAGES);
}

static void of_two_processes(void)
{
	struct area area = make_unpinned();
	struct worker other = worker_start();

	must_be(hold(area.fd, 0, PAGES), 0);
	must_be(worker_do(&other, &(struct job){ hold_all, area.fd }), 0);
	must_be(release(area.fd, 0, PAGES), 0);
	must_be(engine->purge_all(area.fd), 0);
	must_be(worker_do(&other, &(struct job){ release_all, area.fd }), 0);
	must_be(engine->purge_all(area.fd), PAGES);
}

/* What the one unpins, the other goes on reading. */
static long unpin_all(const struct job *job)
{
	return unpin(job->fd, 0, PAGES);
}

static void unpinned_by_another(void)
{
	struct area area = area_make(PAGES);
	struct worker other = worker_start();

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(hold(area.fd, 0, PAGES), 0);
	must_be(worker_do(&other, &(struct job){ unpin_all, area.fd }), 0);
	must_be(engine->purge_all(area.fd), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
}

static void is_not_inherited(void)
{
	struct area area = make_unpinned();
	struct worker child;

	must_be(hold(area.fd, 0, PAGES), 0);
	child = worker_start();
	must_be(worker_do(&child, &(struct job){ release_all, area.fd }),
		-EINVAL);
	must_be(engine->purge_all(area.fd), 0);
	must_be(release(area.fd, 0, PAGES), 0);
	must_be(engine->purge_all(area.fd), PAGES);
}

/*
 * A process has ended before others know. Returns once something was purged; if
 * it never is, the test's limit ends it.
 */
static long await_purge(int fd)
{
	long pages;

	do {
		sched_yield();
		pages = engine->purge_all(fd);
	} while (!pages);
	return pages;
}

static long end_killed(const struct job *job)
{
	(void)job;
	return raise(SIGKILL);
}

static long end_by_exit(const struct job *job)
{
	(void)job;
	_exit(0);
}

static long end_by_fault(const struct job *job)
{
	(void)job;
	return raise(SIGSEGV);
}

/* The same process, which goes on, but all that it had in memory is gone. */
static long end_by_exec(const struct job *job)
{
	char *const arguments[] = { "sh", "-c", "read line", NULL };

	(void)job;
	must(dup2(worker_socket, STDIN_FILENO) == STDIN_FILENO);
	return or_errno(execv("/bin/sh", arguments));
}

static void must_end_with(long (*end)(const struct job *))
{
	struct area area = make_unpinned();
	struct worker holder = worker_start();
	long result;

	must_be(worker_do(&holder, &(struct job){ hold_all, area.fd }), 0);
	must_be(engine->purge_all(area.fd), 0);
	must(!worker_try(&holder, &(struct job){ end }, &result));
	must_be(await_purge(area.fd), PAGES);
}

static void dropped_when_killed(void)
{
	must_end_with(end_killed);
}

static void dropped_at_exit(void)
{
	must_end_with(end_by_exit);
}

static void dropped_by_a_fault(void)
{
	must_end_with(end_by_fault);
}

static void dropped_by_exec(void)
{
	struct area area = make_unpinned();
	struct worker holder = worker_start();
	const struct job job = { end_by_exec };

	must_be(worker_do(&holder, &(struct job){ hold_all, area.fd }), 0);
	must_be(engine->purge_all(area.fd), 0);
	must(write(holder.jobs, &job, sizeof(job)) == sizeof(job));
	must_be(await_purge(area.fd), PAGES);
	must(waitpid(holder.pid, NULL, WNOHANG) == 0);
}

static void dropped_with_the_descriptor(void)
{
	struct area area = make_unpinned();
	int other = dup(area.fd);

	must_be(hold(other, 0, PAGES), 0);
	must_be(engine->purge_all(area.fd), 0);
	area_close(other);
	must_be(engine->purge_all(area.fd), PAGES);
}

/* Read-only. */

static void by_a_read_only_holder(void)
{
	struct area area = make_unpinned();
	int reader = open_read_only(&area);

	must_be(hold(reader, 2, 5), 0);
	must_be(engine->purge_all(area.fd), PAGES - 3);
	must(pages_hold(area.at, 2, 5, 'a'));
	must_be(hold(reader, 0, 3), 1);
	must_be(release(reader, 0, 3), 0);
	must_be(release(reader, 2, 5), 0);
	must_be(release(reader, 2, 5), -EINVAL);
	must_be(engine->purge_all(area.fd), 3);
}

static long map_and_hold(const struct job *job)
{
	int reader = descriptor_receive(worker_socket);
	char *at = area_map(reader, PAGES * page, PROT_READ, MAP_SHARED);

	(void)job;
	must_be(hold(reader, 0, 4), 0);
	must(pages_hold(at, 0, PAGES, 'a'));
	must_be(area_try_map(reader, page, PROT_READ | PROT_WRITE, MAP_SHARED,
			     0), -EACCES);
	return 0;
}

static void by_a_read_only_process(void)
{
	struct worker reader = worker_start();
	struct area area = make_unpinned();

	descriptor_send(reader.socket, open_read_only(&area));
	worker_do(&reader, &(struct job){ map_and_hold });
	must_be(engine->purge_all(area.fd), 4);
	worker_end(&reader);
	must_be(await_purge(area.fd), 4);
}

static void no_renewing_by_a_read_only_holder(void)
{
	struct area area = make_half_purged();
	int reader = open_read_only(&area);

	must_be(hold(reader, 0, 4), 1);
	must_be(renew(reader, 0, 4), -EPERM);
	must_be(pin(area.fd, 0, 4), 1);
}

static void read_only_pin_is_a_hold(void)
{
	struct area area = make_unpinned();
	int reader = open_read_only(&area);

	must_be(pin(reader, 2, 5), 0);
	must_be(status(area.fd, 2, 5), 0);
	must_be(engine->purge_all(area.fd), PAGES - 3);
	must(pages_hold(area.at, 2, 5, 'a'));
	must_be(unpin(reader, 2, 5), 0);
	must_be(engine->purge_all(area.fd), 3);
}

static void read_only_unpin_is_a_release(void)
{
	struct area area = area_make(PAGES);
	int reader = open_read_only(&area);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(unpin(reader, 0, PAGES), 0);
	must_be(status(area.fd, 0, PAGES), 1);
	must_be(engine->purge_all(area.fd), 0);
	must_be(pin(reader, 0, PAGES), 0);
	must_be(unpin(reader, 0, PAGES), 0);
	must_be(engine->purge_all(area.fd), 0);
}

/* As pins do. */
static void read_only_pins_are_not_counted(void)
{
	struct area area = make_unpinned();
	int reader = open_read_only(&area);

	must_be(pin(reader, 0, 4), 0);
	must_be(pin(reader, 0, PAGES), 0);
	must_be(unpin(reader, 0, 4), 0);
	must_be(engine->purge_all(area.fd), 4);
	must(pages_hold(area.at, 4, PAGES, 'a'));
}

static void read_only_pin_tells_of_a_purge(void)
{
	struct area area = make_half_purged();
	int reader = open_read_only(&area);

	must_be(pin(reader, 4, PAGES), 0);
	must_be(pin(reader, 0, PAGES), 1);
	must_be(pin(area.fd, 0, 4), 1);
	must_be(pin(reader, 0, PAGES), 0);
}

/* Against purging. */

static void start_purger(void)
{
	int fd;

	if (fork())
		return;
	fd = area_open();
	for (;;)
		must(engine->purge_all(fd) >= 0);
}

static void hold_against_purge(void)
{
	struct area area;
	unsigned int purged = 0;

	start_purger();
	area = area_make(PAGES);
	for (unsigned int round = 0; round < 3000 || !purged; round++) {
		int byte = 'a' + round % 26;

		pages_fill(area.at, 0, PAGES, byte);
		must_be(unpin(area.fd, 0, PAGES), 0);
		for (size_t i = 0; i < PAGES; i++) {
			long result = hold(area.fd, i, i + 1);

			must(result == 0 || result == 1);
			must(page_holds(area.at, i, result ? 0 : byte));
			purged += result;
		}
		must(pin(area.fd, 0, PAGES) >= 0);
		must_be(release(area.fd, 0, PAGES), 0);
	}
}

/* What is written after hold stays as long as it is held. */
static void write_after_hold(void)
{
	struct area area;

	start_purger();
	area = area_make(PAGES);
	for (unsigned int round = 0; round < 3000; round++) {
		int byte = 'a' + round % 26;

		must_be(unpin(area.fd, 0, PAGES), 0);
		must(hold(area.fd, 0, PAGES) >= 0);
		pages_fill(area.at, 0, PAGES, byte);
		must_be(renew(area.fd, 0, PAGES), 0);
		must(engine->purge_all(area.fd) >= 0);
		must(pages_hold(area.at, 0, PAGES, byte));
		must_be(pin(area.fd, 0, PAGES), 0);
		must_be(release(area.fd, 0, PAGES), 0);
	}
}

/* Where there are none. */

static void not_on_the_device(void)
{
	struct area area = area_make(PAGES);

	must_be(hold(area.fd, 0, PAGES), -ENOTSUP);
	must_be(release(area.fd, 0, PAGES), -ENOTSUP);
	must_be(renew(area.fd, 0, PAGES), -ENOTSUP);
}

static const struct test tests[] = {
	{ "4 hold: held pages are not purged, whatever their pin state",
	  held_pages_are_not_purged, { need_holds } },
	{ "4 hold: pages held first and then unpinned are not purged",
	  held_then_unpinned, { need_holds } },
	{ "4 hold: pinning and unpinning changes no hold",
	  pinned_and_unpinned_while_held, { need_holds } },
	{ "4 hold: len 0 reaches to the end of the area", to_the_end,
	  { need_holds } },
	{ "4 hold: 1 if a page was purged and not written anew, else 0",
	  hold_tells_of_a_purge, { need_holds } },
	{ "4 hold: leaves the purged mark", hold_leaves_the_mark,
	  { need_holds } },
	{ "4 hold: holds though it answers 1", held_though_purged,
	  { need_holds } },
	{ "4 hold: counted", is_counted, { need_holds } },
	{ "4 hold: counted up to 65535, then EOVERFLOW and nothing changed",
	  is_counted_up_to_65535, { need_holds } },
	{ "4 hold: belongs to the process that takes it",
	  belongs_to_its_process, { need_holds } },
	{ "4 hold: of two holders one suffices", of_two_processes,
	  { need_holds } },
	{ "4 hold: what another unpins is not purged", unpinned_by_another,
	  { need_holds } },
	{ "4 hold: not inherited by fork", is_not_inherited, { need_holds } },
	{ "4 hold: dropped when its process is killed", dropped_when_killed,
	  { need_holds } },
	{ "4 hold: dropped when its process exits", dropped_at_exit,
	  { need_holds } },
	{ "4 hold: dropped when its process faults", dropped_by_a_fault,
	  { need_holds } },
	{ "4 hold: dropped when its process starts another program",
	  dropped_by_exec, { need_holds } },
	{ "4 hold: given back with the handle that it was taken through",
	  dropped_with_the_descriptor, { need_holds } },
	{ "4 hold: by a read-only holder", by_a_read_only_holder,
	  { need_holds } },
	{ "4 hold: by a process that has only a read-only descriptor",
	  by_a_read_only_process, { need_holds } },
	{ "4 hold, release, renew: of what is no run of pages is EINVAL",
	  bad_runs, { need_holds } },
	{ "4 hold, release, renew: before there is a file is EINVAL",
	  no_backing_file, { need_holds } },
	{ "4 release: what nobody holds any more is purged",
	  released_pages_are_purged, { need_holds } },
	{ "4 release: pins and unpins nothing",
	  release_pins_and_unpins_nothing, { need_holds } },
	{ "4 release: of what is not held is EINVAL, and nothing is given back",
	  release_of_what_is_not_held, { need_holds } },
	{ "4 renew: clears the purged mark for all",
	  renew_clears_the_mark_for_all, { need_holds } },
	{ "4 renew: renewed pages can be purged anew",
	  renewed_pages_are_purged_anew, { need_holds } },
	{ "4 renew: of what is not held is EINVAL", renew_of_what_is_not_held,
	  { need_holds } },
	{ "4 renew: by a read-only holder is EPERM",
	  no_renewing_by_a_read_only_holder, { need_holds } },
	{ "4 read-only: pin means hold", read_only_pin_is_a_hold,
	  { need_holds } },
	{ "4 read-only: unpin means release, and unpins nothing",
	  read_only_unpin_is_a_release, { need_holds } },
	{ "4 read-only: pins are not counted", read_only_pins_are_not_counted,
	  { need_holds } },
	{ "4 read-only: pin tells of a purge and leaves the mark",
	  read_only_pin_tells_of_a_purge, { need_holds } },
	{ "5 race: hold 0 means old content, hold 1 means zeros",
	  hold_against_purge, { need_holds } },
	{ "5 race: an earlier purge never wipes what is written after hold",
	  write_after_hold, { need_holds } },
	{ "8 hold, release, renew: ENOTSUP on the device", not_on_the_device,
	  { need_no_holds } },
};

const struct test_group hold_tests = TEST_GROUP(tests);
