// SPDX-License-Identifier: MIT
/* Whatever is sent: an error or the end of that connection, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

/* Sends anything, with copies of a descriptor. */
static bool send_raw(const struct peer *peer, const void *bytes, size_t size,
		     int fd, unsigned int count)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(64 * sizeof(int))];
	} control = { 0 };
	struct iovec data = { (void *)bytes, size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		for (unsigned int i = 0; i < count; i++)
			((int *)CMSG_DATA(&control.header))[i] = fd;
	}
	return sendmsg(peer->socket, &message, MSG_NOSIGNAL) >= 0;
}

/* What comes back: a number of errno, or -1 when the connection ends. */
static int answer(struct peer *peer)
{
	struct wire_reply reply;
	struct wire_fds received;

	if (wire_receive(peer->socket, &reply, sizeof(reply), &received) != 1)
		return -1;
	wire_close(&received);
	return reply.error;
}

static void test_packet(const struct subject *subject, const char *name,
			const void *bytes, size_t size, unsigned int fds)
{
	struct peer peer;
	int fd = peer_memfd("any", 4096, 0);

	peer_open(&peer, subject->socket);
	tap_ok(send_raw(&peer, bytes, size, fd, fds) && answer(&peer) == -1,
	       "%s: the connection ends", name);
	close(fd);
	peer_close(&peer);
}

static void test_packets(const struct subject *subject)
{
	struct wire_request request = {
		.type = WIRE_ATTACH,
		.version = WIRE_VERSION,
		.watch = -1,
	};
	char garbage[sizeof(request)], large[4096] = { 0 };

	memset(garbage, 0xa5, sizeof(garbage));
	test_packet(subject, "short", &request, sizeof(request) - 1, 0);
	test_packet(subject, "long", large, sizeof(large), 0);
	test_packet(subject, "long with descriptors", large, sizeof(large), 2);
	test_packet(subject, "empty", "", 0, 0);
	test_packet(subject, "empty with a descriptor", "", 0, 1);
	test_packet(subject, "garbage", garbage, sizeof(garbage), 0);
	test_packet(subject, "garbage with descriptors", garbage,
		    sizeof(garbage), 2);
	test_packet(subject, "3 descriptors", &request, sizeof(request), 3);
	test_packet(subject, "60 descriptors", &request, sizeof(request), 60);
	request.type = WIRE_HELLO;
	test_packet(subject, "a second hello", &request, sizeof(request), 1);
}

static int attach_fd(struct peer *peer, int fd, int second)
{
	struct wire_request request = {
		.type = WIRE_ATTACH,
		.version = WIRE_VERSION,
		.watch = -1,
	};
	struct wire_fds sent = { .fd = { fd, second } }, received;
	struct wire_reply reply;
	int error;

	sent.count = (fd >= 0) + (second >= 0);
	error = peer_ask(peer, &request, &sent, &reply, &received);
	wire_close(&received);
	return error;
}

/* Takes the descriptor. */
static void test_fd(struct peer *peer, const char *name, int fd)
{
	tap_ok(attach_fd(peer, fd, -1) == EINVAL, "attach to %s: EINVAL", name);
	if (fd >= 0)
		close(fd);
}

static void test_fds(const struct subject *subject)
{
	const unsigned int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	struct peer peer;
	int pipes[2];

	peer_open(&peer, subject->socket);
	test_fd(&peer, "nothing", -1);
	if (pipe(pipes) == 0) {
		test_fd(&peer, "a pipe", pipes[0]);
		close(pipes[1]);
	}
	test_fd(&peer, "a directory", open("/tmp", O_RDONLY | O_CLOEXEC));
	test_fd(&peer, "a file", open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC,
				      0600));
	test_fd(&peer, "a path", open("/", O_PATH | O_CLOEXEC));
	test_fd(&peer, "a device", open("/dev/null", O_RDWR | O_CLOEXEC));
	test_fd(&peer, "the socket", dup(peer.socket));
	test_fd(&peer, "an unsealed memfd", peer_memfd("a", 4096, 0));
	test_fd(&peer, "one that can grow",
		peer_memfd("a", 4096, F_SEAL_SHRINK));
	test_fd(&peer, "an empty one", peer_memfd("a", 0, seals));
	tap_ok(attach_fd(&peer, peer.procmap_fd, -1) == 0,
	       "its process map is a region like another");
	peer_close(&peer);
}

