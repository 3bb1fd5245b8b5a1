// SPDX-License-Identifier: MIT
/* Who attaches to what, and is given which pin map. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "locks.h"
#include "peer.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

static ino_t inode(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? 0 : status.st_ino;
}

static void test_attach(struct peer *peer)
{
	struct peer_region region;
	int locks;

	region_make(&region, 100);
	tap_ok(region_attach(peer, &region, 3, 0) == 0, "attach");
	tap_ok(region.attachment, "an attachment has a number");
	tap_ok(pinmap_valid(&region.map, PEER_PAGE) &&
	       pinmap_is_pinned(&region.map, 0, 100),
	       "a new pin map: all is pinned");
	locks = locks_open(region.fd, O_RDWR);
	tap_ok(locks_take(locks, LOCK_CLAIM, false) < 0 && errno == EAGAIN,
	       "the region is claimed");
	tap_ok(region_attach(peer, &region, 3, sizeof(struct procmap)) == 0,
	       "attach again with the same slot: a hold map");
	tap_ok(region_attach(peer, &region, 3, 64) == EINVAL &&
	       region_attach(peer, &region, 3, sizeof(struct procmap) + 8) ==
	       EINVAL &&
	       region_attach(peer, &region, 3, PROCMAP_MIN_BYTES - 64) ==
	       EINVAL &&
	       region_attach(peer, &region, 3, UINT64_MAX - 63) == EINVAL,
	       "a hold map that is not in the process map: EINVAL");
	tap_ok(region_attach(peer, &region, PROCMAP_SLOTS, 0) == EINVAL,
	       "a slot that there is not: EINVAL");
	region.slot = 3;
	tap_ok(region_detach(peer, &region) == 0 &&
	       region_detach(peer, &region) == EINVAL,
	       "detach, once");
	tap_ok(locks_take(locks, LOCK_CLAIM, true) == 0,
	       "nobody is attached: nobody claims the region");
	close(locks);
	region_end(&region);
}

static void test_two(struct peer *one, struct peer *two)
{
	struct peer_region region, shared;

	region_make(&region, 10);
	region_share(&shared, &region, true);
	tap_ok(region_attach(one, &region, 0, 0) == 0 &&
	       region_attach(two, &shared, 7, 0) == 0, "two attach");
	tap_ok(inode(region.pins) == inode(shared.pins),
	       "both have the same pin map");
	tap_ok(region.attachment != shared.attachment,
	       "and numbers of their own");
	region_unpin(one, &region, 2, 5, peer_now());
	tap_ok(!pinmap_is_pinned(&shared.map, 0, 10) &&
	       pinmap_is_pinned(&shared.map, 5, 10),
	       "one sees what the other unpins");
	region_detach(one, &region);
	tap_ok(region_attach(one, &region, 0, 0) == 0,
	       "one goes and comes: the region is known still");
	region_detach(one, &region);
	region_detach(two, &shared);
	region_end(&region);
	region_end(&shared);
}

static bool can_be_written(int fd)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);

	if (memory != MAP_FAILED)
		munmap(memory, 4096);
	return memory != MAP_FAILED;
}

static void test_read_only(struct peer *one, struct peer *two)
{
	struct peer_region region, reader;
	int locks;

	region_make(&region, 10);
	region_share(&reader, &region, false);
	tap_ok(region_attach(two, &reader, 0, 0) == 0 &&
	       !can_be_written(reader.pins),
	       "who cannot write the region cannot write the pin map");
	locks = locks_open(region.fd, O_RDWR);
	tap_ok(locks_take(locks, LOCK_CLAIM, false) == 0,
	       "read-only descriptors alone: the claim is for reading");
	tap_ok(region_attach(one, &region, 0, 0) == EBUSY,
	       "somebody else reads along: nobody can attach to write");
	locks_drop(locks, LOCK_CLAIM);
	tap_ok(region_attach(one, &region, 0, 0) == 0 &&
	       can_be_written(region.pins) &&
	       inode(region.pins) == inode(reader.pins),
	       "then who can write gets the same one, to write");
	tap_ok(locks_take(locks, LOCK_CLAIM, false) < 0,
	       "and the claim is exclusive");
	close(locks);
	region_detach(one, &region);
	region_detach(two, &reader);
	region_end(&region);
	region_end(&reader);
}

/* A claim that goes away after some milliseconds is waited for. */
static void test_claim(struct peer *peer)
{
	struct peer_region region;
	int locks;

	region_make(&region, 10);
	locks = locks_open(region.fd, O_RDWR);
	locks_take(locks, LOCK_CLAIM, true);
	tap_ok(region_attach(peer, &region, 0, 0) == EBUSY,
	       "somebody else serves the region: EBUSY");
	if (!fork()) {
		for (int i = 0; i < 30; i++)
			subject_pause();
		_exit(0);
	}
	close(locks);
	tap_ok(region_attach(peer, &region, 0, 0) == 0,
	       "one who only helps out is waited for");
	wait(NULL);
	region_detach(peer, &region);
	region_end(&region);
}

