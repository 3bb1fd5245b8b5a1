// SPDX-License-Identifier: MIT
/* CONTRACT.md, section 6: who may use an area, and who may unpin it. */
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"
#include "worker.h"

#define PAGES		4
#define LEGACY_UNPIN	"/sys/module/ashmem/parameters/legacy_unpin"

static long unpin(const struct job *job)
{
	return engine->unpin(job->fd, page, page);
}

static long unpin64(const struct job *job)
{
	return engine->unpin64(job->fd, page, page);
}

/* An area whose mask has lost its write. */
static struct area make_read_only(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(engine->set_prot_mask(area.fd, PROT_READ | PROT_EXEC), 0);
	return area;
}

/* Any holder. */

static long become_nobody(const struct job *job)
{
	(void)job;
	must(!setgid(65534));
	must(!setuid(65534));
	return 0;
}

static long use(const struct job *job)
{
	char *at = area_map(job->fd, PAGES * page, PROT_READ | PROT_WRITE,
			    MAP_SHARED);

	page_fill(at, 0, 'n');
	must_be(engine->unpin(job->fd, 0, page), 0);
	must_be(engine->status(job->fd, 0, page), 0);
	must_be(engine->pin(job->fd, 0, 0), 0);
	must_be(area_try_map(job->fd, page, PROT_READ, MAP_PRIVATE, 0), 0);
	must(area_id(job->fd) != 0);
	return engine->get_size(job->fd);
}

static void any_holder_of_any_user(void)
{
	struct area area = area_make(PAGES);
	struct worker nobody = worker_start();

	worker_do(&nobody, &(struct job){ become_nobody });
	must_be(worker_do(&nobody, &(struct job){ use, area.fd }),
		PAGES * page);
	must(page_holds(area.at, 0, 'n'));
}

static long open_own(const struct job *job)
{
	struct area area = area_make(PAGES);
	struct job own = { use, area.fd };

	(void)job;
	return use(&own);
}

static void any_user_opens(void)
{
	struct worker nobody = worker_start();

	worker_do(&nobody, &(struct job){ become_nobody });
	must_be(worker_do(&nobody, &(struct job){ open_own }), PAGES * page);
}

static long ask_and_pin(const struct job *job)
{
	char *at = area_map(job->fd, PAGES * page, PROT_READ, MAP_SHARED);

	must(page_holds(at, 0, 'a'));
	must_be(engine->status(job->fd, 0, 0), 0);
	return engine->pin(job->fd, 0, 0);
}

static void reader_asks_and_pins(void)
{
	struct area area = make_read_only();
	struct worker reader = worker_start();

	must_be(engine->unpin(area.fd, page, page), 0);
	must_be(worker_do(&reader, &(struct job){ ask_and_pin, area.fd }), 0);
	must_be(engine->status(area.fd, 0, 0), 1);
}

/* Unpinning. */

static void any_holder_unpins(void)
{
	struct area area = area_make(PAGES);
	struct worker other = worker_start();

	must_be(engine->set_prot_mask(area.fd, PROT_READ | PROT_WRITE), 0);
	must_be(worker_do(&other, &(struct job){ unpin, area.fd }), 0);
	must_be(engine->status(area.fd, page, page), 0);
}

static void opener_unpins(void)
{
	struct area area = make_read_only();

	must_be(engine->unpin(area.fd, 0, page), 0);
	must_be(engine->unpin64(area.fd, page, page), 0);
	must_be(engine->status(area.fd, 0, page), 0);
	must_be(engine->status(area.fd, page, page), 0);
}

static void opener_unpins_through_a_copy(void)
{
	struct area area = make_read_only();
	int copy = dup(area.fd);

	area_close(area.fd);
	must_be(engine->unpin(copy, 0, page), 0);
}

static void *unpin_in_a_thread(void *fd)
{
	must_be(engine->unpin(*(int *)fd, 0, page), 0);
	return NULL;
}

static void opener_unpins_in_another_thread(void)
{
	struct area area = make_read_only();
	pthread_t thread;

	must(!pthread_create(&thread, NULL, unpin_in_a_thread, &area.fd));
	must(!pthread_join(thread, NULL));
	must_be(engine->status(area.fd, 0, page), 0);
}

static void child_unpins_not(void)
{
	struct area area = make_read_only();
	struct worker child = worker_start();

	must_be(worker_do(&child, &(struct job){ unpin, area.fd }), -EPERM);
	must_be(worker_do(&child, &(struct job){ unpin64, area.fd }), -EPERM);
	must_be(engine->status(area.fd, 0, 0), 1);
}

static long receive_and_unpin(const struct job *job)
{
	struct job received = *job;

	received.fd = descriptor_receive(worker_socket);
	return unpin(&received);
}

static void receiver_unpins_not(void)
{
	struct worker receiver = worker_start();
	struct area area = make_read_only();

	descriptor_send(receiver.socket, area.fd);
	must_be(worker_do(&receiver, &(struct job){ receive_and_unpin }),
		-EPERM);
	must_be(engine->status(area.fd, 0, 0), 1);
}

static long open_and_send(const struct job *job)
{
	struct area area = make_read_only();

	(void)job;
	descriptor_send(worker_socket, area.fd);
	return 0;
}

static void nobody_unpins_once_the_opener_is_gone(void)
{
	struct worker opener = worker_start();
	int fd;

	worker_do(&opener, &(struct job){ open_and_send });
	fd = descriptor_receive(opener.socket);
	worker_end(&opener);
	must_be(engine->unpin(fd, 0, page), -EPERM);
}

