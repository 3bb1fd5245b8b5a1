// SPDX-License-Identifier: MIT
/* What whoever was handed a region read-only can do with it, and what not. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../lib/locks.h"
#include "peer.h"
#include "test.h"

/* Enough for two threads to meet in each order. */
#define ROUNDS		500

/**
 * struct handed - a region, and what was made of it at the other end
 * @at: the region's bytes
 */
struct handed {
	struct ashmem_region *region;
	struct ashmem_region *received;
	char *at;
};

static bool hand_over(struct handed *handed, enum ashmem_access access)
{
	struct pair pair;

	must(handed->region = region_make(&handed->at));
	must(access == ASHMEM_ACCESS_WHOLE ||
	     region_ready_to_read(handed->region));
	must(pair_open(&pair, SOCK_SEQPACKET));
	must(ashmem_region_send(handed->region, pair.from, access) == 0);
	must(ashmem_region_receive(&handed->received, pair.to) == 0);
	pair_close(&pair);
	return true;
}

static void end(struct handed *handed)
{
	ashmem_region_close(handed->region);
	ashmem_region_close(handed->received);
}

/* An error number, or 0. */
static int error_of_map(struct ashmem_region *region, int prot, int flags)
{
	void *at = ashmem_region_map(region, 0, prot, flags, 0);

	return at == MAP_FAILED ? errno : 0;
}

static bool maps_for_reading_only(void)
{
	const int error = on_device() ? EPERM : EACCES;
	struct handed handed;
	char *seen;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(seen = region_map(handed.received, PROT_READ));
	must(is_filled(seen, 0, PAGES, 'a'));
	must(error_of_map(handed.received, PROT_READ | PROT_WRITE,
			  MAP_SHARED) == error);
	must_fail(mprotect(seen, REGION_BYTES, PROT_READ | PROT_WRITE),
		  EACCES);
	end(&handed);
	return true;
}

static bool has_no_other_way_to_write(void)
{
	struct handed handed;
	int fd;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must((fd = ashmem_region_descriptor(handed.received)) >= 0);
	must_fail((int)write(fd, "b", 1), EBADF);
	must_fail((int)pwrite(fd, "b", 1, 0), EBADF);
	must_fail(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			    PAGE), EBADF);
	must_fail(ftruncate(fd, 0), EINVAL);
	must(is_filled(handed.at, 0, PAGES, 'a'));
	end(&handed);
	return true;
}

static bool holds_and_is_told(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(ashmem_region_unpin(handed.region, 0, 0) == 0);
	must(ashmem_region_hold(handed.received, 0, PAGE) ==
	     ASHMEM_NOT_PURGED);
	must(ashmem_purge_all(handed.region) == PAGES - 1);
	must(is_filled(handed.at, 0, 1, 'a') &&
	     is_filled(handed.at, 1, PAGES, 0));
	must(ashmem_region_release(handed.received, 0, PAGE) == 0);
	must(ashmem_region_hold(handed.received, 0, 0) == ASHMEM_WAS_PURGED);
	must_fail(ashmem_region_renew(handed.received, 0, 0), EPERM);
	end(&handed);
	return true;
}

static bool unpins_nothing(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(ashmem_region_unpin(handed.received, 0, 0) == 0);
	must(ashmem_region_pin_status(handed.region, 0, 0) ==
	     ASHMEM_IS_PINNED);
	must(ashmem_purge_all(handed.region) == 0);
	end(&handed);
	return true;
}

/* On the device, who did not open the region is refused. */
static bool unpin_elsewhere(void *context)
{
	struct handed *handed = context;

	must_fail(ashmem_region_unpin(handed->received, 0, 0), EPERM);
	return true;
}

static bool may_not_unpin(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(in_child(SAME_USER, unpin_elsewhere, &handed));
	must(ashmem_region_pin_status(handed.region, 0, 0) ==
	     ASHMEM_IS_PINNED);
	end(&handed);
	return true;
}

static int reopen(struct ashmem_region *region, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d",
		 ashmem_region_descriptor(region));
	return open(path, flags | O_CLOEXEC);
}

