// SPDX-License-Identifier: MIT
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "locks.h"
#include "subject.h"

__attribute__((noreturn))
static void end(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(2);
}

int peer_memfd(const char *name, uint64_t size, unsigned int seals)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, size) < 0 ||
	    (seals && fcntl(fd, F_ADD_SEALS, seals) < 0))
		end("memfd");
	return fd;
}

void peer_make(struct peer *peer)
{
	*peer = (struct peer){ .socket = -1 };
	peer->procmap_fd = peer_memfd("process", PROCMAP_MIN_BYTES,
				      F_SEAL_SHRINK | F_SEAL_GROW);
	peer->procmap = mmap(NULL, PROCMAP_MIN_BYTES, PROT_READ | PROT_WRITE,
			     MAP_SHARED, peer->procmap_fd, 0);
	if (peer->procmap == MAP_FAILED)
		end("process map");
}

bool peer_connect(struct peer *peer, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = SUBJECT_PATIENCE / 1000 };

	strcpy(address.sun_path, path);
	peer->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	setsockopt(peer->socket, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	if (connect(peer->socket, (struct sockaddr *)&address,
		    sizeof(address)) == 0)
		return true;
	peer_hang_up(peer);
	return false;
}

int peer_ask(struct peer *peer, const struct wire_request *request,
	     const struct wire_fds *sent, struct wire_reply *reply,
	     struct wire_fds *received)
{
	received->count = 0;
	if (wire_send(peer->socket, request, sizeof(*request), sent) < 0 ||
	    wire_receive(peer->socket, reply, sizeof(*reply), received) != 1)
		return -1;
	return reply->error;
}

int peer_hello(struct peer *peer)
{
	struct wire_request hello = {
		.type = WIRE_HELLO,
		.version = WIRE_VERSION,
	};
	struct wire_fds sent = { 1, { peer->procmap_fd } }, received;
	struct wire_reply reply;
	int error = peer_ask(peer, &hello, &sent, &reply, &received);

	if (error)
		return error;
	if (received.count != 1)
		return -1;
	atomic_store(&peer->procmap->dropped, 0);
	peer->sign = mmap(NULL, sizeof(*peer->sign), PROT_READ, MAP_SHARED,
			  received.fd[0], 0);
	if (mmap(NULL, sizeof(*peer->sign), PROT_READ | PROT_WRITE, MAP_SHARED,
		 received.fd[0], 0) != MAP_FAILED)
		end("the life sign can be written");
	wire_close(&received);
	return 0;
}

void peer_open(struct peer *peer, const char *socket)
{
	peer_make(peer);
	if (!peer_connect(peer, socket))
		end("connect");
	if (peer_hello(peer))
		end("hello");
}

void peer_hang_up(struct peer *peer)
{
	if (peer->socket >= 0)
		close(peer->socket);
	peer->socket = -1;
}

void peer_close(struct peer *peer)
{
	peer_hang_up(peer);
	munmap(peer->procmap, PROCMAP_MIN_BYTES);
	close(peer->procmap_fd);
}

uint64_t peer_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

void region_make(struct peer_region *region, uint64_t pages)
{
	*region = (struct peer_region){
		.fd = peer_memfd("region", pages * PEER_PAGE,
				 F_SEAL_SHRINK | F_SEAL_GROW),
		.pages = pages,
		.locks = -1,
		.pins = -1,
	};
	region->memory = mmap(NULL, pages * PEER_PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED, region->fd, 0);
	if (region->memory == MAP_FAILED)
		end("region");
	memset(region->memory, 'x', pages * PEER_PAGE);
}

void region_share(struct peer_region *region, const struct peer_region *from,
		  bool writable)
{
	*region = (struct peer_region){
		.fd = locks_open(from->fd, writable ? O_RDWR : O_RDONLY),
		.pages = from->pages,
		.locks = -1,
		.pins = -1,
	};
	if (region->fd < 0)
		end("region again");
}

void region_forget(struct peer_region *region)
{
	if (region->map.header)
		munmap(region->map.header, pinmap_bytes(region->pages));
	if (region->pins >= 0)
		close(region->pins);
	if (region->locks >= 0)
		close(region->locks);
	region->map.header = NULL;
	region->pins = -1;
	region->locks = -1;
	region->attachment = 0;
}