/* Somebody who was given the dead opener's process number is not he. */
static void same_number_is_not_the_opener(void)
{
	struct worker opener = worker_start(), other;
	pid_t number = opener.pid;
	int fd;

	worker_do(&opener, &(struct job){ open_and_send });
	fd = descriptor_receive(opener.socket);
	worker_end(&opener);
	other = worker_start_cloned(0, number);
	if (other.pid < 0 && (errno == EPERM || errno == ENOSYS))
		test_skip("cannot choose a process number");
	must_be(other.pid, number);
	must_be(worker_do(&other, &(struct job){ unpin, fd }), -EPERM);
}

/* Two namespaces have each a process number 1. */
static void same_number_elsewhere_is_not_the_opener(void)
{
	struct worker opener = worker_start_cloned(CLONE_NEWPID, 0);
	struct worker other = worker_start_cloned(CLONE_NEWPID, 0);

	if (opener.pid < 0 || other.pid < 0)
		test_skip("no namespaces of process numbers");
	worker_do(&opener, &(struct job){ open_and_send });
	descriptor_send(other.socket, descriptor_receive(opener.socket));
	must_be(worker_do(&other, &(struct job){ receive_and_unpin }), -EPERM);
}

static void purged_though_read_only(void)
{
	struct area area = make_read_only();

	must_be(engine->unpin(area.fd, 0, page), 0);
	must_be(engine->purge_all(area.fd), 1);
	must(page_holds(area.at, 0, 0));
	must_be(engine->pin(area.fd, 0, 0), 1);
}

static void sealed_is_not_purged(void)
{
	struct area area = make_read_only();

	must_be(engine->unpin(area.fd, 0, 2 * page), 0);
	must_be(engine->purge_all(area.fd), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
	must_be(engine->pin(area.fd, 0, 0), 0);
}

static void sealed_when_unpinned_is_not_purged(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(engine->unpin(area.fd, 0, 2 * page), 0);
	must_be(engine->set_prot_mask(area.fd, PROT_READ | PROT_EXEC), 0);
	must_be(engine->purge_all(area.fd), 0);
	must(pages_hold(area.at, 0, PAGES, 'a'));
	must_be(engine->pin(area.fd, 0, 0), 0);
}

static void sealed_when_purged_says_so(void)
{
	struct area area = area_make(PAGES);

	pages_fill(area.at, 0, PAGES, 'a');
	must_be(engine->unpin(area.fd, 0, 2 * page), 0);
	must_be(engine->purge_all(area.fd), 2);
	must_be(engine->set_prot_mask(area.fd, PROT_READ | PROT_EXEC), 0);
	must_be(engine->pin(area.fd, 2 * page, 2 * page), 0);
	must_be(engine->pin(area.fd, 0, 0), 1);
	must_be(engine->pin(area.fd, 0, 0), 0);
}

static void put_parameter(const char *value)
{
	int fd = open(LEGACY_UNPIN, O_WRONLY);

	if (fd < 0)
		test_skip("cannot write " LEGACY_UNPIN);
	must(write(fd, value, 1) == 1);
	close(fd);
}

static void legacy_unpin(void)
{
	struct area area = make_read_only();
	struct worker child = worker_start();
	long result;

	put_parameter("Y");
	result = worker_do(&child, &(struct job){ unpin, area.fd });
	put_parameter("N");
	must_be(result, 0);
	must_be(engine->status(area.fd, page, page), 0);
}

static const struct test tests[] = {
	{ "6 use: any holder can map, pin, ask and write, of any user",
	  any_holder_of_any_user, { need_root } },
	{ "6 use: any user can open an area", any_user_opens, { need_root } },
	{ "6 use: a reader can ask and pin", reader_asks_and_pins },
	{ "6 unpin: by any holder while the mask has write",
	  any_holder_unpins },
	{ "6 unpin: by the opener once write was taken", opener_unpins,
	  { need_read_only_purging } },
	{ "6 unpin: by the opener through another descriptor",
	  opener_unpins_through_a_copy, { need_read_only_purging } },
	{ "6 unpin: by the opener in another thread",
	  opener_unpins_in_another_thread, { need_read_only_purging } },
	{ "6 unpin: by the opener's child once write was taken is EPERM",
	  child_unpins_not, { need_read_only_purging } },
	{ "6 unpin: by a receiver once write was taken is EPERM",
	  receiver_unpins_not, { need_read_only_purging } },
	{ "6 unpin: by nobody once the opener is gone",
	  nobody_unpins_once_the_opener_is_gone,
	  { need_read_only_purging } },
	{ "6 unpin: a process given the opener's number is not the opener",
	  same_number_is_not_the_opener,
	  { need_read_only_purging, need_root } },
	{ "6 unpin: a process of this number elsewhere is not the opener",
	  same_number_elsewhere_is_not_the_opener,
	  { need_read_only_purging, need_root } },
	{ "6 unpin: still purgeable once write was taken",
	  purged_though_read_only, { need_read_only_purging, need_root } },
	{ "8 sealed: unpin succeeds, and purges nothing any more",
	  sealed_is_not_purged, { need_sealing, need_purge_all } },
	{ "8 sealed: what was unpinned before is not purged either",
	  sealed_when_unpinned_is_not_purged,
	  { need_sealing, need_purge_all } },
	{ "8 sealed: what was purged before is told of",
	  sealed_when_purged_says_so, { need_sealing, need_purge_all } },
	{ "6 unpin: a module parameter restores the old behaviour",
	  legacy_unpin, { need_device_file, need_root } },
};

const struct test_group permission_tests = TEST_GROUP(tests);
