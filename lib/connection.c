// SPDX-License-Identifier: MIT
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "memfd.h"
#include "place.h"
#include "start.h"

/* How long after a failure ashmemd is not looked for again, in seconds. */
#define FIRST_PAUSE		1
#define LONGEST_PAUSE		64

/* How long a reply may take, in seconds. ashmemd answers within about one, also
 * while it purges; this is for one that was stopped. */
#define REPLY_SECONDS		30

#define WINDOWS_BEGIN		sizeof(struct procmap)

/**
 * struct window - room in the process map that is taken
 * @offset: there
 * @bytes:  a multiple of PROCMAP_ALIGN
 */
struct window {
	uint64_t offset;
	uint64_t bytes;
};

/**
 * struct state - what only the lock's holder looks at
 * @socket:       to ashmemd, or -1
 * @socket_stat:  of it: who closes all descriptors of the process may give its
 *                number to something else
 * @procmap_fd:   the process map, or -1
 * @generations:  the last generation that was given
 * @paused_until: by the clock's seconds; no ashmemd is looked for before
 * @pause:        how long the next pause will be
 * @error:        why there is none
 * @slots:        a bit for each slot that is taken
 * @windows:      those taken, by offset
 */
static struct {
	int socket;
	struct stat socket_stat;
	int procmap_fd;
	uint32_t generations;
	time_t paused_until;
	time_t pause;
	int error;
	uint64_t slots[PROCMAP_SLOTS / 64];
	struct window *windows;
	size_t window_count;
	void (*forked)(void);
} state = { .socket = -1, .procmap_fd = -1 };

struct connection connection;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Who the lock's holder was before, as to cancellation. */
static int cancellable;

/* The generation that no child inherits. */
static _Atomic uint32_t no_generation;

static void fork_prepare(void)
{
	pthread_mutex_lock(&lock);
}

static void fork_in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

/*
 * The child has its parent's socket, over which ashmemd would go on seeing the
 * parent after its end, and its parent's process map, which is not its to write.
 */
static void fork_in_child(void)
{
	if (state.socket >= 0)
		close(state.socket);
	if (state.procmap_fd >= 0)
		close(state.procmap_fd);
	state.socket = -1;
	state.procmap_fd = -1;
	state.paused_until = 0;
	state.pause = 0;
	memset(state.slots, 0, sizeof(state.slots));
	state.window_count = 0;
	if (state.forked)
		state.forked();
	pthread_mutex_unlock(&lock);
}

static void set_up(void)
{
	void *page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	pthread_atfork(fork_prepare, fork_in_parent, fork_in_child);
	if (page == MAP_FAILED || madvise(page, sysconf(_SC_PAGESIZE),
					  MADV_WIPEONFORK) < 0)
		page = &no_generation;
	connection.generation = page;
}

void connection_lock(void)
{
	int before;

	pthread_once(&once, set_up);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_mutex_lock(&lock);
	cancellable = before;
}

void connection_unlock(void)
{
	int before = cancellable;

	pthread_mutex_unlock(&lock);
	pthread_setcancelstate(before, &before);
}

