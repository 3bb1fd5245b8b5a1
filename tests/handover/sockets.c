// SPDX-License-Identifier: MIT
/* Regions over Unix sockets, as they are meant to be sent. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "peer.h"
#include "test.h"

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD	76
#endif

/* Is this the region that was made, with what belongs to it? */
static bool is_the_region(struct ashmem_region *received, char *at)
{
	char name[ASHMEM_NAME_LEN];
	uint64_t size;
	char *seen;

	must(ashmem_region_get_size(received, &size) == 0);
	must(size == REGION_BYTES);
	must(ashmem_region_get_name(received, name, sizeof(name)) == 0);
	must(!strcmp(name, REGION_NAME));
	must(seen = region_map(received, PROT_READ));
	must(is_filled(seen, 0, PAGES, 'a'));
	at[PAGE] = 'b';
	must(seen[PAGE] == 'b');
	at[PAGE] = 'a';
	return true;
}

/* Sends a region through a pair of sockets and looks at what arrives. */
static bool arrives(const struct pair *pair, enum ashmem_access access)
{
	struct ashmem_region *region, *received;
	char *at;

	must(region = region_make(&at));
	must(access == ASHMEM_ACCESS_WHOLE || region_ready_to_read(region));
	must(ashmem_region_send(region, pair->from, access) == 0);
	ashmem_region_close(region);
	must(ashmem_region_receive(&received, pair->to) == 0);
	must(is_the_region(received, at));
	must(!!region_map(received, PROT_READ | PROT_WRITE) ==
	     (access == ASHMEM_ACCESS_WHOLE));
	ashmem_region_close(received);
	return true;
}

static bool on_each_type(bool (*run)(const struct pair *pair))
{
	for (size_t i = 0; i < 3; i++) {
		struct pair pair;

		must(pair_open(&pair, socket_types[i]));
		if (!run(&pair)) {
			tap_note("on %s", socket_type_name(pair.type));
			return false;
		}
		pair_close(&pair);
	}
	return true;
}

static bool whole(const struct pair *pair)
{
	return arrives(pair, ASHMEM_ACCESS_WHOLE);
}

static bool arrives_whole(void)
{
	return on_each_type(whole);
}

/* The device's own call can tell no size from 2 GiB on. */
static bool large(const struct pair *pair)
{
	const uint64_t sizes[] = { UINT64_C(2) << 30, UINT64_C(0xfffffff0),
				   (UINT64_C(4) << 30) + 5 };
	struct ashmem_region *region, *received;
	uint64_t size;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		must(ashmem_region_create(&region, REGION_NAME, sizes[i]) == 0);
		must(ashmem_region_send(region, pair->from,
					ASHMEM_ACCESS_WHOLE) == 0);
		must(ashmem_region_receive(&received, pair->to) == 0);
		must(ashmem_region_get_size(received, &size) == 0);
		must(size == sizes[i]);
		ashmem_region_close(region);
		ashmem_region_close(received);
	}
	return true;
}

static bool arrives_large(void)
{
	return on_each_type(large);
}

static bool read_only(const struct pair *pair)
{
	return arrives(pair, ASHMEM_ACCESS_READ_ONLY);
}

static bool arrives_read_only(void)
{
	return on_each_type(read_only);
}

static bool receive_and_answer(void *context)
{
	const struct pair *pair = context;
	struct ashmem_region *received;
	char *at;

	must(ashmem_region_receive(&received, pair->to) == 0);
	must(at = region_map(received, PROT_READ | PROT_WRITE));
	must(is_filled(at, 0, PAGES, 'a'));
	memset(at, 'c', PAGE);
	ashmem_region_close(received);
	return true;
}

static bool to_a_process(const struct pair *pair)
{
	struct ashmem_region *region;
	char *at;

	must(region = region_make(&at));
	must(ashmem_region_send(region, pair->from, ASHMEM_ACCESS_WHOLE) == 0);
	must(in_child(SAME_USER, receive_and_answer, (void *)pair));
	must(is_filled(at, 0, 1, 'c') && is_filled(at, 1, PAGES, 'a'));
	ashmem_region_close(region);
	return true;
}

static bool another_process_has_it(void)
{
	return on_each_type(to_a_process);
}

