// SPDX-License-Identifier: MIT
/* ashmemd is killed, and another one started: nothing is forgotten. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "holdmap.h"
#include "locks.h"
#include "peer.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

#define PAGES	100
#define WINDOW	sizeof(struct procmap)

static void restart(struct subject *subject)
{
	subject_end(subject, SIGKILL);
	tap_ok(subject_start(subject, NULL), "killed, and started again");
}

static int come_back(struct peer *peer, const struct subject *subject)
{
	peer_hang_up(peer);
	if (!peer_connect(peer, subject->socket))
		return -1;
	return peer_hello(peer);
}

static ino_t inode(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? 0 : status.st_ino;
}

/* What the killed one left: claims, of which one was committed. */
static void leave_behind(struct peer_region *region)
{
	pinmap_claim(&region->map, 0, 0x0f);
	pinmap_commit(&region->map, 0, 0x03);
}

/* Says that it had this number, of somebody who has a hold. */
static bool steal(struct peer *thief, struct peer_region *region,
		  uint32_t number)
{
	struct wire_request request = {
		.type = WIRE_ATTACH,
		.version = WIRE_VERSION,
		.unused = number,
		.slot = 9,
		.watch = -1,
	};
	struct wire_fds sent = { 2, { region->fd, region->pins } }, received;
	struct wire_reply reply;

	if (peer_ask(thief, &request, &sent, &reply, &received))
		return false;
	wire_close(&received);
	return reply.attachment != number;
}

/* Its locks are those of the new number first, and then no longer the old. */
static bool lock_anew(struct peer_region *region, bool holds)
{
	int before = region->locks;
	bool locked;

	region->locks = -1;
	locked = region_lock(region, holds);
	close(before);
	return locked;
}

static void test_killed(struct subject *subject, struct peer *owner,
			struct peer *reader, struct peer *newcomer)
{
	struct peer_region region, shared, other;
	uint32_t number;
	ino_t pins;

	region_make(&region, PAGES);
	region_share(&shared, &region, false);
	region_share(&other, &region, true);
	region_attach(owner, &region, 0, 0);
	region_attach(reader, &shared, 0, WINDOW);
	region_lock(&region, false);
	region_lock(&shared, true);
	holdmap_take((holdmap_word *)((char *)reader->procmap + WINDOW),
		     50, 60);
	region_unpin(owner, &region, 0, PAGES, peer_now());
	leave_behind(&region);
	pins = inode(region.pins);
	number = shared.attachment;
	restart(subject);
	tap_ok(come_back(newcomer, subject) == 0 &&
	       region_attach(newcomer, &other, 0, 0) == EAGAIN,
	       "who never had the pin map waits for those that have: EAGAIN");
	tap_ok(come_back(reader, subject) == 0 &&
	       region_attach(reader, &shared, 0, WINDOW) == EAGAIN,
	       "who cannot write the region is not believed: EAGAIN");
	tap_ok(come_back(owner, subject) == 0 &&
	       region_attach(owner, &region, 0, 0) == 0 &&
	       inode(region.pins) == pins,
	       "who can brings the pin map back");
	tap_ok(region.memory[0] == 0 && region.memory[PEER_PAGE] == 0 &&
	       region.memory[2 * PEER_PAGE] == 'x' &&
	       region_pin(&region, 0, 2) == 1 && region_pin(&region, 2, 4) == 0,
	       "a purge that had been committed is ended, another called off");
	tap_ok(peer_purge_all(owner) == 0,
	       "while a holder has not come back nothing is purged");
	tap_ok(steal(newcomer, &region, number) && peer_purge_all(owner) == 0,
	       "nobody else comes back in its place");
	tap_ok(region_attach(reader, &shared, 0, WINDOW) == 0 &&
	       shared.attachment != number && peer_purge_all(owner) == 0,
	       "the holder comes back, as somebody else");
	tap_ok(lock_anew(&shared, true), "and says so by its locks");
	tap_ok(peer_purge_all(owner) == PAGES - 4 - 10 &&
	       region.memory[50 * PEER_PAGE] == 'x' &&
	       region.memory[60 * PEER_PAGE] == 0,
	       "then all is purged but what it holds");
	tap_ok(region_attach(newcomer, &other, 0, 0) == 0 &&
	       other.attachment != number &&
	       other.attachment != region.attachment,
	       "and others can come");
	region_end(&other);
	region_end(&shared);
	region_end(&region);
}

