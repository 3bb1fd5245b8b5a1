// SPDX-License-Identifier: MIT
#include "attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/time_types.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "locks.h"
#include "loss.h"

#define MS			1000000L	/* in nanoseconds */

#define SEALS_WRITING		(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

/* How often ashmemd may say EAGAIN, and how long to wait in between. */
#define ATTACH_TRIES		100
#define ATTACH_PAUSE		(10 * MS)

/* When to look whether who purges still lives, and how often before it is given
 * up: ashmemd was stopped, or somebody has written nonsense into the pin map. */
#define WAIT_TIME		(20 * MS)
#define WAIT_TRIES		1500

/* All attachments of the process, under the connection's lock. */
static struct attachment *attachments;

static bool is_own(const struct attached *now)
{
	return now->map_fd < 0;
}

static void forget_own_holds(struct attached *now)
{
	holdmap_word *holds = atomic_exchange(&now->holds, NULL);

	if (holds)
		munmap((void *)holds, holdmap_bytes(now->map.pages));
}

/*
 * In a forked child: the locks are the parent's, and would outlive it here; so
 * are slots and holds.
 */
static void forked(void)
{
	for (struct attachment *i = attachments; i; i = i->next) {
		struct attached *now = atomic_load(&i->now);

		if (!now)
			continue;
		if (is_own(now)) {
			forget_own_holds(now);
			continue;
		}
		if (now->lock_fd >= 0)
			close(now->lock_fd);
		now->lock_fd = -1;
		now->slot_number = -1;
		now->hold_map = 0;
		now->locked = 0;
		now->inherited = i->borrowed >= 0;
		atomic_store(&now->holds, NULL);
		atomic_store(&now->generation, 0);
	}
}

void attachment_init(struct attachment *attachment, int fd, bool borrowed,
		     uint64_t pages, bool writable)
{
	attachment->pages = pages;
	attachment->writable = writable;
	attachment->borrowed = borrowed ? fd : -1;
	attachment->fd = borrowed ? -1 : fd;
	connection_lock();
	connection_on_fork(forked);
	attachment->next = attachments;
	if (attachments)
		attachments->previous = attachment;
	attachments = attachment;
	connection_unlock();
}

/* Lets go of what @now has; its memory stays, as somebody may look at it. */
static void let_go(struct attached *now)
{
	if (now->slot_number >= 0)
		connection_give_slot(now->slot_number);
	if (now->hold_map)
		connection_give_window(now->hold_map);
	if (now->lock_fd >= 0)
		close(now->lock_fd);
	if (now->map_fd >= 0)
		close(now->map_fd);
	now->slot_number = -1;
	now->hold_map = 0;
	now->lock_fd = -1;
	now->map_fd = -1;
}

static void attached_free(struct attached *now)
{
	if (now->slot == NULL)
		forget_own_holds(now);
	if (now->map.header)
		munmap(now->map.header, now->bytes);
	free(now);
}

/* Whether or not ashmemd has come to know of it. errno is kept. */
static void detach(const struct attached *now)
{
	int error = errno;
	struct wire_request request = {
		.type = WIRE_DETACH,
		.slot = now->slot_number,
		.watch = -1,
	};
	struct wire_reply reply;
	struct wire_fds none;

	if (now->slot_number < 0)
		return;
	/* If it fails, then it is detached. */
	connection_ask(&request, NULL, &reply, &none);
	errno = error;
}

void attachment_end(struct attachment *attachment)
{
	struct attached *now, *retired;

	connection_lock();
	now = atomic_load(&attachment->now);
	if (now) {
		if (attached_is_current(now))
			detach(now);
		let_go(now);
	}
	if (attachment->previous)
		attachment->previous->next = attachment->next;
	else
		attachments = attachment->next;
	if (attachment->next)
		attachment->next->previous = attachment->previous;
	connection_unlock();
	for (; now; now = retired) {
		retired = now->retired;
		attached_free(now);
	}
}