static bool receive_without_proc(void *context)
{
	const struct pair *pair = context;
	struct ashmem_region *received;
	char *at;

	must(chroot("/sys") == 0);
	must(ashmem_region_receive(&received, pair->to) == 0);
	must(at = region_map(received, PROT_READ | PROT_WRITE));
	must(is_filled(at, 0, PAGES, 'a'));
	return true;
}

static bool to_where_no_proc_is(const struct pair *pair)
{
	struct ashmem_region *region;

	must(region = region_make(NULL));
	must(ashmem_region_send(region, pair->from, ASHMEM_ACCESS_WHOLE) == 0);
	must(in_child(SAME_USER, receive_without_proc, (void *)pair));
	ashmem_region_close(region);
	return true;
}

static bool needs_no_proc(void)
{
	return on_each_type(to_where_no_proc_is);
}

static bool empty(const struct pair *pair)
{
	struct ashmem_region *received;

	must(set_non_blocking(pair->to));
	must_fail(ashmem_region_receive(&received, pair->to), EAGAIN);
	return whole(pair);
}

static bool empty_is_eagain(void)
{
	return on_each_type(empty);
}

/* Fills a socket; returns how many bytes it took. */
static size_t fill(int socket)
{
	static const char bytes[512];
	size_t filled = 0;
	ssize_t sent;

	for (;;) {
		sent = send_raw(socket, bytes, sizeof(bytes), NULL, 0);
		if (sent <= 0)
			return filled;
		filled += sent;
	}
}

static bool drain(int socket, size_t bytes)
{
	char some[512];
	ssize_t got;

	while (bytes) {
		must((got = recv(socket, some, sizeof(some), MSG_DONTWAIT)) > 0);
		bytes -= got;
	}
	return true;
}

/* What was refused has not been sent in part, either. */
static bool full(const struct pair *pair)
{
	struct ashmem_region *region;
	size_t filled;

	must(region = region_make(NULL));
	must(set_non_blocking(pair->from));
	must(filled = fill(pair->from));
	must_fail(ashmem_region_send(region, pair->from, ASHMEM_ACCESS_WHOLE),
		  EAGAIN);
	ashmem_region_close(region);
	must(drain(pair->to, filled));
	return whole(pair);
}

static bool full_is_eagain(void)
{
	return on_each_type(full);
}

static bool peer_closed(const struct pair *pair)
{
	struct ashmem_region *region;
	struct pair other;

	must(region = region_make(NULL));
	must(pair_open(&other, pair->type));
	close(other.to);
	/* SIGPIPE would end this process. */
	must_fail(ashmem_region_send(region, other.from, ASHMEM_ACCESS_WHOLE),
		  pair->type == SOCK_DGRAM ? ECONNREFUSED : EPIPE);
	close(other.from);
	ashmem_region_close(region);
	return true;
}

static bool send_to_nobody_fails(void)
{
	return on_each_type(peer_closed);
}

static bool interrupted(const struct pair *pair)
{
	struct ashmem_region *region, *received;

	must(region = region_make(NULL));
	calls.interrupt = 3;
	must(ashmem_region_send(region, pair->from, ASHMEM_ACCESS_WHOLE) == 0);
	must(calls.interrupt == 0);
	calls.interrupt = 3;
	must(ashmem_region_receive(&received, pair->to) == 0);
	must(calls.interrupt == 0);
	ashmem_region_close(region);
	ashmem_region_close(received);
	return true;
}

static bool interrupts_are_not_seen(void)
{
	return on_each_type(interrupted);
}

/* Also before the library has made a region of it: another thread may be about
 * to execute a program. */
static bool closed_on_exec(const struct pair *pair)
{
	must(whole(pair));
	must(calls.flags & MSG_CMSG_CLOEXEC);
	return true;
}

static bool is_closed_on_exec(void)
{
	return on_each_type(closed_on_exec);
}

/* The kernel adds to each message what its receiver has asked for. */
static bool with_credentials(const struct pair *pair)
{
	int on = 1;

	must(setsockopt(pair->to, SOL_SOCKET, SO_PASSCRED, &on,
			sizeof(on)) == 0);
	setsockopt(pair->to, SOL_SOCKET, SO_PASSSEC, &on, sizeof(on));
	setsockopt(pair->to, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof(on));
	return whole(pair);
}

static bool credentials_do_not_matter(void)
{
	return on_each_type(with_credentials);
}

