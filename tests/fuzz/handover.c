// SPDX-License-Identifier: MIT
/*
 * ashmem_region_receive() of anything: it takes a good message, and of others
 * none that is not of the region, and leaves no descriptor behind.
 *
 * Input: where and how it is sent, which descriptors come with it, and in what
 * it differs from a good message.
 */
#include <ashmem.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../handover/peer.h"

#define REGION_BYTES	5000
#define KINDS		8
#define MOST_SENT	4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * struct input - the first bytes
 * @socket:  its type; and is it non-blocking
 * @closed:  is the sending end closed before it is received
 * @length:  less than a message's, or more
 * @part:    that is sent first
 * @fds:     how many come with that part
 * @kinds:   of them
 * @later:   how many come with the rest
 */
struct input {
	uint8_t socket;
	uint8_t closed;
	uint8_t length;
	uint8_t part;
	uint8_t fds;
	uint8_t kinds[MOST_SENT];
	uint8_t later;
};

static struct ashmem_region *region;
static struct handover good;
static int fds_of_kinds[KINDS];

static int reopen(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static void prepare(void)
{
	int ends[2];

	setenv("ASHMEM_ENGINE", "portable", 1);
	if (ashmem_region_create(&region, "fuzz", REGION_BYTES) < 0 ||
	    pipe2(ends, O_CLOEXEC) < 0 ||
	    !message_of(region, ASHMEM_ACCESS_WHOLE, &good))
		abort();
	fds_of_kinds[0] = ashmem_region_descriptor(region);
	fds_of_kinds[1] = reopen(fds_of_kinds[0], O_RDONLY);
	fds_of_kinds[2] = reopen(fds_of_kinds[0], O_PATH);
	fds_of_kinds[3] = memfd_create("fuzz", MFD_CLOEXEC);
	fds_of_kinds[4] = ends[0];
	fds_of_kinds[5] = ends[1];
	fds_of_kinds[6] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fds_of_kinds[7] = open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void send_part(int socket, const char *bytes, size_t size,
		      const struct input *input, unsigned int count)
{
	int fds[MOST_SENT];

	for (unsigned int i = 0; i < count; i++)
		fds[i] = fds_of_kinds[input->kinds[i] % KINDS];
	send_raw(socket, bytes, size, fds, count);
}

/* Returns whether it was good. */
static bool send_input(int socket, const struct input *input,
		       const uint8_t *changes, size_t count)
{
	char bytes[sizeof(good) + INT8_MAX] = "";
	size_t size = sizeof(good) + (int8_t)input->length;
	size_t part = input->part ? size * input->part / 256 : size;
	unsigned int fds = input->fds % (MOST_SENT + 1);
	unsigned int later = input->later % (MOST_SENT + 1);

	memcpy(bytes, &good, sizeof(good));
	for (size_t i = 0; i < count && i < sizeof(bytes); i++)
		bytes[i] ^= changes[i];
	send_part(socket, bytes, part, input, fds);
	if (part < size)
		send_part(socket, bytes + part, size - part, input, later);
	return part == size && size == sizeof(good) && fds == 1 &&
	       input->kinds[0] % KINDS == 0 &&
	       !memcmp(bytes, &good, sizeof(good));
}

static bool is_the_region(struct ashmem_region *received)
{
	uint64_t one, other, size;

	return ashmem_region_get_size(received, &size) == 0 &&
	       size == REGION_BYTES &&
	       ashmem_region_file_id(region, &one) == 0 &&
	       ashmem_region_file_id(received, &other) == 0 && one == other;
}

/* The number that the next descriptor will have. */
static int next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

static void receive(int socket, bool is_good)
{
	int before = next_fd();
	struct ashmem_region *received;
	bool taken = ashmem_region_receive(&received, socket) == 0;

	if (is_good && !taken)
		abort();
	if (taken && !is_the_region(received))
		abort();
	if (taken)
		ashmem_region_close(received);
	if (next_fd() != before)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	struct input input;
	int pair[2], type;
	bool is_good;

	if (!region)
		prepare();
	if (size < sizeof(input))
		return 0;
	memcpy(&input, data, sizeof(input));
	type = types[input.socket % 3];
	if (socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair) < 0)
		return 0;
	is_good = send_input(pair[0], &input, data + sizeof(input),
			     size - sizeof(input));
	/* A blocking one has to have an end to come to. */
	if (input.closed % 2)
		shutdown(pair[0], SHUT_WR);
	if (input.closed % 2 && type != SOCK_DGRAM && input.socket & 0x80)
		fcntl(pair[1], F_SETFL, 0);
	receive(pair[1], is_good);
	close(pair[0]);
	close(pair[1]);
	return 0;
}
