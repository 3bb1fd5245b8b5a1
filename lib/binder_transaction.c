// SPDX-License-Identifier: MIT
/* What the driver says, and what is done about it. */
#include <errno.h>

#include "binder.h"

/* What belongs to any command. */
union argument {
	struct binder_transaction_data transaction;
	struct binder_ptr_cookie node;
	binder_uintptr_t cookie;
};

/* Services live until the binder is closed, so how often they are referred to is
 * of no interest. But the driver wants to be told that it was heard. */
static void acknowledge(struct binder_driver *driver, uint32_t command,
			const struct binder_ptr_cookie *node)
{
	struct {
		uint32_t command;
		struct binder_ptr_cookie node;
	} __attribute__((packed)) done = { command, *node };

	binder_driver_exchange(driver, &done, sizeof(done), NULL);
}

static void act(struct ashmem_binder *binder, struct binder_driver *driver,
		uint32_t command, const union argument *argument,
		struct binder_outcome *outcome)
{
	switch (command) {
	case BR_TRANSACTION:
		if (outcome->waits) {
			binder_refuse_request(binder, &argument->transaction);
			break;
		}
		binder_serve_request(binder, &argument->transaction);
		outcome->served++;
		break;
	case BR_REPLY:
		outcome->ended = true;
		outcome->reply = argument->transaction;
		break;
	case BR_DEAD_REPLY:
	case BR_FAILED_REPLY:
	case BR_FROZEN_REPLY:
	case BR_ERROR:
		outcome->ended = true;
		outcome->error = binder_driver_failure(driver, command);
		break;
	case BR_INCREFS:
		acknowledge(driver, BC_INCREFS_DONE, &argument->node);
		break;
	case BR_ACQUIRE:
		acknowledge(driver, BC_ACQUIRE_DONE, &argument->node);
		break;
	case BR_DEAD_BINDER:
		binder_manage_death(binder, argument->cookie);
		break;
	}
}

void binder_take(struct ashmem_binder *binder, struct binder_driver *driver,
		 struct binder_returns *returns,
		 struct binder_outcome *outcome)
{
	union argument argument;
	uint32_t command;

	while (binder_returns_next(returns, &command, &argument,
				   sizeof(argument)))
		act(binder, driver, command, &argument, outcome);
}

static int say_transaction(struct binder_driver *driver, uint32_t command,
			   const struct binder_transaction_data *transaction,
			   struct binder_returns *returns)
{
	struct {
		uint32_t command;
		struct binder_transaction_data transaction;
	} __attribute__((packed)) send = { command, *transaction };

	return binder_driver_exchange(driver, &send, sizeof(send), returns);
}

static int send_transaction(struct ashmem_binder *binder,
			    struct binder_driver *driver, uint32_t command,
			    const struct binder_transaction_data *transaction,
			    struct binder_outcome *outcome)
{
	struct binder_returns returns;

	if (say_transaction(driver, command, transaction, &returns) < 0)
		return -1;
	binder_take(binder, driver, &returns, outcome);
	return 0;
}

/*
 * Returns 0 once the transaction has ended, or -1 if it was given up.
 *
 * What comes after poll(2) has looked for the last time, and before the thread
 * has given up, the driver drops without its being freed. To read once more in
 * between only makes that time longer.
 */
static int await(struct ashmem_binder *binder, struct binder_driver *driver,
		 int64_t deadline, struct binder_outcome *outcome)
{
	struct binder_returns returns;

	while (!outcome->ended) {
		int ready = binder_driver_wait(driver, deadline);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			errno = ETIMEDOUT;
		if (ready <= 0 ||
		    binder_driver_exchange(driver, NULL, 0, &returns) < 0)
			return -1;
		binder_take(binder, driver, &returns, outcome);
	}
	return 0;
}

int binder_transact(struct ashmem_binder *binder, struct binder_driver *driver,
		    struct binder_transaction_data *request, int timeout,
		    struct binder_transaction_data *reply)
{
	int64_t deadline = binder_driver_deadline(timeout);
	struct binder_outcome outcome = { .waits = true };
	int error;

	binder_thread_is_known();
	if (send_transaction(binder, driver, BC_TRANSACTION, request,
			     &outcome) < 0)
		return -1;
	if (await(binder, driver, deadline, &outcome) < 0) {
		error = errno;
		binder_driver_abandon(driver);
		errno = error;
		return -1;
	}
	if (outcome.error) {
		errno = outcome.error;
		return -1;
	}
	*reply = outcome.reply;
	return 0;
}

/* The driver says at once that it has taken it, also where nobody is there any
 * more to get it. */
void binder_reply(struct ashmem_binder *binder,
		  struct binder_transaction_data *reply)
{
	struct binder_outcome outcome = { 0 };

	send_transaction(binder, &binder->incoming, BC_REPLY, reply, &outcome);
}

/* Nothing is read, as that may be what the thread waits for. */
void binder_reply_within(struct ashmem_binder *binder,
			 const struct binder_transaction_data *reply)
{
	say_transaction(&binder->incoming, BC_REPLY, reply, NULL);
}