static bool two_in_a_row(const struct pair *pair)
{
	struct ashmem_region *regions[2], *received[2];
	uint64_t sent_id, received_id;

	for (int i = 0; i < 2; i++) {
		must(regions[i] = region_make(NULL));
		must(ashmem_region_send(regions[i], pair->from,
					ASHMEM_ACCESS_WHOLE) == 0);
	}
	for (int i = 0; i < 2; i++) {
		must(ashmem_region_receive(&received[i], pair->to) == 0);
		must(ashmem_region_file_id(regions[i], &sent_id) == 0);
		must(ashmem_region_file_id(received[i], &received_id) == 0);
		must(sent_id == received_id);
		ashmem_region_close(regions[i]);
		ashmem_region_close(received[i]);
	}
	return true;
}

static bool two_arrive_in_order(void)
{
	return on_each_type(two_in_a_row);
}

static bool is_text(int socket, const char *text)
{
	char seen[64] = "";

	must(recv(socket, seen, strlen(text), MSG_DONTWAIT) ==
	     (ssize_t)strlen(text));
	must(!strcmp(seen, text));
	return true;
}

static bool between_other_data(void)
{
	struct ashmem_region *region, *received;
	struct pair pair;

	must(region = region_make(NULL));
	must(pair_open(&pair, SOCK_STREAM));
	must(send_raw(pair.from, "before", 6, NULL, 0) == 6);
	must(ashmem_region_send(region, pair.from, ASHMEM_ACCESS_WHOLE) == 0);
	must(send_raw(pair.from, "after", 5, NULL, 0) == 5);
	must(is_text(pair.to, "before"));
	must(ashmem_region_receive(&received, pair.to) == 0);
	must(is_text(pair.to, "after"));
	ashmem_region_close(region);
	ashmem_region_close(received);
	pair_close(&pair);
	return true;
}

/* Also on a non-blocking socket: all parts are there. */
static bool arrives_in_parts_of(size_t most)
{
	struct ashmem_region *region, *received;
	struct pair pair;
	char *at;

	must(region = region_make(&at));
	must(pair_open(&pair, SOCK_STREAM));
	must(set_non_blocking(pair.from) && set_non_blocking(pair.to));
	calls = (struct calls){ .most = most };
	must(ashmem_region_send(region, pair.from, ASHMEM_ACCESS_WHOLE) == 0);
	must(ashmem_region_receive(&received, pair.to) == 0);
	must(calls.sent == (sizeof(struct handover) + most - 1) / most);
	must(calls.received >= calls.sent);
	calls = (struct calls){ 0 };
	must(is_the_region(received, at));
	ashmem_region_close(region);
	ashmem_region_close(received);
	pair_close(&pair);
	return true;
}

static bool in_parts(void)
{
	must(arrives_in_parts_of(3));
	must(arrives_in_parts_of(7));
	must(arrives_in_parts_of(sizeof(struct handover) - 1));
	return true;
}

/* So many parts as the socket has no room for. */
static bool room_is_awaited(void)
{
	struct ashmem_region *region;
	int size = 1, full[2];
	struct pair pair;
	pid_t pid;
	char *at;

	must(region = region_make(&at));
	must(pair_open(&pair, SOCK_STREAM) && set_non_blocking(pair.from));
	must(pipe2(full, O_CLOEXEC) == 0);
	must(setsockopt(pair.from, SOL_SOCKET, SO_SNDBUF, &size,
			sizeof(size)) == 0);
	must((pid = fork_limited()) >= 0);
	if (!pid)
		_exit(read(full[0], &size, 1) != 1 ||
		      !receive_and_answer(&pair));
	calls = (struct calls){ .most = 1, .full = full[1] };
	must(ashmem_region_send(region, pair.from, ASHMEM_ACCESS_WHOLE) == 0);
	must(calls.sent > sizeof(struct handover));
	must(waitpid(pid, NULL, 0) == pid);
	must(is_filled(at, 0, 1, 'c'));
	ashmem_region_close(region);
	close(full[0]);
	close(full[1]);
	pair_close(&pair);
	return true;
}

