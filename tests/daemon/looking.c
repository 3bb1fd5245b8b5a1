// SPDX-License-Identifier: MIT
/* Who only looks: is told what its user may know, changes nothing, and cannot
 * slow ashmemd, however it behaves. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "lister.h"
#include "locks.h"
#include "peer.h"
#include "registry.h"
#include "server.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

/* More than one reply tells, and than the table has buckets at first. */
#define MANY	1500

/* More than two replies tell. */
#define CROWD	100

/* More events than go into a socket that nobody reads. */
#define EVENTS	4000

static struct wire_request request_of(enum wire_type type)
{
	return (struct wire_request){
		.type = type,
		.version = WIRE_VERSION,
	};
}

/* Asks for the next regions. Returns 0, a number of errno, or -1. */
static int list(struct peer *peer, uint64_t cursor, struct listing *listing)
{
	struct wire_request request = request_of(WIRE_LIST);
	struct wire_fds none;

	request.cursor = cursor;
	if (wire_send(peer->socket, &request, sizeof(request), NULL) < 0 ||
	    wire_receive(peer->socket, listing, sizeof(*listing), &none) != 1)
		return -1;
	return listing->error;
}

static int ask(struct peer *peer, enum wire_type type)
{
	struct wire_request request = request_of(type);
	struct wire_fds none;
	struct wire_reply reply;

	return peer_ask(peer, &request, NULL, &reply, &none);
}

static bool next_event(struct peer *peer, struct listing_event *event)
{
	struct wire_fds none;

	return wire_receive(peer->socket, event, sizeof(*event), &none) == 1 &&
	       event->type == WIRE_EVENT;
}

static uint64_t inode_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? 0 : status.st_ino;
}

static void test_list(struct peer *peer, struct peer *onlooker)
{
	struct peer_region region;
	struct listing listing;
	const struct listing_region *listed = &listing.regions[0];

	tap_ok(list(onlooker, 0, &listing) == 0 && !listing.count &&
	       !listing.cursor, "a list without hello: nothing is there");
	region_make(&region, 100);
	region_attach(peer, &region, 0, sizeof(struct procmap));
	region_lock(&region, true);
	tap_ok(list(onlooker, 0, &listing) == 0 && listing.count == 1 &&
	       !listing.cursor, "one region");
	tap_ok(listed->inode == inode_of(region.fd) && listed->pages == 100 &&
	       listed->resident == 100 && listed->attached == 1 &&
	       listed->holding == 1 && !listed->purged && !listed->flags &&
	       !strcmp(listed->name, "region"),
	       "and what is known of it");
	region_unpin(peer, &region, 0, 50, peer_now());
	peer_purge_all(peer);
	tap_ok(list(onlooker, 0, &listing) == 0 && listed->purged == 50 &&
	       listed->resident == 50, "how much of it was purged");
	region_detach(peer, &region);
	region_end(&region);
	tap_ok(list(onlooker, 0, &listing) == 0 && !listing.count,
	       "looking keeps no region");
}

static void test_look(struct peer *peer, struct peer *onlooker)
{
	struct wire_request request = request_of(WIRE_LOOK);
	struct peer_region region;
	struct wire_reply reply;
	struct wire_fds fds;
	struct stat status;
	int error, flags;

	region_make(&region, 100);
	region_attach(peer, &region, 0, 0);
	fstat(region.fd, &status);
	request.device = status.st_dev;
	request.inode = status.st_ino;
	error = peer_ask(onlooker, &request, NULL, &reply, &fds);
	flags = error ? -1 : fcntl(fds.fd[0], F_GETFL);
	tap_ok(!error && fds.count == 1 && inode_of(fds.fd[0]) ==
	       inode_of(region.pins), "the pin map of a region");
	tap_ok(flags >= 0 && (flags & O_ACCMODE) == O_RDONLY &&
	       mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fds.fd[0],
		    0) == MAP_FAILED, "can only be read");
	wire_close(&fds);
	request.inode++;
	tap_ok(peer_ask(onlooker, &request, NULL, &reply, &fds) == ENOENT,
	       "of one that there is not: ENOENT");
	region_detach(peer, &region);
	region_end(&region);
}

/* All regions, each once, while the table grows. */
static void test_many(struct peer *peer, struct peer *onlooker)
{
	static struct peer_region regions[MANY];
	static struct listing listing;
	static unsigned int seen[MANY];
	size_t attached = 0, once = 0, replies = 0;

	memset(seen, 0, sizeof(seen));
	for (; attached < MANY / 2; attached++) {
		region_make(&regions[attached], 1);
		region_attach(peer, &regions[attached], attached, 0);
	}
	do {
		if (list(onlooker, listing.cursor, &listing))
			break;
		for (size_t i = 0; i < listing.count; i++)
			for (size_t j = 0; j < MANY / 2; j++)
				seen[j] += inode_of(regions[j].fd) ==
					   listing.regions[i].inode;
		if (replies++ == 5)
			for (; attached < MANY; attached++) {
				region_make(&regions[attached], 1);
				region_attach(peer, &regions[attached],
					      attached, 0);
			}
	} while (listing.cursor);
	for (size_t i = 0; i < MANY / 2; i++)
		once += seen[i] == 1;
	tap_ok(attached == MANY && once == MANY / 2,
	       "%u regions, in several replies, while there are more and more: "
	       "each once", MANY / 2);
	for (size_t i = 0; i < attached; i++) {
		region_detach(peer, &regions[i]);
		region_end(&regions[i]);
	}
}