void connection_on_fork(void (*forked)(void))
{
	state.forked = forked;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

static bool socket_is_ours(void)
{
	struct stat stat;

	return state.socket >= 0 && fstat(state.socket, &stat) == 0 &&
	       stat.st_dev == state.socket_stat.st_dev &&
	       stat.st_ino == state.socket_stat.st_ino;
}

static void hang_up(void)
{
	if (socket_is_ours())
		close(state.socket);
	state.socket = -1;
}

/* Starts ashmemd. Fails with EADDRINUSE where one listens by now. */
static int start_at(const struct place *place)
{
	int listener = place_listen(place);
	int log, result;

	if (listener < 0)
		return -1;
	log = place_log(place);
	result = log < 0 ? -1 : start_ashmemd(listener, log);
	if (result < 0)
		unlink(place->socket);
	if (log >= 0)
		close(log);
	close(listener);
	return result;
}

/* Returns a socket connected to the machine's ashmemd, or to this user's, which
 * is started if it does not run. */
static int reach(void)
{
	struct place place;
	int fd;

	place_machine(&place);
	fd = place_connect(&place);
	if (fd >= 0 || place_user(&place) < 0)
		return fd;
	fd = place_connect(&place);
	if (fd >= 0)
		return fd;
	if (start_at(&place) < 0 && errno != EADDRINUSE)
		return -1;
	fd = place_connect(&place);
	/* It has ended already, and somebody else is about to start the next. */
	if (fd < 0 && errno == ENOENT)
		errno = ECONNREFUSED;
	return fd;
}

/* Maps over what was there, so that pointers into it stay good. */
static void *map_at(void *before, size_t bytes, int prot, int fd)
{
	void *at = mmap(before, bytes, prot,
			MAP_SHARED | MAP_NORESERVE | (before ? MAP_FIXED : 0),
			fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

static int procmap_make(void)
{
	struct procmap *procmap;
	int fd;

	if (state.procmap_fd >= 0)
		return 0;
	fd = memfd_make("ashmem-process");
	if (fd < 0)
		return -1;
	if (ftruncate(fd, PROCMAP_BYTES) == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
		procmap = map_at(connection.procmap, PROCMAP_BYTES,
				 PROT_READ | PROT_WRITE, fd);
		if (procmap) {
			connection.procmap = procmap;
			state.procmap_fd = fd;
			return 0;
		}
	}
	close(fd);
	return -1;
}

static bool lifesign_map(int fd)
{
	struct lifesign *sign = map_at(connection.sign, sizeof(*sign),
				       PROT_READ, fd);

	if (sign)
		connection.sign = sign;
	return sign;
}

/* Says hello over a new socket. */
static int greet(void)
{
	struct wire_request hello = {
		.type = WIRE_HELLO,
		.version = WIRE_VERSION,
		.watch = -1,
	};
	struct wire_fds sent = { 1, { state.procmap_fd } }, received;
	struct wire_reply reply;
	bool mapped;

	if (connection_ask(&hello, &sent, &reply, &received) < 0)
		return -1;
	/* By now ashmemd has seen the end of the connection before, and said so
	 * here. If it drops this one too before it is said to be good, then to
	 * attach fails. */
	atomic_store(&connection.procmap->dropped, 0);
	mapped = received.count == 1 && lifesign_map(received.fd[0]);
	wire_close(&received);
	if (mapped)
		return 0;
	errno = EPROTO;
	return -1;
}

static int call(void)
{
	struct timeval patience = { .tv_sec = REPLY_SECONDS };

	atomic_store(connection.generation, 0);
	hang_up();
	if (procmap_make() < 0)
		return -1;
	state.socket = reach();
	if (state.socket < 0)
		return -1;
	if (fstat(state.socket, &state.socket_stat) < 0 ||
	    setsockopt(state.socket, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) < 0 ||
	    setsockopt(state.socket, SOL_SOCKET, SO_SNDTIMEO, &patience,
		       sizeof(patience)) < 0 || greet() < 0) {
		hang_up();
		return -1;
	}
	return 0;
}

/* One that is about to exit, being idle, hangs up; so does one that is killed. */
static int call_repeatedly(void)
{
	for (int tries = 0; tries < CONNECTION_TRIES; tries++) {
		if (call() == 0)
			return 0;
		if (errno != ECONNRESET && errno != ECONNREFUSED)
			break;
	}
	return -1;
}

static uint32_t no_connection(void)
{
	state.error = errno;
	state.pause = state.pause ? state.pause * 2 : FIRST_PAUSE;
	if (state.pause > LONGEST_PAUSE)
		state.pause = LONGEST_PAUSE;
	state.paused_until = seconds() + state.pause;
	return 0;
}

uint32_t connection_make(void)
{
	uint32_t generation = atomic_load(connection.generation);

	if (connection_is_current(generation) && socket_is_ours())
		return generation;
	if (seconds() < state.paused_until) {
		errno = state.error;
		return 0;
	}
	if (connection.generation == &no_generation) {
		errno = ENOMEM;
		return no_connection();
	}
	if (call_repeatedly() < 0)
		return no_connection();
	state.pause = 0;
	generation = ++state.generations;
	atomic_store(connection.generation, generation);
	return generation;
}

int connection_ask(const struct wire_request *request,
		   const struct wire_fds *sent, struct wire_reply *reply,
		   struct wire_fds *received)
{
	received->count = 0;
	if (!socket_is_ours() ||
	    wire_send(state.socket, request, sizeof(*request), sent) < 0 ||
	    wire_receive(state.socket, reply, sizeof(*reply), received) != 1 ||
	    reply->type != request->type) {
		wire_close(received);
		/* Before ashmemd knows: it will drop all that was attached. */
		atomic_store(connection.generation, 0);
		hang_up();
		errno = ECONNRESET;
		return -1;
	}
	if (!reply->error)
		return 0;
	wire_close(received);
	errno = reply->error;
	return -1;
}

int64_t connection_take_slot(void)
{
	for (size_t i = 0; i < PROCMAP_SLOTS / 64; i++) {
		int bit;

		if (state.slots[i] == UINT64_MAX)
			continue;
		bit = __builtin_ctzll(~state.slots[i]);
		state.slots[i] |= UINT64_C(1) << bit;
		atomic_store(&connection.procmap->slots[i * 64 + bit], 0);
		return i * 64 + bit;
	}
	errno = EMFILE;
	return -1;
}

void connection_give_slot(uint32_t slot)
{
	state.slots[slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

uint64_t connection_take_window(size_t bytes)
{
	uint64_t offset = WINDOWS_BEGIN;
	struct window *windows;
	size_t i;

	bytes = (bytes + PROCMAP_ALIGN - 1) / PROCMAP_ALIGN * PROCMAP_ALIGN;
	for (i = 0; i < state.window_count; i++) {
		if (state.windows[i].offset - offset >= bytes)
			break;
		offset = state.windows[i].offset + state.windows[i].bytes;
	}
	if (offset > PROCMAP_BYTES || PROCMAP_BYTES - offset < bytes) {
		errno = ENOMEM;
		return 0;
	}
	windows = reallocarray(state.windows, state.window_count + 1,
			       sizeof(*windows));
	if (!windows)
		return 0;
	memmove(&windows[i + 1], &windows[i],
		(state.window_count - i) * sizeof(*windows));
	windows[i] = (struct window){ offset, bytes };
	state.windows = windows;
	state.window_count++;
	return offset;
}

/* Leaves zeros, and of large ones no memory. */
static void window_clear(const struct window *window)
{
	char *at = (char *)connection.procmap + window->offset;

	if (window->bytes < (uint64_t)sysconf(_SC_PAGESIZE) * 2 ||
	    fallocate(state.procmap_fd,
		      FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      window->offset, window->bytes) < 0)
		memset(at, 0, window->bytes);
}

void connection_give_window(uint64_t offset)
{
	for (size_t i = 0; i < state.window_count; i++) {
		if (state.windows[i].offset != offset)
			continue;
		window_clear(&state.windows[i]);
		memmove(&state.windows[i], &state.windows[i + 1],
			(--state.window_count - i) * sizeof(*state.windows));
		return;
	}
}
