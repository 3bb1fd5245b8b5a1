// SPDX-License-Identifier: MIT
/*
 * ashmemd's clients and registry, in-process, told anything: messages with
 * descriptors of every kind, and scribbles in the memory that it shares.
 * Whatever that is, in the end all regions are closed and no descriptor is left.
 *
 * Input: steps. Each begins with a byte that says which, and whose.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "client.h"
#include "listing.h"
#include "locks.h"
#include "log.h"
#include "purge.h"
#include "registry.h"
#include "server.h"
#include "tidy.h"
#include "watch.h"

#define PEERS		3
#define REGION_BYTES	(70 * 4096 + 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* It would say much. */
void log_start(bool verbose) { (void)verbose; }
void log_error(const char *format, ...) { (void)format; }
void log_warning(const char *format, ...) { (void)format; }
void log_info(const char *format, ...) { (void)format; }
void log_debug(const char *format, ...) { (void)format; }

enum fd_kind {
	NONE,
	REGION,
	REGION_READ_ONLY,
	OTHER_REGION,
	SEALED_REGION,
	PROCMAP,
	PINS,
	PIPE,
	PLAIN_FILE,
	UNSEALED,
	SOCKET,
	FD_KINDS,
};

/**
 * struct peer - one end
 * @socket: or -1
 * @map:    its process map, as it sees it
 * @pins:   of the pin map that it was given last, or -1
 */
struct peer {
	int socket;
	void *map;
	int pins;
	int fds[FD_KINDS];
};

/**
 * struct world - all that there is
 * @data: the rest of the input
 */
struct world {
	const uint8_t *data;
	size_t size;
	struct settings settings;
	struct registry registry;
	struct server server;
	struct peer peers[PEERS];
};

static void nothing(void *context)
{
	(void)context;
}

static size_t take(struct world *world, void *bytes, size_t size)
{
	size_t taken = size < world->size ? size : world->size;

	memset(bytes, 0, size);
	memcpy(bytes, world->data, taken);
	world->data += taken;
	world->size -= taken;
	return taken;
}

static uint8_t take_byte(struct world *world)
{
	uint8_t byte;

	take(world, &byte, 1);
	return byte;
}

static int memory(const char *name, off_t bytes, unsigned int seals)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, bytes) < 0 ||
	    fcntl(fd, F_ADD_SEALS, seals) < 0)
		abort();
	return fd;
}

static void run(struct world *world)
{
	for (int i = 0; i < 64; i++)
		if (sd_event_run(world->server.event, 0) <= 0)
			break;
}

/* Of the packet that comes next; 0 if there is none. */
static size_t next_size(const struct peer *peer)
{
	ssize_t size = recv(peer->socket, NULL, 0,
			    MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

	return size < 0 ? 0 : size;
}

/* A pin map that is only for looking cannot be changed. */
static void check_look(const struct wire_fds *fds)
{
	if (fds->count &&
	    (fcntl(fds->fd[0], F_GETFL) & O_ACCMODE) != O_RDONLY)
		abort();
}

/* Keeps the last pin map. */
static void drain(struct peer *peer)
{
	union {
		struct wire_reply reply;
		struct listing listing;
		struct listing_event event;
	} packet;
	struct wire_fds fds;
	size_t size;

	while ((size = next_size(peer)) &&
	       wire_receive(peer->socket, &packet, size, &fds) == 1) {
		if (packet.reply.type == WIRE_ATTACH && fds.count) {
			if (peer->pins >= 0)
				close(peer->pins);
			peer->pins = fds.fd[--fds.count];
		}
		if (packet.reply.type == WIRE_LOOK)
			check_look(&fds);
		wire_close(&fds);
	}
}

static void send_message(struct world *world, struct peer *peer,
			 const void *message, size_t size, uint8_t kinds)
{
	int first = peer->fds[(kinds & 15) % FD_KINDS];
	int second = peer->fds[(kinds >> 4) % FD_KINDS];
	struct wire_fds fds = { 0 };

	if (peer->pins >= 0 && (kinds & 15) % FD_KINDS == PINS)
		first = peer->pins;
	if (peer->pins >= 0 && (kinds >> 4) % FD_KINDS == PINS)
		second = peer->pins;
	if (first >= 0)
		fds.fd[fds.count++] = first;
	if (second >= 0)
		fds.fd[fds.count++] = second;
	wire_send(peer->socket, message, size, &fds);
	run(world);
	drain(peer);
}

static void come(struct world *world, struct peer *peer)
{
	struct wire_request hello = {
		.type = WIRE_HELLO,
		.version = WIRE_VERSION,
	};
	int pair[2];

	if (peer->socket >= 0)
		close(peer->socket);
	run(world);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair) < 0)
		abort();
	peer->socket = pair[1];
	client_new(&world->server, pair[0]);
	send_message(world, peer, &hello, sizeof(hello), PROCMAP);
}