static bool tries_to_write(void *context)
{
	struct handed *handed = context;
	int fd = ashmem_region_descriptor(handed->received);

	must_fail(reopen(handed->received, O_RDWR), EACCES);
	must_fail(reopen(handed->received, O_WRONLY), EACCES);
	must_fail(reopen(handed->received, O_RDONLY | O_TRUNC), EACCES);
	must_fail(fchmod(fd, 0777), EPERM);
	must(reopen(handed->received, O_RDONLY) >= 0);
	must(region_map(handed->received, PROT_READ));
	return true;
}

static bool other_user_cannot_open_it_anew(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(in_child(OTHER_USER, tries_to_write, &handed));
	end(&handed);
	return true;
}

/* In the group of the region's file, and nothing else. */
static bool in_its_group(void *context)
{
	must(setuid(OTHER_USER) == 0);
	return tries_to_write(context);
}

static bool group_cannot_open_it_anew(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(in_child(SAME_USER, in_its_group, &handed));
	end(&handed);
	return true;
}

static bool write_whole(void *context)
{
	struct handed *handed = context;
	char *at;

	must(at = region_map(handed->received, PROT_READ | PROT_WRITE));
	memset(at, 'b', PAGE);
	must(ashmem_region_get_protection(handed->received) & PROT_WRITE);
	return true;
}

/* Although the region was handed to somebody else read-only. */
static bool other_user_has_it_whole(void)
{
	struct handed handed;
	int fd;

	must(hand_over(&handed, ASHMEM_ACCESS_WHOLE));
	must((fd = ashmem_region_duplicate(handed.region,
					   ASHMEM_ACCESS_READ_ONLY)) >= 0);
	close(fd);
	must(in_child(OTHER_USER, write_whole, &handed));
	must(is_filled(handed.at, 0, 1, 'b'));
	end(&handed);
	return true;
}