/* A holder who ends instead of coming back. */
static void test_holder_ends(struct subject *subject, struct peer *owner,
			     struct peer *reader)
{
	struct peer_region region, shared;

	region_make(&region, PAGES);
	region_share(&shared, &region, false);
	region_attach(owner, &region, 1, 0);
	region_attach(reader, &shared, 1, WINDOW);
	region_lock(&region, false);
	region_lock(&shared, true);
	region_unpin(owner, &region, 0, PAGES, peer_now());
	restart(subject);
	come_back(owner, subject);
	region_attach(owner, &region, 1, 0);
	tap_ok(peer_purge_all(owner) == 0, "a holder is awaited");
	region_end(&shared);
	tap_ok(peer_purge_all(owner) == PAGES, "not when it has ended");
	region_end(&region);
}

/* Whose lock came while the claim was let go of, to be taken for writing: no
 * restart, but like one. */
static void test_held_meanwhile(struct peer *owner, struct peer *reader)
{
	struct peer_region region, shared, stranger;

	region_make(&region, PAGES);
	region_share(&shared, &region, false);
	tap_ok(region_attach(reader, &shared, 2, 0) == 0,
	       "a region, first for reading only");
	region_share(&stranger, &shared, false);
	stranger.locks = locks_open(stranger.fd, O_RDONLY);
	locks_take(stranger.locks, LOCK_HOLDER + (shared.attachment ^ 1000),
		   false);
	region_attach(owner, &region, 4, 0);
	region_lock(&region, false);
	region_unpin(owner, &region, 0, PAGES, peer_now());
	tap_ok(peer_purge_all(owner) == 0,
	       "a holder from between two claims is awaited");
	region_end(&stranger);
	tap_ok(peer_purge_all(owner) == PAGES, "not when it has ended");
	region_end(&shared);
	region_end(&region);
}

/* A pin map that the region had before, all of its users having let go of it:
 * a forked child of one of them has it still. */
static void test_older(struct subject *subject, struct peer *owner,
		       struct peer *heir)
{
	struct peer_region region, older;

	region_make(&region, PAGES);
	region_share(&older, &region, true);
	come_back(heir, subject);
	region_attach(heir, &older, 3, 0);
	region_unpin(heir, &older, 0, PAGES, peer_now());
	region_detach(heir, &older);
	tap_ok(region_attach(owner, &region, 3, 0) == 0 &&
	       inode(region.pins) != inode(older.pins) &&
	       region_lock(&region, false) && region_pin(&region, 0, 1) == 0,
	       "a region has got another pin map");
	restart(subject);
	tap_ok(come_back(heir, subject) == 0 &&
	       region_attach(heir, &older, 3, 0) == EAGAIN,
	       "an older one is not believed: EAGAIN");
	tap_ok(come_back(owner, subject) == 0 &&
	       region_attach(owner, &region, 3, 0) == 0 &&
	       peer_purge_all(owner) == 0 && region.memory[0] == 'x',
	       "that of those who use it is");
	tap_ok(region_attach(heir, &older, 3, 0) == EBUSY,
	       "then the older one is another: EBUSY");
	region_end(&older);
	region_end(&region);
}

/* One that serves a region is not to be had by another. */
static void test_second(struct peer *owner)
{
	struct peer_region region, shared;
	struct subject second;
	struct peer peer;

	subject_prepare(&second);
	subject_start(&second, NULL);
	peer_open(&peer, second.socket);
	region_make(&region, PAGES);
	region_share(&shared, &region, true);
	region_attach(owner, &region, 2, 0);
	region_lock(&region, false);
	tap_ok(region_attach(&peer, &shared, 0, 0) == EBUSY,
	       "another ashmemd, asked about the same region: EBUSY");
	peer_close(&peer);
	subject_remove(&second);
	region_end(&shared);
	region_end(&region);
}

void test_restart(void)
{
	struct peer owner, reader, newcomer;
	struct subject subject;

	subject_prepare(&subject);
	tap_ok(subject_start(&subject, NULL), "an ashmemd to be killed");
	peer_open(&owner, subject.socket);
	peer_open(&reader, subject.socket);
	peer_open(&newcomer, subject.socket);
	test_killed(&subject, &owner, &reader, &newcomer);
	test_holder_ends(&subject, &owner, &reader);
	come_back(&reader, &subject);
	test_held_meanwhile(&owner, &reader);
	test_older(&subject, &owner, &newcomer);
	test_second(&owner);
	peer_close(&owner);
	peer_close(&reader);
	peer_close(&newcomer);
	subject_remove(&subject);
}