/* A table with buckets that hold more than others, and than a reply does. */
static void test_crowded(void)
{
	static struct region regions[CROWD];
	struct region *buckets[4] = { 0 };
	struct registry registry = { .buckets = buckets, .bucket_count = 4 };
	struct server server = { .registry = &registry };
	struct client client = { .server = &server };
	static const unsigned int bucket_of[8] = { 0, 1, 1, 1, 2, 2, 0, 1 };
	unsigned int seen[CROWD] = { 0 }, once = 0, replies = 0;
	struct listing listing = { 0 };

	for (unsigned int i = 0; i < CROWD; i++) {
		struct region **bucket = &buckets[bucket_of[i % 8]];

		regions[i] = (struct region){
			.ino = i, .fd = -1, .chain = *bucket,
		};
		*bucket = &regions[i];
	}
	do {
		uint64_t cursor = listing.cursor;

		listing.count = 0;
		lister_fill(&client, cursor, &listing);
		for (uint32_t i = 0; i < listing.count; i++)
			seen[listing.regions[i].inode]++;
	} while (listing.cursor && ++replies < CROWD);
	for (unsigned int i = 0; i < CROWD; i++)
		once += seen[i] == 1;
	tap_ok(once == CROWD, "however full buckets are: each region once");
}

static void test_cursors(struct peer *onlooker)
{
	static const uint64_t odd[] = {
		1, UINT32_MAX, UINT64_C(1) << 32, UINT64_C(0x123456789abcdef),
		UINT64_MAX,
	};
	struct listing listing;
	bool good = true;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		unsigned int replies = 0;

		listing.cursor = odd[i];
		do
			good &= list(onlooker, listing.cursor, &listing) == 0;
		while (good && listing.cursor && ++replies < 10000);
		good &= !listing.cursor;
	}
	tap_ok(good, "a cursor that was never given comes to an end as well");
}

static void test_watch(const struct subject *subject, struct peer *peer)
{
	struct peer_region region;
	struct listing_event event;
	struct peer watcher;

	region_make(&region, 10);
	peer_make(&watcher);
	peer_connect(&watcher, subject->socket);
	tap_ok(ask(&watcher, WIRE_WATCH) == 0, "watch");
	tap_ok(ask(&watcher, WIRE_WATCH) == EALREADY, "twice: EALREADY");
	region_attach(peer, &region, 0, 0);
	tap_ok(next_event(&watcher, &event) && event.kind == LISTING_ATTACH &&
	       event.inode == inode_of(region.fd) && event.pages == 10 &&
	       event.pid == getpid() && event.attached == 1 && !event.lost &&
	       !strcmp(event.name, "region"), "attach is told");
	region_unpin(peer, &region, 0, 5, peer_now());
	peer_purge_all(peer);
	tap_ok(next_event(&watcher, &event) && event.kind == LISTING_PURGE &&
	       event.pages == 5 && event.attached == 1, "a purge is told");
	region_detach(peer, &region);
	tap_ok(next_event(&watcher, &event) && event.kind == LISTING_RELEASE &&
	       event.attached == 0, "a release is told");
	peer_close(&watcher);
	region_end(&region);
}

/* Who does not read is told how much it has missed, and stops nobody. */
static void test_slow(const struct subject *subject, struct peer *peer)
{
	struct peer_region region;
	struct listing_event event;
	struct peer watcher;
	uint64_t told = 0, lost = 0;
	bool served = true;

	region_make(&region, 1);
	peer_make(&watcher);
	peer_connect(&watcher, subject->socket);
	ask(&watcher, WIRE_WATCH);
	for (int i = 0; i < EVENTS / 2; i++)
		served &= region_attach(peer, &region, 0, 0) == 0 &&
			  region_detach(peer, &region) == 0;
	tap_ok(served, "a watcher that does not read stops nobody");
	while (told + lost < EVENTS && next_event(&watcher, &event)) {
		told += event.kind != LISTING_LOST;
		lost += event.lost;
	}
	tap_ok(told && lost && told + lost == EVENTS,
	       "and is told how many it has lost");
	tap_note("%ju told, %ju lost", (uintmax_t)told, (uintmax_t)lost);
	peer_close(&watcher);
	region_end(&region);
}

static void test_watchers(const struct subject *subject)
{
	struct peer watchers[64];
	int count = 0, error = 0;

	for (; count < 64 && !error; count++) {
		peer_make(&watchers[count]);
		peer_connect(&watchers[count], subject->socket);
		error = ask(&watchers[count], WIRE_WATCH);
	}
	tap_ok(error == EBUSY && count > 1, "too many watchers: EBUSY");
	while (count)
		peer_close(&watchers[--count]);
}