void region_end(struct peer_region *region)
{
	region_forget(region);
	if (region->memory)
		munmap(region->memory, region->pages * PEER_PAGE);
	close(region->fd);
}

/* Keeps the first pin map that comes: a later one has to be the same. */
static void take(struct peer_region *region, int pins)
{
	void *memory = mmap(NULL, pinmap_bytes(region->pages),
			    PROT_READ | PROT_WRITE, MAP_SHARED, pins, 0);

	if (memory == MAP_FAILED)
		memory = mmap(NULL, pinmap_bytes(region->pages), PROT_READ,
			      MAP_SHARED, pins, 0);
	if (memory == MAP_FAILED)
		end("pin map");
	region->pins = pins;
	region->map = pinmap_at(memory, region->pages);
}

int region_attach(struct peer *peer, struct peer_region *region, uint32_t slot,
		  uint64_t hold_map)
{
	struct wire_request request = {
		.type = WIRE_ATTACH,
		.version = WIRE_VERSION,
		.slot = slot,
		.hold_map = hold_map,
		.watch = -1,
	};
	struct wire_fds sent = { 1, { region->fd, region->pins } }, received;
	struct wire_reply reply;
	int error;

	if (region->pins >= 0)
		sent.count = 2;
	error = peer_ask(peer, &request, &sent, &reply, &received);
	if (error)
		return error;
	if (received.count != 1 || reply.pages != region->pages)
		return -1;
	region->attachment = reply.attachment;
	region->slot = slot;
	if (region->pins < 0)
		take(region, received.fd[0]);
	else
		wire_close(&received);
	return 0;
}

int region_detach(struct peer *peer, struct peer_region *region)
{
	struct wire_request request = {
		.type = WIRE_DETACH,
		.version = WIRE_VERSION,
		.slot = region->slot,
	};
	struct wire_reply reply;
	struct wire_fds received;

	return peer_ask(peer, &request, NULL, &reply, &received);
}

bool region_lock(struct peer_region *region, bool holds)
{
	if (region->locks < 0)
		region->locks = locks_open(region->fd, O_RDONLY);
	return locks_take(region->locks, locks_byte_of_pins(region->pins),
			  false) == 0 &&
	       locks_take(region->locks, LOCK_ATTACHED + region->attachment,
			  false) == 0 &&
	       (!holds || locks_take(region->locks,
				     LOCK_HOLDER + region->attachment,
				     false) == 0);
}

void region_unpin(struct peer *peer, struct peer_region *region,
		  uint64_t first, uint64_t end, uint64_t now)
{
	_Atomic uint64_t *slot = &peer->procmap->slots[region->slot];

	pinmap_unpin(&region->map, first, end, now);
	if (!atomic_load(slot))
		atomic_store(slot, now);
}

static bool wait_for_purge(void *context, _Atomic uint32_t *purging,
			   uint32_t seen)
{
	(void)purging;
	(void)seen;
	subject_pause();
	errno = ETIMEDOUT;
	return ++*(int *)context < SUBJECT_PATIENCE;
}

int region_pin(struct peer_region *region, uint64_t first, uint64_t end)
{
	int waited = 0;

	return pinmap_pin(&region->map, first, end, wait_for_purge, &waited);
}

uint64_t region_resident(const struct peer_region *region)
{
	struct stat status;

	fstat(region->fd, &status);
	return (uint64_t)status.st_blocks * 512 / PEER_PAGE;
}

int64_t peer_purge_some(struct peer *peer, bool *more)
{
	struct wire_request request = {
		.type = WIRE_PURGE_ALL,
		.version = WIRE_VERSION,
		.cursor = *more,
	};
	struct wire_reply reply;
	struct wire_fds received;

	if (peer_ask(peer, &request, NULL, &reply, &received))
		return -1;
	*more = reply.more;
	return reply.pages;
}

int64_t peer_purge_all(struct peer *peer)
{
	int64_t some, pages = 0;
	bool more = false;

	do {
		some = peer_purge_some(peer, &more);
		pages += some;
	} while (more && some >= 0);
	return some < 0 ? -1 : pages;
}
