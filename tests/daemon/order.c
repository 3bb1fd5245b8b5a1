// SPDX-License-Identifier: MIT
/*
 * In which order pages go. This is seen where purging is asked for so many
 * bytes: the server runs in this process, and its clients by socket pairs.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "client.h"
#include "peer.h"
#include "purge.h"
#include "registry.h"
#include "server.h"
#include "sign.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

#define REGIONS	8
#define PAGES	320

/**
 * struct inside - a server without a process of its own
 */
struct inside {
	struct settings settings;
	struct registry registry;
	struct server server;
};

static void nothing(void *context)
{
	(void)context;
}

static bool start(struct inside *inside)
{
	settings_default(&inside->settings);
	if (!registry_start(&inside->registry, &inside->settings, false))
		return false;
	inside->server = (struct server){
		.registry = &inside->registry,
		.settings = &inside->settings,
		.listener = -1,
		.sign = peer_memfd("no-sign", 4096, 0),
		.changed = nothing,
	};
	return sd_event_new(&inside->server.event) >= 0;
}

static void run(struct inside *inside)
{
	while (sd_event_run(inside->server.event, 0) > 0)
		continue;
}

/* Sends, lets the server run, and receives. */
static int ask(struct inside *inside, struct peer *peer, uint32_t type,
	       uint32_t slot, int fd, struct wire_reply *reply,
	       struct wire_fds *received)
{
	struct wire_request request = {
		.type = type,
		.version = WIRE_VERSION,
		.slot = slot,
		.watch = -1,
	};
	struct wire_fds sent = { 1, { fd } };

	if (wire_send(peer->socket, &request, sizeof(request), &sent) < 0)
		return -1;
	run(inside);
	if (wire_receive(peer->socket, reply, sizeof(*reply), received) != 1)
		return -1;
	return reply->error;
}

static bool come(struct inside *inside, struct peer *peer)
{
	struct wire_fds received = { 0 };
	struct wire_reply reply;
	int pair[2];
	bool done;

	peer_make(peer);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair) < 0 || client_new(&inside->server, pair[0]) < 0)
		return false;
	peer->socket = pair[1];
	done = ask(inside, peer, WIRE_HELLO, 0, peer->procmap_fd, &reply,
		   &received) == 0;
	wire_close(&received);
	return done;
}

/* Pages of a file that have memory. */
static uint64_t blocks_of(int fd)
{
	struct stat status;

	fstat(fd, &status);
	return (uint64_t)status.st_blocks * 512 / PEER_PAGE;
}

static bool attach_made(struct inside *inside, struct peer *peer,
			uint32_t slot, struct peer_region *region)
{
	struct wire_fds received;
	struct wire_reply reply;
	struct region *known;

	if (ask(inside, peer, WIRE_ATTACH, slot, region->fd, &reply,
		&received))
		return false;
	region->slot = slot;
	region->pins = received.fd[0];
	for (size_t i = 0; i < inside->registry.bucket_count; i++)
		for (known = inside->registry.buckets[i]; known;
		     known = known->chain)
			if (known->attachments->slot == slot &&
			    pincache_map(&inside->registry.cache, known))
				region->map = pinmap_at(known->memory,
							region->pages);
	return region->map.header;
}

static bool attach(struct inside *inside, struct peer *peer, uint32_t slot,
		   struct peer_region *region)
{
	region_make(region, PAGES);
	return attach_made(inside, peer, slot, region);
}

static uint64_t resident_cell(const struct peer_region *region, int cell)
{
	return region->memory[cell * PINMAP_CELL_PAGES * PEER_PAGE] == 'x';
}

/* On a busy machine a purge can come to its limit of time before its bytes. */
static uint64_t purge_bytes(struct inside *inside, uint64_t bytes)
{
	uint64_t freed = 0;

	for (int tries = 0; tries < 100 && freed < bytes; tries++)
		freed += purge(&inside->registry, NULL, NULL, bytes - freed);
	return freed;
}

/* A cell of each region in turn, so that all ages are mixed. */
static void test_cells(struct inside *inside, struct peer *peer,
		       struct peer_region *regions)
{
	const uint64_t cell = (uint64_t)PINMAP_CELL_PAGES * PEER_PAGE;
	const int cells = PAGES / PINMAP_CELL_PAGES;
	uint64_t now = peer_now();
	bool ordered = true, exact = true;