static bool duplicate_read_only(void *context)
{
	struct handed *handed = context;
	int fd = ashmem_region_duplicate(handed->received,
					 ASHMEM_ACCESS_READ_ONLY);

	must(fd >= 0);
	must((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	return true;
}

static bool may_not_duplicate_read_only(void *context)
{
	struct handed *handed = context;

	must_fail(ashmem_region_duplicate(handed->received,
					  ASHMEM_ACCESS_READ_ONLY), EPERM);
	return true;
}

static bool other_user_hands_it_on(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(in_child(OTHER_USER, duplicate_read_only, &handed));
	end(&handed);
	must(hand_over(&handed, ASHMEM_ACCESS_WHOLE));
	must(in_child(OTHER_USER, may_not_duplicate_read_only, &handed));
	end(&handed);
	return true;
}

static bool may_not_restrict(void *context)
{
	struct handed *handed = context;

	must_fail(ashmem_region_set_protection(handed->received, PROT_READ),
		  EPERM);
	return true;
}

static bool other_user_cannot_restrict_it(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(in_child(OTHER_USER, may_not_restrict, &handed));
	must(region_map(handed.region, PROT_READ | PROT_WRITE));
	end(&handed);
	return true;
}

static bool is_not_whole(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must_fail(ashmem_region_duplicate(handed.received,
					  ASHMEM_ACCESS_WHOLE), EPERM);
	end(&handed);
	return true;
}

static bool mask_is_as_before(void)
{
	struct handed handed;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must(ashmem_region_get_protection(handed.region) ==
	     (PROT_READ | PROT_WRITE | PROT_EXEC));
	must(region_map(handed.region, PROT_READ | PROT_WRITE));
	must(ashmem_region_set_protection(handed.region, PROT_READ |
					  PROT_WRITE) == 0);
	must(in_child(OTHER_USER, tries_to_write, &handed));
	must(region_map(handed.region, PROT_READ | PROT_WRITE));
	must(ashmem_region_set_protection(handed.region, PROT_READ) == 0);
	must(!region_map(handed.region, PROT_READ | PROT_WRITE));
	end(&handed);
	return true;
}

/* That pages were purged is noted in the mode as well; see lib/loss.h. */
static bool keeps_the_loss(bool (*change)(struct ashmem_region *region))
{
	struct ashmem_region *region, *later;
	int fd;

	must(region = region_make(NULL));
	must(ashmem_region_unpin(region, 0, 0) == 0);
	must(ashmem_purge_all(region) == PAGES);
	must(change(region));
	must((fd = dup(ashmem_region_descriptor(region))) >= 0);
	/* With the last who is attached, its pin map ends. */
	ashmem_region_close(region);
	must(ashmem_region_import(&later, fd) == 0);
	must(ashmem_region_pin(later, 0, 0) == ASHMEM_WAS_PURGED);
	ashmem_region_close(later);
	close(fd);
	return true;
}

static bool by_duplicate(struct ashmem_region *region)
{
	int fd = ashmem_region_duplicate(region, ASHMEM_ACCESS_READ_ONLY);

	return fd >= 0 && close(fd) == 0;
}

static bool by_protection(struct ashmem_region *region)
{
	return ashmem_region_set_protection(region, PROT_READ | PROT_WRITE) ==
	       0;
}

static bool loss_is_kept(void)
{
	return keeps_the_loss(by_duplicate);
}

static bool loss_is_kept_by_protection(void)
{
	return keeps_the_loss(by_protection);
}

static mode_t mode_of(struct ashmem_region *region)
{
	struct stat stat;

	return fstat(ashmem_region_descriptor(region), &stat) < 0 ?
	       07777 : stat.st_mode & 07777;
}

/* Two who changed it at once could take the note of a purge away. */
static bool mode_is_unlocked(void)
{
	struct ashmem_region *region;
	int fd;

	must(region = region_make(NULL));
	must((fd = ashmem_region_descriptor(region)) >= 0);
	must(by_duplicate(region) && by_protection(region));
	must(!(mode_of(region) & S_ISVTX));
	must(locks_take(fd, LOCK_MODE, true) == 0);
	ashmem_region_close(region);
	return true;
}

/* By another process with the same open file, for instance. A purge may just be
 * about to be noted, so one is. */
static bool is_changed_in_spite_of(bool exclusive,
				   bool (*change)(struct ashmem_region *))
{
	struct handed handed;
	int fd;

	must(hand_over(&handed, ASHMEM_ACCESS_WHOLE));
	must((fd = ashmem_region_descriptor(handed.received)) >= 0);
	must(locks_take(fd, LOCK_MODE, exclusive) == 0);
	must(change(handed.region));
	must(mode_of(handed.region) & S_ISVTX);
	end(&handed);
	return true;
}

static bool handed_out_in_spite_of_a_lock(void)
{
	must(is_changed_in_spite_of(true, by_duplicate));
	must(is_changed_in_spite_of(false, by_duplicate));
	return true;
}

static bool restricted_in_spite_of_a_lock(void)
{
	must(is_changed_in_spite_of(true, by_protection));
	must(is_changed_in_spite_of(false, by_protection));
	return true;
}

static bool purged_in_spite_of_a_reader(void)
{
	struct handed handed;
	int fd;

	must(hand_over(&handed, ASHMEM_ACCESS_READ_ONLY));
	must((fd = ashmem_region_descriptor(handed.received)) >= 0);
	must(locks_take(fd, LOCK_MODE, false) == 0);
	must(ashmem_region_unpin(handed.region, 0, 0) == 0);
	must(ashmem_purge_all(handed.region) == PAGES);
	must(ashmem_region_pin(handed.region, 0, 0) == ASHMEM_WAS_PURGED);
	end(&handed);
	return true;
}

/**
 * struct race - two threads that change the mode of each region at once
 * @started: how many have, of both and of all rounds
 * @failed:  to take execution away
 */
static struct race {
	struct ashmem_region *regions[ROUNDS];
	_Atomic unsigned int started;
	bool failed;
} race;

static void start_together(unsigned int round)
{
	atomic_fetch_add(&race.started, 1);
	while (atomic_load(&race.started) < 2 * (round + 1))
		;
}

static void *protect_each(void *context)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		start_together(i);
		race.failed |= !by_protection(race.regions[i]);
	}
	return context;
}