static bool time_limit_of_sending(void)
{
	struct timeval limit = { .tv_usec = 1000 };
	struct ashmem_region *region;
	struct pair pair;
	size_t filled;

	must(region = region_make(NULL));
	must(pair_open(&pair, SOCK_STREAM));
	must(setsockopt(pair.from, SOL_SOCKET, SO_SNDTIMEO, &limit,
			sizeof(limit)) == 0);
	must(filled = fill(pair.from));
	must_fail(ashmem_region_send(region, pair.from, ASHMEM_ACCESS_WHOLE),
		  EAGAIN);
	must(drain(pair.to, filled));
	calls.most = 1;
	must_fail(ashmem_region_send(region, pair.from, ASHMEM_ACCESS_WHOLE),
		  ETIMEDOUT);
	ashmem_region_close(region);
	pair_close(&pair);
	return true;
}

/**
 * struct halves - a message of which the first half is sent
 * @region: that it is about
 */
struct halves {
	struct ashmem_region *region;
	struct handover message;
	struct pair pair;
};

#define FIRST_HALF	100

static bool halves_prepare(struct halves *halves)
{
	must(halves->region = region_make(NULL));
	must(pair_open(&halves->pair, SOCK_STREAM));
	must(message_of(halves->region, ASHMEM_ACCESS_WHOLE,
			&halves->message));
	return true;
}

static bool send_first(const struct halves *halves)
{
	int fd;

	must((fd = ashmem_region_descriptor(halves->region)) >= 0);
	must(send_raw(halves->pair.from, &halves->message, FIRST_HALF, &fd,
		      1) == FIRST_HALF);
	return true;
}

static bool halves_open(struct halves *halves)
{
	return halves_prepare(halves) && send_first(halves);
}

static bool send_rest(const struct halves *halves)
{
	size_t left = sizeof(halves->message) - FIRST_HALF;

	must(send_raw(halves->pair.from,
		      (const char *)&halves->message + FIRST_HALF, left, NULL,
		      0) == (ssize_t)left);
	return true;
}

static void halves_close(struct halves *halves)
{
	ashmem_region_close(halves->region);
	pair_close(&halves->pair);
}

/* The rest comes while it is received. */
static bool rest_is_awaited(void)
{
	struct ashmem_region *received;
	struct halves halves;
	pid_t pid;

	must(halves_open(&halves));
	must((pid = fork_limited()) >= 0);
	if (!pid)
		_exit(!send_rest(&halves));
	must(ashmem_region_receive(&received, halves.pair.to) == 0);
	must(waitpid(pid, NULL, 0) == pid);
	ashmem_region_close(received);
	halves_close(&halves);
	return true;
}

static bool half_is_left_alone(void)
{
	struct ashmem_region *received;
	struct halves halves;

	must(halves_open(&halves) && set_non_blocking(halves.pair.to));
	must_fail(ashmem_region_receive(&received, halves.pair.to), EAGAIN);
	must_fail(ashmem_region_receive(&received, halves.pair.to), EAGAIN);
	must(send_rest(&halves));
	must(ashmem_region_receive(&received, halves.pair.to) == 0);
	ashmem_region_close(received);
	halves_close(&halves);
	return true;
}

static struct halves late;

static void first_arrives(void)
{
	send_first(&late);
}

/* When the library has seen that nothing is there. */
static bool half_that_arrives_is_left_alone(void)
{
	struct ashmem_region *received;

	must(halves_prepare(&late) && set_non_blocking(late.pair.to));
	calls.arrive = first_arrives;
	must_fail(ashmem_region_receive(&received, late.pair.to), EAGAIN);
	if (calls.arrive)
		first_arrives();
	calls.arrive = NULL;
	must_fail(ashmem_region_receive(&received, late.pair.to), EAGAIN);
	must(send_rest(&late));
	must(ashmem_region_receive(&received, late.pair.to) == 0);
	ashmem_region_close(received);
	halves_close(&late);
	return true;
}

static bool limit_receiving(const struct pair *pair)
{
	struct timeval limit = { .tv_usec = 1000 };

	return setsockopt(pair->to, SOL_SOCKET, SO_RCVTIMEO, &limit,
			  sizeof(limit)) == 0;
}

static bool limited(const struct pair *pair)
{
	struct ashmem_region *received;

	must(limit_receiving(pair));
	must_fail(ashmem_region_receive(&received, pair->to), EAGAIN);
	return whole(pair);
}

static bool time_limit_before(void)
{
	return on_each_type(limited);
}

