// SPDX-License-Identifier: MIT
/*
 * Shared memory with a number: System V shmget(), then shmat().
 *
 * The oldest of the six. A segment is found by a key, an integer that the
 * processes agree on, in a space of its own beside the file systems. There is
 * no descriptor: it cannot be sent, polled or sealed. The size is fixed when
 * it is made, and it stays until somebody calls shmctl(IPC_RMID), also when
 * every process that used it has ended: a crash leaves it behind (see ipcs,
 * ipcrm).
 *
 * The writer puts a message and a counter into the memory; the reader, a
 * separate process, finds them there and answers in the same place. Whose turn
 * it is they tell each other over a socket pair, a byte a turn.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
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
	fprintf(stderr, "sysv: %s: %s\n", what, strerror(errno));
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

static int be_writer(int turn, key_t key)
{
	struct board *board;
	int err = -1;
	int id = shmget(key, sizeof(*board), IPC_CREAT | IPC_EXCL | 0600);

	if (id < 0)
		return failed("shmget");
	board = shmat(id, NULL, 0);
	if (board == (void *)-1) {
		failed("shmat");
		goto remove;
	}
	put("writer", board, "ping");
	if (!give_turn(turn) && !take_turn(turn)) {
		find("writer", board);
		err = 0;
	}
	shmdt(board);
remove:
	shmctl(id, IPC_RMID, NULL);
	return err;
}

/* Shares nothing with the writer but the key; it need not be its child. */
static int be_reader(int turn, key_t key)
{
	struct board *board;
	int id;

	if (take_turn(turn))
		return -1;
	id = shmget(key, sizeof(*board), 0);
	if (id < 0)
		return failed("shmget");
	board = shmat(id, NULL, 0);
	if (board == (void *)-1)
		return failed("shmat");
	find("reader", board);
	put("reader", board, "pong");
	shmdt(board);
	return give_turn(turn);
}

/* Runs both, the reader as a child, and waits for its end. */
static int run(key_t key)
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
		_exit(be_reader(turn[1], key) ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	err = reader < 0 ? failed("fork") : 0;
	close(turn[1]);
	if (!err)
		err = be_writer(turn[0], key);
	close(turn[0]);
	if (reader > 0 && waitpid(reader, &status, 0) != reader)
		return failed("waitpid");
	if (WIFSIGNALED(status))
		fprintf(stderr, "sysv: the reader was killed by signal %d\n",
			WTERMSIG(status));
	return err || status ? -1 : 0;
}

int main(void)
{
	/* Unrelated programs agree on a key; this keeps two runs apart. */
	key_t key = 'b' << 24 | getpid();

	setvbuf(stdout, NULL, _IOLBF, 0);
	return run(key) ? EXIT_FAILURE : EXIT_SUCCESS;
}
