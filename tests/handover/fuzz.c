// SPDX-License-Identifier: MIT
/*
 * The receiver, sent anything: messages with some bytes changed, of any length,
 * with descriptors of every kind. Whatever it takes is a region. tests/fuzz has
 * the same for a fuzzer that learns.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "test.h"

#define TRIALS		20000
#define KINDS		7
#define MOST_SENT	4

static struct ashmem_region *region;
static struct handover message;
static int kinds[KINDS];
static unsigned int seed;

static int reopen(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static bool kinds_open(void)
{
	int ends[2];

	must(region = region_make(NULL));
	must(message_of(region, ASHMEM_ACCESS_WHOLE, &message));
	must((kinds[0] = ashmem_region_descriptor(region)) >= 0);
	must((kinds[1] = reopen(kinds[0], O_RDONLY)) >= 0);
	must((kinds[2] = memfd_create("fuzz", MFD_CLOEXEC)) >= 0);
	must(pipe2(ends, O_CLOEXEC) == 0);
	kinds[3] = ends[0];
	kinds[4] = ends[1];
	must((kinds[5] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0);
	must((kinds[6] = open("/dev/zero", O_RDWR | O_CLOEXEC)) >= 0);
	return true;
}

static void kinds_close(void)
{
	for (size_t i = 1; i < KINDS; i++)
		close(kinds[i]);
	ashmem_region_close(region);
}

static unsigned int below(unsigned int end)
{
	return rand_r(&seed) % end;
}

/* Sends one message, or what is left of one, in one part or two. */
static void send_anything(int socket)
{
	struct {
		struct handover message;
		char more[8];
	} bytes = { message, "" };
	size_t size = below(2) ? sizeof(message) : below(sizeof(bytes));
	size_t part = below(4) ? size : below(size + 1);
	int fds[MOST_SENT];

	for (unsigned int changes = below(3); changes; changes--)
		((char *)&bytes)[below(sizeof(bytes))] = below(256);
	for (size_t i = 0; i < MOST_SENT; i++)
		fds[i] = kinds[below(2) ? 0 : below(KINDS)];
	send_raw(socket, &bytes, part, fds, below(2) ? 1 : below(MOST_SENT));
	if (part < size)
		send_raw(socket, (char *)&bytes + part, size - part, fds,
			 below(2));
}

/* Is it the one that there is? */
static bool is_the_region(struct ashmem_region *received)
{
	uint64_t size, one, other;

	must(ashmem_region_get_size(received, &size) == 0);
	must(size == REGION_BYTES);
	must(ashmem_region_file_id(region, &one) == 0);
	must(ashmem_region_file_id(received, &other) == 0);
	must(one == other);
	return true;
}

static bool receive_anything(int type, unsigned int *taken)
{
	struct ashmem_region *received;
	struct pair pair;

	must(pair_open(&pair, type));
	must(set_non_blocking(pair.from) && set_non_blocking(pair.to));
	send_anything(pair.from);
	if (below(2))
		shutdown(pair.from, SHUT_WR);
	if (ashmem_region_receive(&received, pair.to) == 0) {
		must(is_the_region(received));
		ashmem_region_close(received);
		++*taken;
	}
	pair_close(&pair);
	return true;
}

static bool anything(void)
{
	unsigned int taken = 0;
	int next;

	must(getrandom(&seed, sizeof(seed), 0) == sizeof(seed));
	tap_note("seed %u", seed);
	must(kinds_open());
	next = dup(kinds[0]);
	close(next);
	for (int i = 0; i < TRIALS; i++) {
		int now;

		must(receive_anything(socket_types[i % 3], &taken));
		must((now = dup(kinds[0])) == next);
		close(now);
	}
	tap_note("%u of %d messages were good", taken, TRIALS);
	must(taken > TRIALS / 100 && taken < TRIALS / 2);
	kinds_close();
	return true;
}

static const struct test tests[] = {
	{ "fuzz: the receiver takes regions, and nothing else", anything,
	  ANY },
};

const struct test_group fuzz_tests = TEST_GROUP(tests);