static bool hand_out_each(void)
{
	bool handed = true;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		start_together(i);
		handed &= by_duplicate(race.regions[i]);
	}
	return handed;
}

static bool has_lost_both(struct ashmem_region *region)
{
	must(!(mode_of(region) & (S_IWGRP | S_IWOTH)));
	must(ashmem_region_get_protection(region) == (PROT_READ | PROT_WRITE));
	return true;
}

/* One takes execution away, the other the others' writing: neither brings back
 * what the other has taken. */
static bool two_threads_change_it(void)
{
	pthread_t thread;
	bool handed;

	for (int i = 0; i < ROUNDS; i++) {
		must(ashmem_region_create(&race.regions[i], REGION_NAME,
					  PAGE) == 0);
		must(ashmem_region_descriptor(race.regions[i]) >= 0);
	}
	must(pthread_create(&thread, NULL, protect_each, NULL) == 0);
	handed = hand_out_each();
	must(pthread_join(thread, NULL) == 0);
	must(handed && !race.failed);
	for (int i = 0; i < ROUNDS; i++) {
		must(has_lost_both(race.regions[i]));
		ashmem_region_close(race.regions[i]);
	}
	return true;
}

static bool device_needs_the_mask(void)
{
	struct ashmem_region *region, *received;
	struct pair pair;

	must(region = region_make(NULL));
	must(pair_open(&pair, SOCK_SEQPACKET) && set_non_blocking(pair.to));
	must_fail(ashmem_region_duplicate(region, ASHMEM_ACCESS_READ_ONLY),
		  ENOTSUP);
	must_fail(ashmem_region_send(region, pair.from,
				     ASHMEM_ACCESS_READ_ONLY), ENOTSUP);
	must_fail(ashmem_region_receive(&received, pair.to), EAGAIN);
	pair_close(&pair);
	ashmem_region_close(region);
	return true;
}

static const struct test tests[] = {
	{ "read-only: can be mapped for reading, and not for writing",
	  maps_for_reading_only, ANY },
	{ "read-only: there is no other way to write",
	  has_no_other_way_to_write, PORTABLE },
	{ "read-only: can hold, and is told of a purge", holds_and_is_told,
	  PORTABLE },
	{ "read-only: cannot unpin for others", unpins_nothing, PORTABLE },
	{ "read-only: another process may not unpin", may_not_unpin, DEVICE },
	{ "read-only: another user cannot open it anew for writing",
	  other_user_cannot_open_it_anew, PORTABLE | ROOT },
	{ "read-only: nor can the group of its owner",
	  group_cannot_open_it_anew, PORTABLE | ROOT },
	{ "read-only: another user who has it whole can write it",
	  other_user_has_it_whole, PORTABLE | ROOT },
	{ "read-only: another user can hand it on, once it is",
	  other_user_hands_it_on, PORTABLE | ROOT },
	{ "read-only: another user cannot take its protections away",
	  other_user_cannot_restrict_it, PORTABLE | ROOT },
	{ "read-only: cannot be handed on whole", is_not_whole, PORTABLE },
	{ "read-only: for all others the mask is as before",
	  mask_is_as_before, PORTABLE | ROOT },
	{ "read-only: to hand it out keeps the note of a purge",
	  loss_is_kept, PORTABLE },
	{ "read-only: so does to take a protection away",
	  loss_is_kept_by_protection, PORTABLE },
	{ "read-only: neither keeps the mode locked, or notes a purge",
	  mode_is_unlocked, PORTABLE },
	{ "read-only: it is handed out though somebody locks the mode",
	  handed_out_in_spite_of_a_lock, PORTABLE },
	{ "read-only: protections go though somebody locks the mode",
	  restricted_in_spite_of_a_lock, PORTABLE },
	{ "read-only: a reader that locks the mode stops no purge",
	  purged_in_spite_of_a_reader, PORTABLE },
	{ "read-only: handed out and restricted at once, both hold",
	  two_threads_change_it, PORTABLE },
	{ "read-only: on the device, only once write is taken away",
	  device_needs_the_mask, DEVICE },
};

const struct test_group read_only_tests = TEST_GROUP(tests);
