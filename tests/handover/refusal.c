// SPDX-License-Identifier: MIT
/* What a receiver gets that is no region as it should be sent. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "test.h"

static const char text[] = "an ordinary text message";

/**
 * struct sent - what is sent
 * @region: that it is about
 * @fd:     its descriptor
 */
struct sent {
	struct ashmem_region *region;
	int fd;
	struct handover message;
};

static bool sent_open(struct sent *sent)
{
	must(sent->region = region_make(NULL));
	must((sent->fd = ashmem_region_descriptor(sent->region)) >= 0);
	must(message_of(sent->region, ASHMEM_ACCESS_WHOLE, &sent->message));
	return true;
}

/*
 * Has a packet, or on a stream these bytes, received; it has to be refused. On
 * packets the next message is received as if nothing had been.
 */
static bool is_refused_on(int type, const void *bytes, size_t size,
			  const int *fds, size_t count, int error)
{
	struct ashmem_region *region, *received = NULL;
	struct pair pair;

	must(pair_open(&pair, type) && set_non_blocking(pair.from));
	must(send_raw(pair.from, bytes, size, fds, count) == (ssize_t)size);
	must_fail(ashmem_region_receive(&received, pair.to), error);
	must(!received);
	if (type != SOCK_STREAM) {
		must(region = region_make(NULL));
		must(ashmem_region_send(region, pair.from,
					ASHMEM_ACCESS_WHOLE) == 0);
		must(ashmem_region_receive(&received, pair.to) == 0);
		ashmem_region_close(received);
		ashmem_region_close(region);
	}
	pair_close(&pair);
	return true;
}

static bool is_refused(const void *bytes, size_t size, const int *fds,
		       size_t count, int error)
{
	for (size_t i = 0; i < 3; i++)
		if (!is_refused_on(socket_types[i], bytes, size, fds, count,
				   error)) {
			tap_note("on %s", socket_type_name(socket_types[i]));
			return false;
		}
	return true;
}

static bool message_is_refused(const struct sent *sent, int error)
{
	return is_refused(&sent->message, sizeof(sent->message), &sent->fd, 1,
			  error);
}

static bool text_message(void)
{
	struct sent sent;

	must(sent_open(&sent));
	must(is_refused(text, sizeof(text), NULL, 0, EBADMSG));
	must(is_refused(text, sizeof(text), &sent.fd, 1, EBADMSG));
	must(is_refused("a", 1, NULL, 0, EBADMSG));
	ashmem_region_close(sent.region);
	return true;
}

/* The rest of a message is not waited for where there is none. */
static bool text_non_blocking(void)
{
	struct ashmem_region *received = NULL;
	struct pair pair;

	must(pair_open(&pair, SOCK_STREAM) && set_non_blocking(pair.to));
	must(send_raw(pair.from, text, sizeof(text), NULL, 0) > 0);
	must_fail(ashmem_region_receive(&received, pair.to), EBADMSG);
	must(!received);
	pair_close(&pair);
	return true;
}

static bool no_descriptor(void)
{
	struct sent sent;

	must(sent_open(&sent));
	must(is_refused(&sent.message, sizeof(sent.message), NULL, 0,
			ENODATA));
	ashmem_region_close(sent.region);
	return true;
}

static bool several_descriptors(void)
{
	int fds[MOST_FDS];
	struct sent sent;

	must(sent_open(&sent));
	for (size_t i = 0; i < MOST_FDS; i++)
		fds[i] = sent.fd;
	must(is_refused(&sent.message, sizeof(sent.message), fds, 2, E2BIG));
	must(is_refused(&sent.message, sizeof(sent.message), fds, 100, E2BIG));
	/* More than there is room for. */
	must(is_refused(&sent.message, sizeof(sent.message), fds, MOST_FDS,
			E2BIG));
	ashmem_region_close(sent.region);
	return true;
}

/* They come with another part of the message each. */
static bool descriptors_one_by_one(void)
{
	struct ashmem_region *received = NULL;
	struct sent sent;
	struct pair pair;

	must(sent_open(&sent));
	must(pair_open(&pair, SOCK_STREAM));
	must(send_raw(pair.from, &sent.message, 20, &sent.fd, 1) == 20);
	must(send_raw(pair.from, (char *)&sent.message + 20,
		      sizeof(sent.message) - 20, &sent.fd, 1) > 0);
	must_fail(ashmem_region_receive(&received, pair.to), E2BIG);
	must(!received);
	pair_close(&pair);
	ashmem_region_close(sent.region);
	return true;
}

static bool truncated(void)
{
	struct sent sent;

	must(sent_open(&sent));
	for (size_t size = 0; size < sizeof(sent.message); size += 31)
		for (size_t i = 1; i < 3; i++)
			must(is_refused_on(socket_types[i], &sent.message,
					   size, &sent.fd, 1, EBADMSG));
	for (size_t i = 1; i < 3; i++)
		must(is_refused_on(socket_types[i], "", 0, NULL, 0, EBADMSG));
	ashmem_region_close(sent.region);
	return true;
}

