// SPDX-License-Identifier: MIT
/*
 * Shared memory by inheritance: mmap(MAP_SHARED | MAP_ANONYMOUS), then fork().
 *
 * The shortest of the six. The memory has no name and no descriptor: a child
 * has it because its parent had it, nobody else can ever join, and a process
 * that calls execve() has lost it. In return there is nothing to clean up: it
 * is given back when the last process has unmapped it, or ended.
 *
 * The writer puts a message and a counter into the memory; the reader, a
 * separate process, finds them there and answers in the same place. Whose turn
 * it is they tell each other over a socket pair, a byte a turn.
 */
#include <errno.h>
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
	fprintf(stderr, "anonymous: %s: %s\n", what, strerror(errno));
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

static int be_writer(int turn, struct board *board)
{
	put("writer", board, "ping");
	if (give_turn(turn) || take_turn(turn))
		return -1;
	find("writer", board);
	return 0;
}

static int be_reader(int turn, struct board *board)
{
	if (take_turn(turn))
		return -1;
	find("reader", board);
	put("reader", board, "pong");
	return give_turn(turn);
}

/* Runs both, the reader as a child, and waits for its end. */
static int run(struct board *board)
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
		_exit(be_reader(turn[1], board) ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	err = reader < 0 ? failed("fork") : 0;
	close(turn[1]);
	if (!err)
		err = be_writer(turn[0], board);
	close(turn[0]);
	if (reader > 0 && waitpid(reader, &status, 0) != reader)
		return failed("waitpid");
	if (WIFSIGNALED(status))
		fprintf(stderr, "anonymous: the reader was killed by signal %d\n",
			WTERMSIG(status));
	return err || status ? -1 : 0;
}

int main(void)
{
	struct board *board;
	int err;

	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Before fork(): there is no other moment to share it. */
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		failed("mmap");
		return EXIT_FAILURE;
	}
	err = run(board);
	munmap(board, sizeof(*board));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