/* Says hello with a descriptor that is no process map, which it takes. */
static void test_hello(const struct subject *subject, const char *name, int fd)
{
	struct peer peer;
	int own;

	peer_make(&peer);
	own = peer.procmap_fd;
	peer.procmap_fd = fd;
	tap_ok(peer_connect(&peer, subject->socket) &&
	       peer_hello(&peer) == EINVAL,
	       "hello with %s: EINVAL", name);
	peer.procmap_fd = own;
	close(fd);
	peer_close(&peer);
}

static void test_hellos(const struct subject *subject)
{
	const unsigned int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	struct wire_request hello = { .type = WIRE_HELLO, .version = 99 };
	struct wire_request attach = { .type = WIRE_ATTACH, .version = 1 };
	struct wire_fds received;
	struct wire_reply reply;
	struct peer peer;

	test_hello(subject, "a directory", open("/", O_RDONLY));
	test_hello(subject, "an unsealed memfd",
		   peer_memfd("a", PROCMAP_MIN_BYTES, 0));
	test_hello(subject, "a small one",
		   peer_memfd("a", PROCMAP_MIN_BYTES - 1, seals));
	test_hello(subject, "a large one",
		   peer_memfd("a", PROCMAP_MAX_BYTES + 1, seals));
	test_hello(subject, "one that cannot be written",
		   peer_memfd("a", PROCMAP_MIN_BYTES, seals | F_SEAL_WRITE));
	peer_make(&peer);
	peer_connect(&peer, subject->socket);
	tap_ok(peer_ask(&peer, &hello, NULL, &reply, &received) == EPROTO,
	       "hello in another version: EPROTO");
	peer_hang_up(&peer);
	peer_connect(&peer, subject->socket);
	tap_ok(peer_ask(&peer, &attach, NULL, &reply, &received) == -1,
	       "no hello: the connection ends");
	peer_close(&peer);
}

/* Who sends and does not read is dropped. */
static void test_deaf(const struct subject *subject)
{
	struct wire_request request = {
		.type = WIRE_DETACH,
		.version = WIRE_VERSION,
	};
	struct peer peer;
	int i;

	peer_open(&peer, subject->socket);
	for (i = 0; i < 100000; i++)
		if (wire_send(peer.socket, &request, sizeof(request), NULL) < 0)
			break;
	tap_ok(i < 100000 && (errno == EPIPE || errno == ECONNRESET),
	       "who does not read its replies is dropped");
	peer_close(&peer);
}

/* A pin map that is none, or of another region. */
static void test_pin_maps(const struct subject *subject)
{
	const unsigned int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	struct peer_region region, other;
	struct peer peer;
	int fd;

	peer_open(&peer, subject->socket);
	region_make(&region, 10);
	region_make(&other, 10);
	fd = peer_memfd("ashmem-pins:1:1", pinmap_bytes(10), seals);
	tap_ok(attach_fd(&peer, region.fd, fd) == EAGAIN,
	       "a pin map that is none is not believed");
	close(fd);
	region_attach(&peer, &other, 1, 0);
	tap_ok(attach_fd(&peer, region.fd, other.pins) == EAGAIN,
	       "nor is that of another region");
	region_attach(&peer, &region, 2, 0);
	tap_ok(attach_fd(&peer, region.fd, other.pins) == EBUSY,
	       "and when there is one: EBUSY");
	region_end(&region);
	region_end(&other);
	peer_close(&peer);
}

void test_hostile(void)
{
	struct subject subject;
	int before, after = -1;

	subject_prepare(&subject);
	tap_ok(subject_start(&subject, NULL), "an ashmemd for the hostile");
	before = subject_descriptors(&subject);
	test_packets(&subject);
	test_hellos(&subject);
	test_fds(&subject);
	test_pin_maps(&subject);
	test_deaf(&subject);
	for (int i = 0; i < SUBJECT_PATIENCE && after != before; i++) {
		subject_pause();
		after = subject_descriptors(&subject);
	}
	tap_ok(after == before, "no descriptor is left behind");
	tap_note("%d before, %d after", before, after);
	tap_ok(subject_end(&subject, SIGTERM) == 0, "it has lived through all");
	subject_remove(&subject);
}