static bool too_long(void)
{
	struct {
		struct handover message;
		char more;
	} longer = { 0 };
	struct sent sent;

	must(sent_open(&sent));
	longer.message = sent.message;
	for (size_t i = 1; i < 3; i++)
		must(is_refused_on(socket_types[i], &longer,
				   sizeof(sent.message) + 1, &sent.fd, 1,
				   EBADMSG));
	ashmem_region_close(sent.region);
	return true;
}

/* Also on a non-blocking socket, where what is missing is not waited for. */
static bool closed_after(size_t size, bool non_blocking)
{
	struct ashmem_region *received = NULL;
	struct sent sent;
	struct pair pair;

	must(sent_open(&sent));
	must(pair_open(&pair, SOCK_STREAM));
	must(!non_blocking || set_non_blocking(pair.to));
	must(size == 0 || send_raw(pair.from, &sent.message, size, &sent.fd,
				   1) == (ssize_t)size);
	close(pair.from);
	must_fail(ashmem_region_receive(&received, pair.to), ECONNRESET);
	must(!received);
	close(pair.to);
	ashmem_region_close(sent.region);
	return true;
}

static bool closed(void)
{
	struct ashmem_region *received;
	struct pair pair;

	must(closed_after(0, false) && closed_after(0, true));
	must(closed_after(1, false) && closed_after(1, true));
	must(closed_after(279, false) && closed_after(279, true));
	must(pair_open(&pair, SOCK_SEQPACKET));
	close(pair.from);
	must_fail(ashmem_region_receive(&received, pair.to), ECONNRESET);
	close(pair.to);
	return true;
}

/* Sends a descriptor of something else; closes it. */
static bool fd_is_refused(int fd, int error)
{
	struct sent sent;

	must(fd >= 0);
	must(sent_open(&sent));
	ashmem_region_close(sent.region);
	sent.fd = fd;
	must(message_is_refused(&sent, error));
	close(fd);
	return true;
}

static int memfd_make(off_t size, int seals)
{
	int fd = memfd_create(REGION_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, size) < 0 ||
			fcntl(fd, F_ADD_SEALS, seals) < 0))
		return -1;
	return fd;
}

static int plain_file(void)
{
	char path[] = "/tmp/ashmem-handover-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	unlink(path);
	return fd >= 0 && ftruncate(fd, REGION_BYTES) == 0 ? fd : -1;
}

static bool pipes(void)
{
	int ends[2];

	must(pipe2(ends, O_CLOEXEC) == 0);
	must(fd_is_refused(ends[0], EINVAL));
	must(fd_is_refused(ends[1], EINVAL));
	return true;
}

static bool sockets(void)
{
	must(fd_is_refused(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
			   EINVAL));
	return true;
}

static bool files(void)
{
	must(fd_is_refused(plain_file(), EINVAL));
	must(fd_is_refused(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
			   EINVAL));
	must(fd_is_refused(open("/proc/self/mem", O_RDWR | O_CLOEXEC),
			   EINVAL));
	return true;
}

static bool devices(void)
{
	must(fd_is_refused(open("/dev/null", O_RDWR | O_CLOEXEC), EINVAL));
	must(fd_is_refused(open("/dev/zero", O_RDWR | O_CLOEXEC), EINVAL));
	must(fd_is_refused(epoll_create1(EPOLL_CLOEXEC), EINVAL));
	return true;
}

/* They could be made smaller beneath whoever maps them. */
static bool bare_memfds(void)
{
	must(fd_is_refused(memfd_make(REGION_BYTES, 0), EINVAL));
	must(fd_is_refused(memfd_make(REGION_BYTES, F_SEAL_SHRINK), EINVAL));
	must(fd_is_refused(memfd_make(REGION_BYTES, F_SEAL_GROW), EINVAL));
	return true;
}

static int reopen(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static bool odd_descriptors(void)
{
	struct sent sent;

	must(sent_open(&sent));
	must(fd_is_refused(reopen(sent.fd, O_PATH), EINVAL));
	must(fd_is_refused(reopen(sent.fd, O_WRONLY), EPROTO));
	ashmem_region_close(sent.region);
	return true;
}

static bool empty_region(void)
{
	struct sent sent;

	must(sent_open(&sent));
	ashmem_region_close(sent.region);
	sent.message.size = 0;
	must((sent.fd = memfd_make(0, F_SEAL_SHRINK | F_SEAL_GROW)) >= 0);
	must(message_is_refused(&sent, EPROTO));
	close(sent.fd);
	return true;
}

static bool other_version(void)
{
	struct sent sent;

	must(sent_open(&sent));
	sent.message.version++;
	must(message_is_refused(&sent, EPROTONOSUPPORT));
	ashmem_region_close(sent.region);
	return true;
}

static bool lies_about_the_size(void)
{
	const uint64_t sizes[] = {
		0, 1, REGION_BYTES - 1, REGION_BYTES + 1, UINT64_MAX,
		REGION_BYTES + (UINT64_C(1) << 32),
	};
	struct sent sent;

	must(sent_open(&sent));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sent.message.size = sizes[i];
		must(message_is_refused(&sent, EPROTO));
	}
	ashmem_region_close(sent.region);
	return true;
}

