// SPDX-License-Identifier: MIT
/*
 * Shared memory with a name: POSIX shm_open(), then mmap(MAP_SHARED).
 *
 * As a mapped file, but in a file system that lives in memory: on Linux the
 * name "/board" is the file /dev/shm/board. Nothing is written to a disk. The
 * name, and the memory behind it, stay until somebody calls shm_unlink(), also
 * when every process that used it has ended: a crash leaves it behind.
 *
 * The writer puts a message and a counter into the memory; the reader, a
 * separate process, finds them there and answers in the same place. Whose turn
 * it is they tell each other over a socket pair, a byte a turn.
 */
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
	fprintf(stderr, "shm_open: %s: %s\n", what, strerror(errno));
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

static int be_writer(int turn, const char *name)
{
	struct board *board;
	int err = -1;
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return failed(name);
	if (ftruncate(fd, sizeof(*board))) {
		failed("ftruncate");
		goto remove;
	}
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	if (board == MAP_FAILED) {
		failed("mmap");
		goto remove;
	}
	put("writer", board, "ping");
	if (!give_turn(turn) && !take_turn(turn)) {
		find("writer", board);
		err = 0;
	}
	munmap(board, sizeof(*board));
remove:
	shm_unlink(name);
	close(fd);
	return err;
}

/* Shares nothing with the writer but the name; it need not be its child. */
static int be_reader(int turn, const char *name)
{
	struct board *board;
	int fd;

	if (take_turn(turn))
		return -1;
	fd = shm_open(name, O_RDWR, 0);
	if (fd < 0)
		return failed(name);
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
static int run(const char *name)
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
		_exit(be_reader(turn[1], name) ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	err = reader < 0 ? failed("fork") : 0;
	close(turn[1]);
	if (!err)
		err = be_writer(turn[0], name);
	close(turn[0]);
	if (reader > 0 && waitpid(reader, &status, 0) != reader)
		return failed("waitpid");
	if (WIFSIGNALED(status))
		fprintf(stderr, "shm_open: the reader was killed by signal %d\n",
			WTERMSIG(status));
	return err || status ? -1 : 0;
}

int main(void)
{
	char name[32];

	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Unrelated programs agree on a name; this keeps two runs apart. */
	snprintf(name, sizeof(name), "/board-%d", getpid());
	return run(name) ? EXIT_FAILURE : EXIT_SUCCESS;
}