static void make_fds(struct peer *peer, const int regions[3])
{
	const unsigned int sealed = F_SEAL_SHRINK | F_SEAL_GROW;

	for (int i = 0; i < FD_KINDS; i++)
		peer->fds[i] = -1;
	peer->fds[REGION] = dup(regions[0]);
	peer->fds[REGION_READ_ONLY] = locks_open(regions[0], O_RDONLY);
	peer->fds[OTHER_REGION] = dup(regions[1]);
	peer->fds[SEALED_REGION] = dup(regions[2]);
	peer->fds[PROCMAP] = memory("process", PROCMAP_MIN_BYTES, sealed);
	peer->fds[PLAIN_FILE] = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC,
				     0600);
	peer->fds[UNSEALED] = memory("unsealed", 4096, 0);
	peer->fds[SOCKET] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	peer->fds[PIPE] = open("/dev/null", O_RDWR | O_CLOEXEC);
	peer->map = mmap(NULL, PROCMAP_MIN_BYTES, PROT_READ | PROT_WRITE,
			 MAP_SHARED, peer->fds[PROCMAP], 0);
	peer->socket = -1;
	peer->pins = -1;
	if (peer->map == MAP_FAILED)
		abort();
}

static void begin(struct world *world)
{
	const unsigned int sealed = F_SEAL_SHRINK | F_SEAL_GROW;
	int regions[3] = {
		memory("a", REGION_BYTES, sealed),
		memory("b", 4096, sealed),
		memory("c", REGION_BYTES, sealed | F_SEAL_FUTURE_WRITE),
	};

	settings_default(&world->settings);
	world->settings.connections_per_user = 2;
	world->settings.regions_per_process = 3;
	world->settings.regions = 3;
	if (!registry_start(&world->registry, &world->settings, false) ||
	    sd_event_new(&world->server.event) < 0)
		abort();
	world->server.registry = &world->registry;
	world->server.settings = &world->settings;
	world->server.changed = nothing;
	world->server.sign = regions[1];
	for (int i = 0; i < PEERS; i++)
		make_fds(&world->peers[i], regions);
	for (int i = 0; i < 2; i++)
		come(world, &world->peers[i]);
	close(regions[0]);
	close(regions[2]);
}

static void end(struct world *world)
{
	server_stop(&world->server);
	if (world->registry.region_count || world->registry.cache.count ||
	    world->registry.watched || world->registry.client_count ||
	    !TAILQ_EMPTY(&world->registry.watchers))
		abort();
	for (int i = 0; i < PEERS; i++) {
		struct peer *peer = &world->peers[i];

		munmap(peer->map, PROCMAP_MIN_BYTES);
		for (int j = 0; j < FD_KINDS; j++)
			if (peer->fds[j] >= 0)
				close(peer->fds[j]);
		if (peer->socket >= 0)
			close(peer->socket);
		if (peer->pins >= 0)
			close(peer->pins);
	}
	close(world->server.sign);
	sd_event_unref(world->server.event);
	registry_end(&world->registry);
}

/* Any words in the pin map, or the process map. */
static void scribble(struct world *world, struct peer *peer, bool in_pins)
{
	uint64_t words[4];
	uint16_t at;

	take(world, &at, sizeof(at));
	take(world, words, sizeof(words));
	if (in_pins && peer->pins >= 0) {
		/* A map that can only be read is not changed by this. */
		if (pwrite(peer->pins, words, sizeof(words),
			   at % 256 * sizeof(uint64_t)) < 0)
			return;
	} else if (!in_pins) {
		uint64_t offset = at < 0x8000 ? at : at % 4096 +
				  sizeof(struct procmap);

		memcpy((char *)peer->map + offset / 8 * 8, words,
		       sizeof(words));
	}
}

static void name_region(const struct peer *peer, struct wire_request *request)
{
	struct stat status;

	if (fstat(peer->fds[REGION], &status))
		return;
	request->device = status.st_dev;
	request->inode = status.st_ino;
}

static void ask(struct world *world, struct peer *peer)
{
	struct wire_request request = { .version = WIRE_VERSION };
	uint8_t kinds = take_byte(world), bits;

	request.type = take_byte(world) % (WIRE_EVENT + 1);
	bits = take_byte(world);
	request.slot = bits >> 3 & 3;
	request.hold_map = bits & 32 ? sizeof(struct procmap) : 0;
	request.watch = bits & 64 ? peer->fds[REGION] : -1;
	request.unused = bits & 128 ? take_byte(world) : 0;
	if (request.type == WIRE_LOOK)
		name_region(peer, &request);
	if (request.type == WIRE_PURGE)
		request.end = take_byte(world);
	send_message(world, peer, &request, sizeof(request), kinds);
}

static void send_any(struct world *world, struct peer *peer)
{
	uint8_t kinds = take_byte(world), packet[64];
	size_t size = take(world, packet, take_byte(world) & 1 ? 64 : 32);

	send_message(world, peer, packet, size, kinds);
}

static void step(struct world *world, uint8_t which)
{
	struct peer *peer = &world->peers[(which >> 4) % PEERS];

	switch (which & 15) {
	case 0 ... 5:
		ask(world, peer);
		break;
	case 6:
		send_any(world, peer);
		break;
	case 7 ... 8:
		scribble(world, peer, true);
		break;
	case 9:
		scribble(world, peer, false);
		break;
	case 10 ... 11:
		purge(&world->registry, NULL, NULL, take_byte(world) * 16384);
		break;
	case 12:
		tidy_step(&world->registry);
		break;
	case 13:
		watch_step(&world->registry);
		break;
	case 14:
		come(world, peer);
		break;
	case 15:
		/* Its watched descriptor names something else now. */
		dup3(peer->fds[OTHER_REGION], peer->fds[REGION], O_CLOEXEC);
		break;
	}
}

static int next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = { .data = data, .size = size };
	int before = next_fd();

	begin(&world);
	while (world.size)
		step(&world, take_byte(&world));
	end(&world);
	if (next_fd() != before)
		abort();
	return 0;
}