static bool lies_about_the_name(void)
{
	struct sent sent;

	must(sent_open(&sent));
	sent.message.name[0]++;
	must(message_is_refused(&sent, EPROTO));
	sent.message.name[0] = '\0';
	must(message_is_refused(&sent, EPROTO));
	memset(sent.message.name, 'n', sizeof(sent.message.name));
	must(message_is_refused(&sent, EBADMSG));
	ashmem_region_close(sent.region);
	return true;
}

static bool lies_about_the_access(void)
{
	struct sent sent;

	must(sent_open(&sent));
	sent.message.access = 0;
	must(message_is_refused(&sent, EBADMSG));
	sent.message.access = 3;
	must(message_is_refused(&sent, EBADMSG));
	sent.message.access = ASHMEM_ACCESS_READ_ONLY;
	must(message_is_refused(&sent, EPROTO));
	ashmem_region_close(sent.region);
	return true;
}

static bool says_whole_of_read_only(void)
{
	struct sent sent;

	must(sent_open(&sent));
	must((sent.fd = reopen(sent.fd, O_RDONLY)) >= 0);
	must(message_is_refused(&sent, EPROTO));
	close(sent.fd);
	ashmem_region_close(sent.region);
	return true;
}

/* What comes after the end of the name is not looked at; all else is. */
static bool any_byte(void)
{
	size_t meant = offsetof(struct handover, name) + sizeof(REGION_NAME);
	struct sent sent;

	must(sent_open(&sent));
	for (size_t i = 0; i < meant; i++) {
		struct ashmem_region *received = NULL;
		struct handover message = sent.message;
		struct pair pair;

		((char *)&message)[i] ^= 1 << i % 8;
		must(pair_open(&pair, SOCK_SEQPACKET));
		must(send_raw(pair.from, &message, sizeof(message), &sent.fd,
			      1) > 0);
		must(ashmem_region_receive(&received, pair.to) == -1);
		must(!received);
		pair_close(&pair);
	}
	ashmem_region_close(sent.region);
	return true;
}

static bool receive_without_room(const struct pair *pair)
{
	struct ashmem_region *received = NULL;
	struct rlimit limit, none;
	int next = dup(pair->to), result, error;

	close(next);
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	none = limit;
	none.rlim_cur = next;
	must(setrlimit(RLIMIT_NOFILE, &none) == 0);
	result = ashmem_region_receive(&received, pair->to);
	error = errno;
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	errno = error;
	must_fail((errno = error, result), EMFILE);
	return true;
}

static bool no_room(void)
{
	struct sent sent;

	must(sent_open(&sent));
	for (size_t i = 0; i < 3; i++) {
		struct pair pair;

		must(pair_open(&pair, socket_types[i]));
		must(ashmem_region_send(sent.region, pair.from,
					ASHMEM_ACCESS_WHOLE) == 0);
		must(receive_without_room(&pair));
		pair_close(&pair);
	}
	ashmem_region_close(sent.region);
	return true;
}

static const struct test tests[] = {
	{ "refused: a text message", text_message, ANY },
	{ "refused: a text message, non-blocking", text_non_blocking, ANY },
	{ "refused: no descriptor", no_descriptor, ANY },
	{ "refused: several descriptors", several_descriptors, ANY },
	{ "refused: several descriptors, one by one", descriptors_one_by_one,
	  ANY },
	{ "refused: a packet that is too short", truncated, ANY },
	{ "refused: a packet that is too long", too_long, ANY },
	{ "refused: the other end was closed", closed, ANY },
	{ "refused: a pipe", pipes, ANY },
	{ "refused: a socket", sockets, ANY },
	{ "refused: a plain file, a directory", files, ANY },
	{ "refused: another device", devices, ANY },
	{ "refused: a bare memfd", bare_memfds, ANY },
	{ "refused: a descriptor that cannot read", odd_descriptors,
	  PORTABLE },
	{ "refused: a region without size", empty_region, ANY },
	{ "refused: another version", other_version, ANY },
	{ "refused: another size", lies_about_the_size, ANY },
	{ "refused: another name", lies_about_the_name, ANY },
	{ "refused: another access", lies_about_the_access, ANY },
	{ "refused: a read-only descriptor said to be whole",
	  says_whole_of_read_only, PORTABLE },
	{ "refused: any other byte than was meant", any_byte, ANY },
	{ "refused: no room for the descriptor", no_room, ANY },
};

const struct test_group refusal_tests = TEST_GROUP(tests);