static void test_numbers(struct peer *peer)
{
	struct peer_region region, again;
	int locks;

	region_make(&region, 10);
	region_attach(peer, &region, 0, 0);
	locks = locks_open(region.fd, O_RDONLY);
	locks_take(locks, LOCK_ATTACHED + region.attachment + 1, false);
	region_share(&again, &region, true);
	tap_ok(region_attach(peer, &again, 1, 0) == 0 &&
	       again.attachment == region.attachment + 2,
	       "a number that somebody has locked is not given");
	close(locks);
	region_detach(peer, &again);
	region_detach(peer, &region);
	region_end(&again);
	region_end(&region);
}

/* An attachment that lasts as long as a descriptor. */
static void test_watch(struct peer *peer)
{
	struct peer_region region;
	struct wire_request request = {
		.type = WIRE_ATTACH,
		.version = WIRE_VERSION,
		.slot = 5,
	};
	struct wire_fds sent = { .count = 1 }, received;
	struct wire_reply reply;
	int watched, error, waited = 0;

	region_make(&region, 10);
	watched = dup(region.fd);
	request.watch = watched;
	sent.fd[0] = region.fd;
	error = peer_ask(peer, &request, &sent, &reply, &received);
	wire_close(&received);
	for (int i = 0; i < 1500; i++)
		subject_pause();
	tap_ok(!error && atomic_load(&peer->procmap->slots[5]) == 0,
	       "a watched descriptor is there: attached");
	close(watched);
	while (atomic_load(&peer->procmap->slots[5]) != PROCMAP_ENDED &&
	       waited++ < SUBJECT_PATIENCE)
		subject_pause();
	tap_ok(waited < SUBJECT_PATIENCE, "it is closed: the slot says so");
	region.slot = 5;
	tap_ok(region_detach(peer, &region) == EINVAL, "and it is detached");
	tap_ok(region_attach(peer, &region, 5, 0) == 0 &&
	       atomic_load(&peer->procmap->slots[5]) == 0,
	       "to attach again takes the slot into use");
	region_detach(peer, &region);
	region_end(&region);
}

/* An ashmemd that loses its /proc, in a mount namespace of this process: what
 * it cannot see is not gone. */
static void watch_blindly(void)
{
	struct subject subject;
	struct peer peer;
	struct peer_region region;
	struct wire_request request = {
		.type = WIRE_ATTACH,
		.version = WIRE_VERSION,
		.slot = 5,
	};
	struct wire_fds sent = { .count = 1 }, received;
	struct wire_reply reply;
	bool done;

	subject_prepare(&subject);
	done = subject_start(&subject, NULL);
	peer_open(&peer, subject.socket);
	region_make(&region, 10);
	request.watch = region.fd;
	sent.fd[0] = region.fd;
	done = done && !peer_ask(&peer, &request, &sent, &reply, &received) &&
	       mount("none", "/proc", "tmpfs", 0, NULL) == 0;
	for (int i = 0; i < 2500; i++)
		subject_pause();
	done = done && atomic_load(&peer.procmap->slots[5]) != PROCMAP_ENDED;
	subject_remove(&subject);
	_exit(!done);
}

static void test_watch_blindly(void)
{
	const char *what = "without /proc a watched descriptor is not gone";
	int status = -1;
	pid_t pid;

	if (geteuid()) {
		tap_skip(what, "needs root");
		return;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(77);
		watch_blindly();
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		tap_skip(what, "no mount namespaces here");
	else
		tap_ok(status == 0, "%s", what);
}

void test_serving(void)
{
	struct subject subject;
	struct peer one, two;
	int before;

	subject_prepare(&subject);
	tap_ok(subject_start(&subject, NULL), "ashmemd starts and listens");
	before = subject_descriptors(&subject);
	peer_open(&one, subject.socket);
	peer_open(&two, subject.socket);
	tap_ok(lifesign_is_alive(one.sign), "hello: a sign of life");
	test_attach(&one);
	test_two(&one, &two);
	test_read_only(&one, &two);
	test_claim(&one);
	test_numbers(&one);
	test_watch(&one);
	test_watch_blindly();
	peer_close(&two);
	peer_hang_up(&one);
	for (int i = 0; i < SUBJECT_PATIENCE &&
			subject_descriptors(&subject) != before; i++)
		subject_pause();
	tap_ok(subject_descriptors(&subject) == before,
	       "all have gone, and so have all descriptors");
	tap_ok(atomic_load(&one.procmap->dropped),
	       "who hung up finds in the process map that it was dropped");
	subject_end(&subject, SIGKILL);
	tap_ok(!lifesign_is_alive(one.sign), "after SIGKILL: no sign of life");
	peer_close(&one);
	subject_remove(&subject);
}