static bool time_limit_within(void)
{
	struct ashmem_region *received;
	struct halves halves;

	must(halves_open(&halves) && limit_receiving(&halves.pair));
	must_fail(ashmem_region_receive(&received, halves.pair.to), ETIMEDOUT);
	halves_close(&halves);
	return true;
}

static void byte_arrives(void)
{
	static size_t sent = FIRST_HALF;

	calls.arrive = byte_arrives;
	send_raw(late.pair.from, (const char *)&late.message + sent++, 1, NULL,
		 0);
}

/* Who sends a byte each time that one looks cannot make it last. */
static bool time_limit_of_all_parts(void)
{
	struct ashmem_region *received;

	must(halves_open(&late) && limit_receiving(&late.pair));
	calls.arrive = byte_arrives;
	must_fail(ashmem_region_receive(&received, late.pair.to), ETIMEDOUT);
	calls.arrive = NULL;
	halves_close(&late);
	return true;
}

/* Of all types only this one is never said to have come to its end. */
static bool shut_down(void)
{
	struct ashmem_region *received;
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
	must(shutdown(pair[0], SHUT_RD) == 0);
	must_fail(ashmem_region_receive(&received, pair[0]), EBADMSG);
	close(pair[0]);
	close(pair[1]);
	return true;
}

static bool listening(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct ashmem_region *received;

	must(bind(fd, (const struct sockaddr *)&address,
		  sizeof(address.sun_family)) == 0);
	must(listen(fd, 1) == 0);
	must_fail(ashmem_region_receive(&received, fd), ENOTCONN);
	close(fd);
	return true;
}

/* Waits until nothing is left to receive. */
static bool is_taken(int socket)
{
	int waiting;

	do {
		sched_yield();
		must(ioctl(socket, FIONREAD, &waiting) == 0);
	} while (waiting);
	return true;
}

static void *receive_from(void *pair)
{
	struct ashmem_region *received;

	ashmem_region_receive(&received, ((struct pair *)pair)->to);
	return NULL;
}

/* That its descriptor is closed is seen when the test is over. */
static bool cancelled_within(void)
{
	struct halves halves;
	pthread_t thread;
	void *result;

	must(halves_open(&halves));
	must(pthread_create(&thread, NULL, receive_from, &halves.pair) == 0);
	must(is_taken(halves.pair.to));
	must(pthread_cancel(thread) == 0);
	must(pthread_join(thread, &result) == 0);
	must(result == PTHREAD_CANCELED);
	halves_close(&halves);
	return true;
}

static void *send_late(void *context)
{
	struct halves *halves = context;

	ashmem_region_send(halves->region, halves->pair.from,
			   ASHMEM_ACCESS_WHOLE);
	return NULL;
}

static bool cancelled_while_full(void)
{
	struct halves halves;
	pthread_t thread;
	void *result;

	must(halves_prepare(&halves) && fill(halves.pair.from));
	must(pthread_create(&thread, NULL, send_late, &halves) == 0);
	must(pthread_cancel(thread) == 0);
	must(pthread_join(thread, &result) == 0);
	must(result == PTHREAD_CANCELED);
	halves_close(&halves);
	return true;
}

static bool other_sockets_are_refused(void)
{
	struct ashmem_region *region, *received;
	int inet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	must(region = region_make(NULL));
	if (inet >= 0) {
		must_fail(ashmem_region_send(region, inet,
					     ASHMEM_ACCESS_WHOLE),
			  EAFNOSUPPORT);
		must_fail(ashmem_region_receive(&received, inet),
			  EAFNOSUPPORT);
		close(inet);
	}
	must_fail(ashmem_region_send(region, null, ASHMEM_ACCESS_WHOLE),
		  ENOTSOCK);
	must_fail(ashmem_region_receive(&received, null), ENOTSOCK);
	must_fail(ashmem_region_send(region, -1, ASHMEM_ACCESS_WHOLE), EBADF);
	must_fail(ashmem_region_receive(&received, -1), EBADF);
	close(null);
	ashmem_region_close(region);
	return true;
}