/* Purges pages [first, end). */
static int purge(struct peer *peer, int fd, uint64_t first, uint64_t end,
		 uint64_t *pages)
{
	struct wire_request request = request_of(WIRE_PURGE);
	struct wire_fds sent = { fd >= 0, { fd } }, none;
	struct wire_reply reply;
	int error;

	request.first = first;
	request.end = end;
	error = peer_ask(peer, &request, &sent, &reply, &none);
	*pages = reply.pages;
	return error;
}

static void test_purge(struct peer *peer, struct peer *onlooker)
{
	struct peer_region region;
	uint64_t pages;
	int reader;

	region_make(&region, 100);
	tap_ok(purge(onlooker, region.fd, 0, 100, &pages) == ENOENT,
	       "purge of a region that nobody is attached to: ENOENT");
	region_attach(peer, &region, 0, 0);
	region_unpin(peer, &region, 10, 90, peer_now());
	reader = locks_open(region.fd, O_RDONLY);
	tap_ok(purge(onlooker, reader, 0, 100, &pages) == EACCES,
	       "by who cannot write it: EACCES");
	close(reader);
	tap_ok(purge(onlooker, -1, 0, 100, &pages) == EINVAL &&
	       purge(onlooker, region.fd, 5, 5, &pages) == EINVAL &&
	       purge(onlooker, region.fd, 6, 5, &pages) == EINVAL &&
	       purge(onlooker, region.fd, 0, 101, &pages) == EINVAL &&
	       purge(onlooker, region.fd, UINT64_MAX, 5, &pages) == EINVAL &&
	       purge(onlooker, STDOUT_FILENO, 0, 1, &pages) == EINVAL,
	       "without a region, or a run of its pages: EINVAL");
	tap_ok(purge(onlooker, region.fd, 5, 15, &pages) == 0 && pages == 5 &&
	       purge(onlooker, region.fd, 30, 70, &pages) == 0 && pages == 40,
	       "purge of a run: what is unpinned of it");
	tap_ok(region_resident(&region) == 55 &&
	       region_pin(&region, 15, 30) == 0 &&
	       region_pin(&region, 70, 100) == 0 &&
	       region_pin(&region, 14, 15) == 1 &&
	       region_pin(&region, 30, 70) == 1,
	       "and no other page");
	region_detach(peer, &region);
	region_end(&region);
}

static void test_idle(void)
{
	struct subject subject = { 0 };
	struct peer onlooker;
	struct listing listing;
	int status;

	subject_prepare(&subject);
	subject_start(&subject, "[daemon]\nidle-exit = 1\n");
	peer_make(&onlooker);
	peer_connect(&onlooker, subject.socket);
	list(&onlooker, 0, &listing);
	status = subject_wait(subject.pid);
	tap_ok(status == 0, "who looks does not keep ashmemd from ending");
	tap_ok(list(&onlooker, 0, &listing) == -1, "and is hung up on");
	subject.pid = status == 0 ? 0 : subject.pid;
	if (subject.pid)
		subject_end(&subject, SIGTERM);
	peer_close(&onlooker);
	subject_remove(&subject);
}

static void test_late_hello(const struct subject *subject)
{
	struct peer_region region;
	struct listing listing;
	struct peer peer;

	region_make(&region, 1);
	peer_make(&peer);
	peer_connect(&peer, subject->socket);
	list(&peer, 0, &listing);
	tap_ok(peer_hello(&peer) == 0 &&
	       region_attach(&peer, &region, 0, 0) == 0 &&
	       list(&peer, 0, &listing) == 0 && listing.count == 1,
	       "hello after a look, and a look after that");
	peer_close(&peer);
	region_end(&region);
}

void test_looking(void)
{
	struct subject subject = { 0 };
	struct peer peer, onlooker;
	int before;

	subject_prepare(&subject);
	tap_ok(subject_start(&subject, NULL), "looking: ashmemd starts");
	before = subject_descriptors(&subject);
	peer_open(&peer, subject.socket);
	peer_make(&onlooker);
	peer_connect(&onlooker, subject.socket);
	test_list(&peer, &onlooker);
	test_look(&peer, &onlooker);
	test_many(&peer, &onlooker);
	test_crowded();
	test_cursors(&onlooker);
	test_watch(&subject, &peer);
	test_slow(&subject, &peer);
	test_watchers(&subject);
	test_purge(&peer, &onlooker);
	test_late_hello(&subject);
	peer_close(&onlooker);
	peer_close(&peer);
	for (int i = 0; i < SUBJECT_PATIENCE &&
			subject_descriptors(&subject) != before; i++)
		subject_pause();
	tap_ok(subject_descriptors(&subject) == before,
	       "looking: no descriptor is left");
	tap_ok(subject_end(&subject, SIGTERM) == 0, "looking: ashmemd ends");
	subject_remove(&subject);
	test_idle();
}
