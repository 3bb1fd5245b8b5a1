// SPDX-License-Identifier: MIT
/*
 * Shared memory by descriptor: memfd_create(), sent over a Unix socket.
 *
 * The descriptor is the memory. Nobody can find it by a name (the one given
 * here only labels it in /proc/PID/maps); who is sent the descriptor has it,
 * related or not, and it is gone with the last descriptor and mapping, also
 * after a crash. Seals take away for good what the others must not do. Pages
 * that nobody needs now stay in memory all the same, unless a process gives
 * them up itself, there and then.
 *
 * The writer puts a message and a counter into the memory; the reader, a
 * separate process, finds them there and answers in the same place. Whose turn
 * it is they tell each other over a socket pair, a byte a turn; the first of
 * these bytes carries the descriptor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the two processes share. */
struct board {
	unsigned int counter;
	char message[32];
};

static int failed(const char *what)
{
	fprintf(stderr, "memfd: %s: %s\n", what, strerror(errno));
	return -1;
}

static void put(const char *who, struct board *board, const char *message)
{
	snprintf(board->message, sizeof(board->message), "%s", message);
	board->counter++;
	printf("%s %d put \"%s\", counter %u\n",
	       who, getpid(), board->message, board->counter);
}

static void find(const char *who, const struct board *board)
{
	printf("%s %d found \"%s\", counter %u\n",
	       who, getpid(), board->message, board->counter);
}

static int give_turn(int turn)
{
	return send(turn, "", 1, MSG_NOSIGNAL) == 1 ? 0 : failed("send");
}

static int take_turn(int turn)
{
	char byte;
	ssize_t got = recv(turn, &byte, 1, 0);

	if (got == 0)
		return -1; /* the other process has ended, and said why */
	return got == 1 ? 0 : failed("recv");
}

/* Gives the descriptor, and the turn with it. */
static int give_descriptor(int turn, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec byte = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(turn, &message, MSG_NOSIGNAL) == 1 ?
	       0 : failed("sendmsg");
}

/* Takes the descriptor, and the turn with it. */
static int take_descriptor(int turn)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec room = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &room,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(turn, &message, MSG_CMSG_CLOEXEC);
	int fd;

	if (got == 0)
		return -1; /* the writer has ended, and said why */
	if (got != 1)
		return failed("recvmsg");
	if (control.header.cmsg_len != CMSG_LEN(sizeof(fd))) {
		errno = message.msg_flags & MSG_CTRUNC ? EMFILE : EPROTO;
		return failed("recvmsg");
	}
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static int be_writer(int turn)
{
	struct board *board;
	int err = -1;
	int fd = memfd_create("board", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return failed("memfd_create");
	if (ftruncate(fd, sizeof(*board))) {
		failed("ftruncate");
		goto close;
	}
	/* Now the one cannot cut off the end that the other is using. */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)) {
		failed("F_ADD_SEALS");
		goto close;
	}
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	if (board == MAP_FAILED) {
		failed("mmap");
		goto close;
	}
	put("writer", board, "ping");
	if (!give_descriptor(turn, fd) && !take_turn(turn)) {
		find("writer", board);
		err = 0;
	}
	munmap(board, sizeof(*board));
close:
	close(fd);
	return err;
}

/* Shares nothing with the writer but the socket; it need not be its child. */
static int be_reader(int turn)
{
	struct board *board;
	int fd = take_descriptor(turn);

	if (fd < 0)
		return -1;
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	close(fd); /* the mapping keeps the memory */
	if (board == MAP_FAILED)
		return failed("mmap");
	find("reader", board);
	put("reader", board, "pong");
	munmap(board, sizeof(*board));
	return give_turn(turn);
}

/* Runs both, the reader as a child, and waits for its end. */
static int run(void)
{
	int turn[2];
	int status = 0;
	int err;
	pid_t reader;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, turn))
		return failed("socketpair");
	reader = fork();
	if (reader == 0) {
		close(turn[0]);
		_exit(be_reader(turn[1]) ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	err = reader < 0 ? failed("fork") : 0;
	close(turn[1]);
	if (!err)
		err = be_writer(turn[0]);
	close(turn[0]);
	if (reader > 0 && waitpid(reader, &status, 0) != reader)
		return failed("waitpid");
	if (WIFSIGNALED(status))
		fprintf(stderr, "memfd: the reader was killed by signal %d\n",
			WTERMSIG(status));
	return err || status ? -1 : 0;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	return run() ? EXIT_FAILURE : EXIT_SUCCESS;
}