	for (int i = 0; i < cells * REGIONS; i++)
		region_unpin(peer, &regions[i * 5 % REGIONS],
			     i / REGIONS * PINMAP_CELL_PAGES,
			     (i / REGIONS + 1) * PINMAP_CELL_PAGES, ++now);
	for (int i = 0; i < cells * REGIONS; i++) {
		exact &= purge_bytes(inside, cell) == cell;
		for (int j = 0; j < cells * REGIONS; j++)
			ordered &= resident_cell(&regions[j * 5 % REGIONS],
						 j / REGIONS) == (j > i);
	}
	tap_ok(exact, "a cell is asked for, and a cell goes");
	tap_ok(ordered, "the least recently unpinned goes first, whatever "
	       "region it is in");
	tap_ok(purge_bytes(inside, cell) == 0,
	       "in the end nothing is left");
}

static bool nobody(void *context, const struct client *client)
{
	(void)context;
	(void)client;
	return false;
}

/* What is unpinned anew is young again, and one word can unpin a region. */
static void test_ages(struct inside *inside, struct peer *peer,
		      struct peer_region *regions)
{
	uint64_t now = peer_now(), bytes = (uint64_t)PAGES * PEER_PAGE;

	for (int i = 0; i < REGIONS; i++) {
		region_pin(&regions[i], 0, PAGES);
		memset(regions[i].memory, 'x', bytes);
	}
	for (int i = 0; i < REGIONS; i++)
		region_unpin(peer, &regions[i], 0, PAGES, now + i);
	region_pin(&regions[0], 0, PAGES);
	region_unpin(peer, &regions[0], 0, PAGES, now + REGIONS);
	tap_ok(purge(&inside->registry, nobody, NULL, bytes) == 0,
	       "nobody is in scope: nothing goes");
	tap_ok(purge_bytes(inside, bytes * 3) == bytes * 3 &&
	       region_resident(&regions[0]) == PAGES &&
	       region_resident(&regions[1]) == 0 &&
	       region_resident(&regions[2]) == 0 &&
	       region_resident(&regions[3]) == 0 &&
	       region_resident(&regions[4]) == PAGES,
	       "whole regions go by age, and what is used again is young");
	tap_ok(purge_bytes(inside, bytes / 2) == bytes / 2 &&
	       region_resident(&regions[4]) == PAGES / 2,
	       "half a region is asked for, and half goes");
}

/* A few pages of a large region have memory: only these are looked at. */
static void test_sparse(struct inside *inside, struct peer *peer)
{
	const uint64_t pages = UINT64_C(1) << 24;
	struct peer_region region;
	uint64_t before, after;

	region = (struct peer_region){
		.fd = peer_memfd("sparse", pages * PEER_PAGE,
				 F_SEAL_SHRINK | F_SEAL_GROW),
		.pages = pages,
		.locks = -1,
	};
	if (!tap_ok(attach_made(inside, peer, REGIONS, &region),
		    "a region of 64 GiB"))
		return;
	for (uint64_t i = 0; i < 100; i++)
		if (pwrite(region.fd, "x", 1, i * 16777 * PEER_PAGE) != 1)
			break;
	region_unpin(peer, &region, 0, pages, peer_now());
	region_pin(&region, 16777, 16778);
	before = peer_now();
	purge_bytes(inside, UINT64_MAX);
	after = peer_now();
	tap_ok(region_resident(&region) == 1,
	       "what has memory goes, but for what is pinned");
	tap_ok(blocks_of(region.pins) < 200, "the pin map stays small");
	tap_note("%ju us, %ju pages of pin map",
		 (uintmax_t)(after - before) / 1000,
		 (uintmax_t)blocks_of(region.pins));
	region.map.header = NULL;
	region_end(&region);
}

void test_order(void)
{
	struct peer_region regions[REGIONS];
	struct inside inside;
	struct peer peer;
	bool ready = start(&inside) && come(&inside, &peer);

	for (int i = 0; i < REGIONS && ready; i++)
		ready = attach(&inside, &peer, i, &regions[i]);
	if (!tap_ok(ready, "a server in this process"))
		return;
	test_cells(&inside, &peer, regions);
	test_ages(&inside, &peer, regions);
	test_sparse(&inside, &peer);
	for (int i = 0; i < REGIONS; i++) {
		regions[i].map.header = NULL;
		region_end(&regions[i]);
	}
	server_stop(&inside.server);
	tap_ok(inside.registry.region_count == 0 &&
	       inside.registry.cache.count == 0,
	       "when all have gone there are no regions");
	peer_close(&peer);
	registry_end(&inside.registry);
	sd_event_unref(inside.server.event);
	close(inside.server.sign);
}