static bool unready_is_not_sent(void)
{
	struct ashmem_region *region, *received;
	struct pair pair;

	must(pair_open(&pair, SOCK_SEQPACKET) && set_non_blocking(pair.to));
	must(ashmem_region_create(&region, REGION_NAME, 0) == 0);
	must_fail(ashmem_region_send(region, pair.from, ASHMEM_ACCESS_WHOLE),
		  EINVAL);
	must(ashmem_region_set_size(region, REGION_BYTES) == 0);
	must_fail(ashmem_region_send(region, pair.from, 0), EINVAL);
	must_fail(ashmem_region_send(region, pair.from, 3), EINVAL);
	must_fail(ashmem_region_receive(&received, pair.to), EAGAIN);
	must(ashmem_region_send(region, pair.from, ASHMEM_ACCESS_WHOLE) == 0);
	must(ashmem_region_receive(&received, pair.to) == 0);
	ashmem_region_close(received);
	ashmem_region_close(region);
	pair_close(&pair);
	return true;
}

/* Is it by default, and is it of the same file? */
static bool duplicate_is_the_callers(void)
{
	struct ashmem_region *region;
	struct stat one, other;
	int fd;

	must(region = region_make(NULL));
	must((fd = ashmem_region_duplicate(region, ASHMEM_ACCESS_WHOLE)) >= 0);
	must(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	must(fstat(fd, &one) == 0);
	must(fstat(ashmem_region_descriptor(region), &other) == 0);
	must(one.st_dev == other.st_dev && one.st_ino == other.st_ino);
	close(fd);
	must(ashmem_region_pin(region, 0, 0) == ASHMEM_NOT_PURGED);
	must_fail(ashmem_region_duplicate(region, 0), EINVAL);
	must_fail(ashmem_region_duplicate(region, 3), EINVAL);
	ashmem_region_close(region);
	return true;
}

static const struct test tests[] = {
	{ "sockets: a whole region arrives", arrives_whole, ANY },
	{ "sockets: a region of 2 GiB and more arrives", arrives_large, ANY },
	{ "sockets: a read-only region arrives", arrives_read_only, ANY },
	{ "sockets: another process has the same pages",
	  another_process_has_it, ANY },
	{ "sockets: a region arrives where /proc is not mounted",
	  needs_no_proc, ROOT },
	{ "sockets: two regions arrive in order", two_arrive_in_order, ANY },
	{ "sockets: nothing there, non-blocking, is EAGAIN", empty_is_eagain,
	  ANY },
	{ "sockets: full, non-blocking, is EAGAIN, and nothing is sent",
	  full_is_eagain, ANY },
	{ "sockets: to send to nobody is an error, and no signal",
	  send_to_nobody_fails, ANY },
	{ "sockets: signals do not disturb", interrupts_are_not_seen, ANY },
	{ "sockets: what is received is closed on exec, at once",
	  is_closed_on_exec, ANY },
	{ "sockets: credentials that were asked for do not disturb",
	  credentials_do_not_matter, ANY },
	{ "sockets: what is of another kind is an error",
	  other_sockets_are_refused, ANY },
	{ "sockets: no size, or no such access, is an error",
	  unready_is_not_sent, ANY },
	{ "stream: data before and after stay the user's", between_other_data,
	  ANY },
	{ "stream: sent and received in parts", in_parts, ANY },
	{ "stream: room for the rest of a message is waited for",
	  room_is_awaited, ANY },
	{ "stream: a time limit when a part was sent is ETIMEDOUT",
	  time_limit_of_sending, ANY },
	{ "stream: the rest of a message is waited for", rest_is_awaited,
	  ANY },
	{ "stream: half a message, non-blocking, is EAGAIN, and is left",
	  half_is_left_alone, ANY },
	{ "stream: so it is if half arrives while one looks",
	  half_that_arrives_is_left_alone, ANY },
	{ "sockets: a time limit before a message is EAGAIN",
	  time_limit_before, ANY },
	{ "stream: a time limit within a message is ETIMEDOUT",
	  time_limit_within, ANY },
	{ "stream: a time limit is of the whole message",
	  time_limit_of_all_parts, ANY },
	{ "datagram: nothing comes over a socket that is shut down",
	  shut_down, ANY },
	{ "sockets: one that listens is ENOTCONN", listening, ANY },
	{ "stream: a thread cancelled within a message leaves no descriptor",
	  cancelled_within, ANY },
	{ "stream: nor does one cancelled while it sends",
	  cancelled_while_full, ANY },
	{ "duplicate: is the caller's, of the same file, closed on exec",
	  duplicate_is_the_callers, ANY },
};

const struct test_group socket_tests = TEST_GROUP(tests);
