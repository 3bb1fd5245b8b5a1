/* SPDX-License-Identifier: MIT */
/*
 * A process at the binder driver, and what its transactions go through.
 *
 * It opens the driver twice: requests of others come in over one opening, its own
 * calls go out over the other. The driver keeps for each thread a stack of the
 * transactions in which it takes part, and can tell only the one on top that its
 * server has died. With both on one stack, a server that dies, or gives up, in
 * the midst of a call of its own would leave whoever called it waiting.
 */
#ifndef ASHMEM_LIB_BINDER_H
#define ASHMEM_LIB_BINDER_H

#include <ashmem_binder.h>
#include <pthread.h>
#include <stdbool.h>

#include "binder_driver.h"
#include "binder_names.h"
#include "binder_parcel.h"

/* What the manager is asked for. The bytes are a name, without a NUL. */
enum binder_manager_code {
	BINDER_PUBLISH	= 0x4d485301,	/* along with a service */
	BINDER_FIND	= 0x4d485302,	/* answered by one */
};

/* The manager's handle, for everybody; and its own number for that. */
#define BINDER_MANAGER		0

/**
 * struct published - a service of this process
 * @number: by which the driver names it; no other in this binder has had it
 */
struct published {
	uint64_t number;
	ashmem_binder_handler *handler;
	void *context;
	struct published *next;
};

/**
 * struct ashmem_binder - see ashmem_binder.h
 * @incoming:  see above; services are published over it as well
 * @outgoing:  see above; never asked for anything
 * @manager:   it is the manager
 * @lock:      of those below, see binder_lock(); held while the driver is told,
 *             never while it is waited for or a handler runs
 * @cancellable: whether who has the lock was, before
 * @published: all services
 * @numbers:   the last that was given to one
 * @names:     that it keeps as the manager
 * @next:      that the process has opened
 */
struct ashmem_binder {
	struct binder_driver incoming;
	struct binder_driver outgoing;
	_Atomic bool manager;
	pthread_mutex_t lock;
	int cancellable;
	struct published *published;
	uint64_t numbers;
	struct binder_names names;
	struct ashmem_binder *next;
};

/**
 * struct binder_outcome - what has come of the driver's being asked
 * @waits:  for a reply: no request is served
 * @ended:  the transaction has, by @error, or, if that is 0, by @reply
 * @served: requests
 */
struct binder_outcome {
	bool waits;
	bool ended;
	int error;
	struct binder_transaction_data reply;
	unsigned int served;
};

/* No thread is cancelled that has the lock. */
void binder_lock(struct ashmem_binder *binder);
void binder_unlock(struct ashmem_binder *binder);

/* This thread speaks to the driver, which is told when the thread ends. */
void binder_thread_is_known(void);

/* Acts on all that the driver has said. */
void binder_take(struct ashmem_binder *binder, struct binder_driver *driver,
		 struct binder_returns *returns,
		 struct binder_outcome *outcome);

/**
 * binder_transact - sends a request, and waits for the reply
 * @request: the reply may have descriptors in it if that says TF_ACCEPT_FDS
 * @reply: its buffer is to be given to binder_driver_free()
 *
 * Returns 0, or -1 with errno as ashmem_binder_call() for what the driver does.
 */
int binder_transact(struct ashmem_binder *binder, struct binder_driver *driver,
		    struct binder_transaction_data *request, int timeout,
		    struct binder_transaction_data *reply);

/* Sends a reply to the request that this thread serves. */
void binder_reply(struct ashmem_binder *binder,
		  struct binder_transaction_data *reply);

/* Likewise, while the thread waits for a reply of its own. */
void binder_reply_within(struct ashmem_binder *binder,
			 const struct binder_transaction_data *reply);

/* Serves a request, whatever it is. */
void binder_serve_request(struct ashmem_binder *binder,
			  const struct binder_transaction_data *received);

/* Refuses a request that comes while the thread waits for a reply. The driver
 * gives it only what comes from whom it waits for: a manager that is none of this
 * library. */
void binder_refuse_request(struct ashmem_binder *binder,
			   const struct binder_transaction_data *received);

/* In a child: its parent's handler, if it was forked in one, is none here. */
void binder_serving_forked(void);

/* Answers a request to the manager. Returns 0, or an errno to refuse it with. */
int binder_manage(struct ashmem_binder *binder,
		  const struct binder_transaction_data *received,
		  const struct binder_content *content);

/* The manager's own service is put among the names, as binder_names_add(). */
int binder_manage_own(struct ashmem_binder *binder, const char *name,
		      uint64_t number);

/* The driver says that what has this number among the names is dead. */
void binder_manage_death(struct ashmem_binder *binder, uint64_t number);

/**
 * binder_ask_manager - asks the manager about a name
 * @object: what goes along, or NULL
 * @reply:  as binder_transact() has it; there is no descriptor in it
 */
int binder_ask_manager(struct ashmem_binder *binder,
		       struct binder_driver *driver,
		       enum binder_manager_code code, const char *name,
		       const union binder_object *object, int timeout,
		       struct binder_transaction_data *reply);

/**
 * binder_message_read - takes a message out of what was received
 * @message: its bytes stay the driver's; its region is to be closed
 *
 * Closes all descriptors that came. Returns 0, or -1 with errno: EBADMSG if it
 * is none; EINVAL if something else stands for the region; EMFILE; ENOMEM.
 */
int binder_message_read(const struct binder_transaction_data *received,
			struct ashmem_binder_message *message);

/**
 * binder_message_make - makes what is sent of a message
 * @parcel: as binder_parcel_make()
 * @fd:     is given the descriptor in it, to be closed when it is sent, or -1
 */
int binder_message_make(const struct ashmem_binder_message *message,
			struct binder_parcel *parcel, int *fd);

#endif /* ASHMEM_LIB_BINDER_H */