void attachment_seal(struct attachment *attachment)
{
	struct attached *now = atomic_load(&attachment->now);

	/* If it is not attached, then ashmemd finds out. */
	if (now && attachment->writable)
		pinmap_seal(&now->map);
}

static struct attached *attached_new(void)
{
	struct attached *new = calloc(1, sizeof(*new));

	if (new) {
		new->map_fd = -1;
		new->lock_fd = -1;
		new->slot_number = -1;
	}
	return new;
}

/* One that was never published. errno is kept. */
static void discard(struct attached *new)
{
	int error = errno;

	let_go(new);
	attached_free(new);
	errno = error;
}

static void publish(struct attachment *attachment, struct attached *new)
{
	new->retired = atomic_load(&attachment->now);
	atomic_store_explicit(&attachment->now, new, memory_order_release);
}

/* With it go all locks. errno is kept. */
static void close_locks(struct attached *now)
{
	int error = errno;

	if (now->lock_fd >= 0)
		close(now->lock_fd);
	now->lock_fd = -1;
	now->locked = 0;
	errno = error;
}

/* A descriptor for locks, whose description nobody else has. */
static int own_lock_fd(struct attached *now, int fd)
{
	if (now->lock_fd < 0)
		now->lock_fd = locks_open(fd, O_RDONLY);
	return now->lock_fd;
}

/*
 * The descriptor for the claim. One of the library's own would keep the region's
 * memory after the user has closed a borrowed descriptor, so there the claim is
 * on that one, and lasts as long as what it is a descriptor of.
 */
static int claim_fd(struct attachment *attachment, struct attached *now, int fd)
{
	return attachment->borrowed >= 0 ? fd : own_lock_fd(now, fd);
}

/*
 * Without ashmemd.
 */

static bool found(void *context, int64_t byte)
{
	(void)byte;
	*(bool *)context = true;
	return false;
}

/* Fails with EAGAIN if there is a pin map of the region that others have. */
static int must_be_unknown(int fd)
{
	bool known = false;

	if (locks_each(fd, LOCK_ATTACHED, LOCK_ATTACHED + LOCK_MAX_ATTACHMENT,
		       found, &known) < 0)
		return -1;
	if (!known)
		return 0;
	errno = EAGAIN;
	return -1;
}

/* Takes the part of the one who serves the region, as nobody does. */
static int stand_in(struct attachment *attachment, struct attached *now,
		    int fd)
{
	int locks = claim_fd(attachment, now, fd);

	if (locks < 0)
		return -1;
	if (locks_take(locks, LOCK_CLAIM, false) == 0)
		return 0;
	if (errno == EAGAIN)
		errno = EBUSY;
	return -1;
}

/* A pin map of the process's own: all is pinned, and what is said to have been
 * purged is. */
static int own_map_make(struct attachment *attachment, struct attached *new,
			int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	void *memory;

	new->bytes = pinmap_bytes(attachment->pages);
	memory = mmap(NULL, new->bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return -1;
	new->map = pinmap_at(memory, attachment->pages);
	pinmap_init(&new->map, sysconf(_SC_PAGESIZE));
	if (seals < 0 || seals & SEALS_WRITING)
		pinmap_seal(&new->map);
	return loss_recall(fd, &new->map);
}

/*
 * Once alone, for as long as the region is open here. Whoever went over to an
 * ashmemd would have to take its pins and holds along, and would be without a
 * claim for a moment, in which others could purge what is relied upon.
 *
 * The claim is never dropped either: a forked child, or, with a borrowed
 * descriptor, anybody who shares it, relies on the same one.
 */
static int attach_alone(struct attachment *attachment, int fd)
{
	struct attached *before = atomic_load(&attachment->now);
	struct attached *new;

	if (must_be_unknown(fd) < 0)
		return -1;
	new = attached_new();
	if (!new)
		return -1;
	/* Looks again, for who has come to know it meanwhile. */
	if (stand_in(attachment, new, fd) == 0 && must_be_unknown(fd) == 0 &&
	    own_map_make(attachment, new, fd) == 0) {
		if (before)
			let_go(before);
		publish(attachment, new);
		return 0;
	}
	discard(new);
	return -1;
}

/*
 * With ashmemd.
 */

/* Maps the pin map that came with a reply. */
static int map_reply(struct attachment *attachment, struct attached *new,
		     int map_fd)
{
	struct stat stat;
	void *memory;
	int prot = PROT_READ | (attachment->writable ? PROT_WRITE : 0);

	new->bytes = pinmap_bytes(attachment->pages);
	if (fstat(map_fd, &stat) < 0)
		return -1;
	if ((uint64_t)stat.st_size != new->bytes) {
		errno = EPROTO;
		return -1;
	}
	memory = mmap(NULL, new->bytes, prot, MAP_SHARED, map_fd, 0);
	if (memory == MAP_FAILED)
		return -1;
	new->map = pinmap_at(memory, attachment->pages);
	if (pinmap_valid(&new->map, sysconf(_SC_PAGESIZE)))
		return 0;
	errno = EPROTO;
	return -1;
}

static bool is_same_file(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Takes what a reply brought. Owns @map_fd. */
static int take_reply(struct attachment *attachment, struct attached *now,
		      int map_fd)
{
	if (now->map_fd < 0) {
		if (map_reply(attachment, now, map_fd) == 0) {
			now->map_fd = map_fd;
			return 0;
		}
	} else if (is_same_file(now->map_fd, map_fd)) {
		close(map_fd);
		return 0;
	} else {
		errno = EBUSY;
	}
	close(map_fd);
	return -1;
}

/* Asks ashmemd for the region that @now is to be of, so many times. */
static int ask(struct attachment *attachment, struct attached *now, int fd,
	       int tries)
{
	struct wire_request request = {
		.type = WIRE_ATTACH,
		.slot = now->slot_number,
		.hold_map = now->hold_map,
		.watch = attachment->borrowed,
	};
	struct wire_fds sent = { now->map_fd < 0 ? 1 : 2, { fd, now->map_fd } };
	struct timespec pause = { .tv_nsec = ATTACH_PAUSE };
	struct wire_fds received;
	struct wire_reply reply;

	while (connection_ask(&request, &sent, &reply, &received) < 0) {
		if (errno != EAGAIN || !--tries)
			return -1;
		nanosleep(&pause, NULL);
	}
	if (received.count != 1) {
		wire_close(&received);
		errno = EPROTO;
		return -1;
	}
	if (take_reply(attachment, now, received.fd[0]) < 0)
		return -1;
	now->number = reply.attachment;
	return 0;
}

/* That nobody makes the region another pin map, or brings another. */
static int lock_pins(const struct attached *now)
{
	int64_t pins = locks_byte_of_pins(now->map_fd);

	if (pins < 0 || locks_take(now->lock_fd, pins, false) < 0)
		return -1;
	return locks_take(now->lock_fd, LOCK_ATTACHED + now->number, false);
}

/* All is locked under the new number: now under no other. */
static void drop_earlier(struct attached *now)
{
	if (now->locked && now->locked != now->number) {
		locks_drop(now->lock_fd, LOCK_ATTACHED + now->locked);
		locks_drop(now->lock_fd, LOCK_HOLDER + now->locked);
	}
	now->locked = now->number;
}

/*
 * Shows on the region itself that this process knows its pin map, and has holds.
 *
 * The former not with a borrowed descriptor, as a descriptor for locks keeps the
 * region's memory: who uses one looks before and after each call whether the pin
 * map is still the region's. What is held is kept anyway.
 */
static int lock(struct attachment *attachment, struct attached *now, int fd)
{
	if (attachment->borrowed >= 0 && !now->hold_map)
		return 0;
	if (own_lock_fd(now, fd) < 0)
		return -1;
	if (attachment->borrowed < 0 && lock_pins(now) < 0)
		return -1;
	if (now->hold_map &&
	    locks_take(now->lock_fd, LOCK_HOLDER + now->number, false) < 0)
		return -1;
	drop_earlier(now);
	return 0;
}

/* Takes a slot, or that which there is anew. */
static int take_slot(struct attached *now)
{
	if (now->slot_number >= 0) {
		atomic_store(now->slot, 0);
		return 0;
	}
	now->slot_number = connection_take_slot();
	if (now->slot_number < 0)
		return -1;
	now->slot = &connection.procmap->slots[now->slot_number];
	return 0;
}

static int ask_and_lock(struct attachment *attachment, struct attached *now,
			int fd, int tries)
{
	if (ask(attachment, now, fd, tries) < 0 ||
	    lock(attachment, now, fd) < 0)
		return -1;
	if (lifesign_is_alive(connection.sign))
		return 0;
	errno = ECONNRESET;
	return -1;
}

/*
 * Attaches over the connection of this generation.
 *
 * If ashmemd was alive after the lock was taken, then every later one will see
 * the lock. If not, a later one may have seen none; so all is done again, and a
 * first lock does not stay: it would seem to have been there ever since the pin
 * map was known to be the region's.
 */
static int attach(struct attachment *attachment, struct attached *now, int fd,
		  uint32_t generation, int tries)
{
	bool again = !is_own(now), locked = now->lock_fd >= 0;

	if (take_slot(now) < 0)
		return -1;
	if (ask_and_lock(attachment, now, fd, tries) < 0) {
		if (!locked)
			close_locks(now);
		return -1;
	}
	/* What the ashmemd before knew of ages has gone with it. */
	if (again)
		atomic_store(now->slot, 1);
	atomic_store(&now->generation, generation);
	return 0;
}

/* The first pin map, or one in place of another. */
static int attach_first(struct attachment *attachment, int fd,
			uint32_t generation)
{
	struct attached *before = atomic_load(&attachment->now);
	struct attached *new = attached_new();

	if (!new)
		return -1;
	if (attach(attachment, new, fd, generation, ATTACH_TRIES) == 0) {
		if (before)
			let_go(before);
		publish(attachment, new);
		return 0;
	}
	/* The slot is for others now, though it be that only the end failed. */
	if (errno != ECONNRESET)
		detach(new);
	discard(new);
	return -1;
}

/* Returns whether there is one that has to wait for others to bring its pin
 * map. */
static bool attach_each(const struct attachment *but, uint32_t generation)
{
	bool waits = false;

	for (struct attachment *i = attachments; i; i = i->next) {
		struct attached *now = atomic_load(&i->now);

		if (i != but && now && !is_own(now) && i->fd >= 0 &&
		    atomic_load(&now->generation) != generation &&
		    connection_is_current(generation) &&
		    attach(i, now, i->fd, generation, 1) < 0)
			waits |= errno == EAGAIN;
	}
	return waits;
}

/* Those that nobody may use for a long time, but that may have holds: all of
 * them in the time that one would have. errno is kept. */
static void attach_others(const struct attachment *but, uint32_t generation)
{
	struct timespec pause = { .tv_nsec = ATTACH_PAUSE };
	int error = errno;

	for (int tries = ATTACH_TRIES;
	     attach_each(but, generation) && --tries;)
		nanosleep(&pause, NULL);
	errno = error;
}

static bool is_locked_within(int fd, int64_t byte, int64_t end, bool if_unknown)
{
	bool locked = false;

	return locks_each(fd, byte, end, found, &locked) < 0 ? if_unknown :
							       locked;
}

/* Do others show that they use this pin map, and none that they use another? */
static bool is_that_of_others(const struct attached *now)
{
	int64_t pins = locks_byte_of_pins(now->map_fd);
	int locks = now->lock_fd;

	return pins >= 0 && is_locked_within(locks, pins, pins + 1, false) &&
	       !is_locked_within(locks, LOCK_PINS, pins, true) &&
	       !is_locked_within(locks, pins + 1, LOCK_PINS_END, true);
}

/*
 * In a forked child, which has a pin map, but no lock that has kept it the
 * region's: it still is if others have had such a lock meanwhile.
 */
static int join_others(struct attachment *attachment, struct attached *now,
		       int fd)
{
	if (own_lock_fd(now, fd) < 0)
		return -1;
	/* Looks again, for who has let go of it meanwhile. */
	if (is_that_of_others(now) && lock(attachment, now, fd) == 0 &&
	    is_that_of_others(now))
		return 0;
	close_locks(now);
	return -1;
}

/* No ashmemd can be reached: on with the pin map that there is. */
static int go_on(struct attachment *attachment, int fd)
{
	struct attached *now = atomic_load(&attachment->now);

	if (now && attachment->borrowed < 0 &&
	    (now->lock_fd >= 0 || join_others(attachment, now, fd) == 0))
		return 0;
	return attach_alone(attachment, fd);
}

static int attach_or_first(struct attachment *attachment, int fd,
			   uint32_t generation)
{
	struct attached *now = atomic_load(&attachment->now);

	if (!now || now->inherited)
		return attach_first(attachment, fd, generation);
	if (attach(attachment, now, fd, generation, ATTACH_TRIES) == 0)
		return 0;
	/* The region may have got another pin map where no lock has kept it:
	 * with a borrowed descriptor, and in a forked child. */
	if ((attachment->borrowed < 0 && now->lock_fd >= 0) || errno != EBUSY)
		return -1;
	return attach_first(attachment, fd, generation);
}

static int renew(struct attachment *attachment, int fd)
{
	for (int tries = 0; tries < CONNECTION_TRIES; tries++) {
		struct attached *now = atomic_load(&attachment->now);
		uint32_t generation, before;
		int result;

		if (now && (is_own(now) || attached_is_current(now)))
			return 0;
		before = atomic_load(connection.generation);
		generation = connection_make();
		if (!generation)
			break;
		result = attach_or_first(attachment, fd, generation);
		if (generation != before)
			attach_others(attachment, generation);
		if (result == 0 || errno != ECONNRESET)
			return result;
	}
	return go_on(attachment, fd);
}

uint32_t attachment_connect(void)
{
	uint32_t before = atomic_load(connection.generation);
	uint32_t generation = connection_make();

	if (generation && generation != before)
		attach_others(NULL, generation);
	return generation;
}

struct attached *attachment_renew(struct attachment *attachment, int fd)
{
	struct attached *now = NULL;

	connection_lock();
	if (renew(attachment, fd) == 0)
		now = atomic_load(&attachment->now);
	connection_unlock();
	return now;
}

/* In the process's own memory, beside a pin map of its own. */
static holdmap_word *holds_alone(const struct attached *now)
{
	void *memory = mmap(NULL, holdmap_bytes(now->map.pages),
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Fails with EBUSY if somebody serves the region, of whom this process knows no
 * more than that. */
static int must_be_unclaimed(const struct attached *now)
{
	bool claimed = false;

	if (locks_each(now->lock_fd, LOCK_CLAIM, LOCK_CLAIM + 1, found,
		       &claimed) < 0)
		return -1;
	if (!claimed)
		return 0;
	errno = EBUSY;
	return -1;
}

/*
 * Has ashmemd look into the hold map of @now, or sees to it that nobody purges.
 *
 * Where no ashmemd can be reached, one that comes later sees the lock, and
 * waits for this process. But one that serves the region already, and has
 * dropped this process or never known it, looks neither at the lock nor into
 * the hold map.
 */
static int show_holds(struct attachment *attachment, struct attached *now,
		      int fd)
{
	if (lock(attachment, now, fd) < 0)
		return -1;
	if (attached_is_current(now)) {
		if (ask(attachment, now, fd, ATTACH_TRIES) == 0)
			return lock(attachment, now, fd);
		if (errno != ECONNRESET)
			return -1;
	}
	if (renew(attachment, fd) < 0)
		return -1;
	/* To attach again has told of it. */
	if (atomic_load(&attachment->now) != now || attached_is_current(now))
		return 0;
	return must_be_unclaimed(now);
}

/* In the process map. NULL with errno 0 if another pin map is to be used. */
static holdmap_word *holds_shown(struct attachment *attachment,
				 struct attached *now, int fd)
{
	if (!now->hold_map) {
		now->hold_map = connection_take_window(
			holdmap_bytes(now->map.pages));
		if (!now->hold_map)
			return NULL;
	}
	if (show_holds(attachment, now, fd) < 0)
		return NULL;
	errno = 0;
	if (atomic_load(&attachment->now) != now)
		return NULL;
	return (holdmap_word *)((char *)connection.procmap + now->hold_map);
}

holdmap_word *attachment_make_holds(struct attachment *attachment,
				    struct attached **now, int fd)
{
	int before = errno;
	holdmap_word *holds;

	connection_lock();
	do {
		*now = atomic_load(&attachment->now);
		holds = atomic_load(&(*now)->holds);
		if (holds)
			break;
		holds = is_own(*now) ? holds_alone(*now) :
				       holds_shown(attachment, *now, fd);
		atomic_store(&(*now)->holds, holds);
	} while (!holds && !errno);
	connection_unlock();
	if (holds)
		errno = before;
	return holds;
}

/*
 * Ending a dead purger's purges.
 */

static void punch_cell(size_t cell, uint32_t mask, int fd)
{
	off_t page = sysconf(_SC_PAGESIZE);

	for (unsigned int i = 0; i < PINMAP_CELL_PAGES; i++)
		if (mask >> i & 1)
			fallocate(fd,
				  FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				  ((off_t)cell * PINMAP_CELL_PAGES + i) * page,
				  page);
}

static void wake(_Atomic uint32_t *purging)
{
	syscall(SYS_futex, purging, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* With the region claimed: nobody else purges, or ends what we end. */
static void end_purges(const struct pinmap *map, int fd)
{
	for (size_t i = 0; i < map->cell_count; i++) {
		uint32_t committed;
		uint32_t left = pinmap_left_behind(map, i, &committed);

		if (!left)
			continue;
		punch_cell(i, committed, fd);
		pinmap_finish(map, i, left);
		wake(pinmap_futex(map, i));
	}
}

/* Returns false if this process may not. */
static bool recover(const struct attached *now, int fd)
{
	int claim = locks_open(fd, O_RDWR);

	if (claim < 0)
		return false;
	if (locks_take(claim, LOCK_CLAIM, true) == 0)
		end_purges(&now->map, claim);
	close(claim);
	return true;
}

bool attachment_wait(void *context, _Atomic uint32_t *purging, uint32_t seen)
{
	struct attachment_wait *wait = context;
	/* Not timespec(3): SYS_futex has no other time than this, whatever
	 * time_t a 32-bit program is built with. */
	struct __kernel_old_timespec time = { .tv_nsec = WAIT_TIME };

	syscall(SYS_futex, purging, FUTEX_WAIT, seen, &time, NULL, 0);
	if (atomic_load(purging) != seen)
		return true;
	if (++wait->tries == WAIT_TRIES) {
		errno = EAGAIN;
		return false;
	}
	if (attached_is_current(wait->now))
		return true;
	/* A new ashmemd has ended it by the time that it answers. */
	if (!attachment_renew(wait->attachment, wait->fd))
		return false;
	if (attached_is_current(wait->now))
		return true;
	if (wait->attachment->writable && recover(wait->now, wait->fd))
		return true;
	errno = EAGAIN;
	return false;
}
