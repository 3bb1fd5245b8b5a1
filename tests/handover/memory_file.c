// SPDX-License-Identifier: MIT
/* Memory files. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "test.h"

/* No multiple of the page. */
#define LENGTH		(PAGES * PAGE - 100)

static struct ashmem_memory_file *file_make(void)
{
	struct ashmem_memory_file *file;
	char bytes[LENGTH];

	memset(bytes, 'a', LENGTH);
	if (ashmem_memory_file_open(&file, REGION_NAME, LENGTH) == 0 &&
	    ashmem_memory_file_write(file, bytes, LENGTH, 0) == 0)
		return file;
	tap_note("no memory file: %s", strerror(errno));
	return NULL;
}

/* Is this the content from @offset on? */
static bool reads(struct ashmem_memory_file *file, const char *wanted,
		  uint64_t offset)
{
	char seen[64] = "";

	must(ashmem_memory_file_read(file, seen, strlen(wanted), offset) == 0);
	must(!strcmp(seen, wanted));
	return true;
}

static bool reads_only(struct ashmem_memory_file *file, char value)
{
	char seen[LENGTH];

	must(ashmem_memory_file_read(file, seen, LENGTH, 0) == 0);
	for (size_t i = 0; i < LENGTH; i++)
		must(seen[i] == value);
	return true;
}

static struct ashmem_region *region_of(struct ashmem_memory_file *file)
{
	return ashmem_memory_file_region(file);
}

static bool new_one(void)
{
	struct ashmem_memory_file *file;
	char name[ASHMEM_NAME_LEN];

	must(ashmem_memory_file_open(&file, REGION_NAME, LENGTH) == 0);
	must(ashmem_memory_file_length(file) == LENGTH);
	must(!ashmem_memory_file_is_purging_allowed(file));
	must(reads_only(file, 0));
	must(ashmem_region_get_name(region_of(file), name, sizeof(name)) == 0);
	must(!strcmp(name, REGION_NAME));
	must(ashmem_memory_file_descriptor(file) ==
	     ashmem_region_descriptor(region_of(file)));
	ashmem_memory_file_close(file);
	ashmem_memory_file_close(NULL);
	return true;
}

static bool at_offsets(void)
{
	struct ashmem_memory_file *file;

	must(file = file_make());
	must(ashmem_memory_file_write(file, "first", 5, 0) == 0);
	must(ashmem_memory_file_write(file, "page", 4, PAGE - 2) == 0);
	must(ashmem_memory_file_write(file, "last", 4, LENGTH - 4) == 0);
	must(reads(file, "firsta", 0));
	must(reads(file, "apagea", PAGE - 3));
	must(reads(file, "alast", LENGTH - 5));
	ashmem_memory_file_close(file);
	return true;
}

struct run {
	size_t count;
	uint64_t offset;
};

static bool out_of_bounds(void)
{
	const struct run outside[] = {
		{ 1, LENGTH }, { 0, LENGTH + 1 }, { 2, LENGTH - 1 },
		{ LENGTH + 1, 0 }, { 1, UINT64_MAX }, { SIZE_MAX, 1 },
		{ SIZE_MAX, 0 }, { SIZE_MAX, UINT64_MAX }, { 0, UINT64_MAX },
	};
	char bytes[LENGTH + 1];
	struct ashmem_memory_file *file;

	must(file = file_make());
	memset(bytes, 'b', sizeof(bytes));
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		must_fail(ashmem_memory_file_write(file, bytes,
						   outside[i].count,
						   outside[i].offset), ERANGE);
		must_fail(ashmem_memory_file_read(file, bytes,
						  outside[i].count,
						  outside[i].offset), ERANGE);
	}
	must(bytes[0] == 'b' && !memcmp(bytes, bytes + 1, LENGTH));
	must(reads_only(file, 'a'));
	ashmem_memory_file_close(file);
	return true;
}

static bool nothing_at_the_end(void)
{
	struct ashmem_memory_file *file;

	must(file = file_make());
	must(ashmem_memory_file_read(file, NULL, 0, LENGTH) == 0);
	must(ashmem_memory_file_write(file, NULL, 0, LENGTH) == 0);
	ashmem_memory_file_close(file);
	return true;
}

static bool bad_ones(void)
{
	struct ashmem_memory_file *file = NULL;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	must_fail(ashmem_memory_file_open(&file, REGION_NAME, 0), EINVAL);
	must_fail(ashmem_memory_file_open(&file, REGION_NAME, UINT64_MAX),
		  EINVAL);
	must_fail(ashmem_memory_file_import(&file, null), EINVAL);
	must_fail(ashmem_memory_file_import(&file, -1), EBADF);
	must(!file);
	close(null);
	return true;
}

static bool former_value(void)
{
	struct ashmem_memory_file *file;

	must(file = file_make());
	must(ashmem_memory_file_allow_purging(file, false) == 0);
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must(ashmem_memory_file_is_purging_allowed(file));
	must(ashmem_memory_file_allow_purging(file, true) == 1);
	must(ashmem_memory_file_allow_purging(file, false) == 1);
	must(!ashmem_memory_file_is_purging_allowed(file));
	ashmem_memory_file_close(file);
	return true;
}

static bool stays_without(void)
{
	struct ashmem_memory_file *file;

	must(file = file_make());
	must(ashmem_purge_all(region_of(file)) == 0);
	must(reads_only(file, 'a'));
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must(ashmem_memory_file_allow_purging(file, false) == 1);
	must(ashmem_purge_all(region_of(file)) == 0);
	must(reads_only(file, 'a'));
	ashmem_memory_file_close(file);
	return true;
}

static bool unpinned_between(void)
{
	struct ashmem_memory_file *file;
	char byte;

	must(file = file_make());
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_PINNED);
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	must(ashmem_memory_file_read(file, &byte, 1, 0) == 0);
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	must(ashmem_memory_file_write(file, &byte, 1, 0) == 0);
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	must_fail(ashmem_memory_file_read(file, &byte, 1, LENGTH), ERANGE);
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	must(ashmem_memory_file_allow_purging(file, false) == 1);
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_PINNED);
	ashmem_memory_file_close(file);
	return true;
}

static struct ashmem_memory_file *file_purged(void)
{
	struct ashmem_memory_file *file = file_make();

	if (file && ashmem_memory_file_allow_purging(file, true) == 0 &&
	    ashmem_purge_all(region_of(file)) == PAGES)
		return file;
	return NULL;
}

static bool told_by_read(void)
{
	struct ashmem_memory_file *file;
	char byte = 'b';

	must(file = file_purged());
	must_fail(ashmem_memory_file_read(file, &byte, 1, 0), ENODATA);
	must(byte == 'b');
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	must(reads_only(file, 0));
	/* And can be purged again. */
	must(ashmem_purge_all(region_of(file)) == PAGES);
	must_fail(ashmem_memory_file_read(file, &byte, 1, 0), ENODATA);
	ashmem_memory_file_close(file);
	return true;
}

static bool told_by_write(void)
{
	struct ashmem_memory_file *file;

	must(file = file_purged());
	must_fail(ashmem_memory_file_write(file, "b", 1, 0), ENODATA);
	must(reads_only(file, 0));
	must(ashmem_memory_file_write(file, "b", 1, 0) == 0);
	must(reads(file, "b", 0));
	ashmem_memory_file_close(file);
	return true;
}

static bool told_of_a_part(void)
{
	struct ashmem_memory_file *file;

	must(file = file_make());
	must(ashmem_region_unpin(region_of(file), PAGE, PAGE) == 0);
	must(ashmem_purge_all(region_of(file)) == 1);
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must_fail(ashmem_memory_file_write(file, "b", 1, 0), ENODATA);
	must(reads(file, "a", 0));
	must(ashmem_memory_file_write(file, "b", 1, PAGE + 1) == 0);
	ashmem_memory_file_close(file);
	return true;
}

static bool told_after_all(void)
{
	struct ashmem_memory_file *file;

	must(file = file_purged());
	must(ashmem_memory_file_allow_purging(file, false) == 1);
	must_fail(ashmem_memory_file_write(file, "b", 1, 0), ENODATA);
	must(reads_only(file, 0));
	ashmem_memory_file_close(file);
	return true;
}

static bool told_after_both(void)
{
	struct ashmem_memory_file *file;

	must(file = file_purged());
	must(ashmem_memory_file_allow_purging(file, false) == 1);
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must_fail(ashmem_memory_file_write(file, "b", 1, 0), ENODATA);
	must(reads_only(file, 0));
	ashmem_memory_file_close(file);
	return true;
}

static bool out_of_bounds_tells_nothing(void)
{
	struct ashmem_memory_file *file;
	char byte;

	must(file = file_purged());
	must_fail(ashmem_memory_file_read(file, &byte, 1, LENGTH), ERANGE);
	must_fail(ashmem_memory_file_read(file, &byte, 1, 0), ENODATA);
	ashmem_memory_file_close(file);
	return true;
}

/*
 * One thread is stopped while it copies, by memory that it may not write. In the
 * handler the memory is readied, once what is to be seen has been seen.
 */
static struct stopped {
	struct ashmem_memory_file *file;
	char *buffer;
	int status_before;
	int result_of_other;
	int status_after;
	int64_t purged;
} stopped;

static void *read_beside(void *context)
{
	char byte;

	(void)context;
	stopped.result_of_other = ashmem_memory_file_read(stopped.file, &byte,
							  1, 0);
	return NULL;
}

static void on_fault(int number)
{
	struct ashmem_region *region = region_of(stopped.file);
	pthread_t other;

	(void)number;
	stopped.status_before = ashmem_region_pin_status(region, 0, 0);
	if (pthread_create(&other, NULL, read_beside, NULL) ||
	    pthread_join(other, NULL))
		_exit(3);
	stopped.status_after = ashmem_region_pin_status(region, 0, 0);
	stopped.purged = ashmem_purge_all(region);
	mprotect(stopped.buffer, PAGE, PROT_READ | PROT_WRITE);
}

static bool copy_stopped(void (*on_stop)(int number))
{
	struct sigaction fault = { .sa_handler = on_stop };

	must(sigaction(SIGSEGV, &fault, NULL) == 0);
	must(stopped.file = file_make());
	stopped.buffer = mmap(NULL, PAGE, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(stopped.buffer != MAP_FAILED);
	must(ashmem_memory_file_allow_purging(stopped.file, true) == 0);
	must(ashmem_memory_file_read(stopped.file, stopped.buffer, PAGE, 0) ==
	     0);
	return true;
}

static bool pinned_while_copying(void)
{
	stopped.result_of_other = -2;
	must(copy_stopped(on_fault));
	must(stopped.result_of_other == 0);
	must(stopped.status_before == ASHMEM_IS_PINNED);
	must(stopped.status_after == ASHMEM_IS_PINNED);
	must(stopped.purged == 0);
	must(is_filled(stopped.buffer, 0, 1, 'a'));
	must(ashmem_region_pin_status(region_of(stopped.file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	ashmem_memory_file_close(stopped.file);
	return true;
}

/* The thread that was copying is not there in the child. */
static bool use_in_child(void *context)
{
	struct ashmem_memory_file *file = context;

	must(reads(file, "a", 0));
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	return true;
}

static bool used_in_child;

static void on_fault_fork(int number)
{
	(void)number;
	used_in_child = in_child(SAME_USER, use_in_child, stopped.file);
	mprotect(stopped.buffer, PAGE, PROT_READ | PROT_WRITE);
}

static bool forked_while_copying(void)
{
	must(copy_stopped(on_fault_fork));
	must(used_in_child);
	ashmem_memory_file_close(stopped.file);
	return true;
}

#define THREADS		4
#define PURGES		50
#define FORKS		100

/**
 * struct copying - by many threads
 * @threads: that have begun; each has a page of its own
 * @told:    how many reads and writes have told of a purge
 * @wrong:   something was read that nobody has written
 * @over:    they are to end
 */
static struct copying {
	struct ashmem_memory_file *file;
	_Atomic size_t threads;
	_Atomic unsigned int told;
	_Atomic bool wrong;
	_Atomic bool over;
} copying;

/* What was written may be zero again, if another thread was told. */
static void copy_once(size_t number, char value)
{
	char byte = value;

	if (ashmem_memory_file_write(copying.file, &byte, 1,
				     number * PAGE) == 0 &&
	    ashmem_memory_file_read(copying.file, &byte, 1,
				    number * PAGE) == 0)
		copying.wrong |= byte != value && byte != 0;
	else if (errno == ENODATA)
		copying.told++;
	else
		copying.wrong = true;
}

static void *copy(void *context)
{
	size_t number = copying.threads++;

	for (int i = 0; !copying.over; i++)
		copy_once(number, 1 + i % 100);
	return context;
}

/* Purges, and waits until that is told. */
static void purge_between(unsigned int times)
{
	while (!copying.wrong && ashmem_purge_all(region_of(copying.file)) == 0)
		sched_yield();
	while (!copying.wrong && copying.told < times)
		sched_yield();
}

static bool many_threads(void)
{
	pthread_t threads[THREADS];

	must(copying.file = file_make());
	must(ashmem_memory_file_allow_purging(copying.file, true) == 0);
	for (size_t i = 0; i < THREADS; i++)
		must(!pthread_create(&threads[i], NULL, copy, NULL));
	for (unsigned int i = 1; i <= PURGES; i++)
		purge_between(i);
	copying.over = true;
	for (size_t i = 0; i < THREADS; i++)
		must(!pthread_join(threads[i], NULL));
	must(!copying.wrong);
	must(copying.told == PURGES);
	must(ashmem_region_pin_status(region_of(copying.file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	ashmem_memory_file_close(copying.file);
	return true;
}

static bool copy_in_child(void *context)
{
	char byte;

	(void)context;
	return ashmem_memory_file_read(copying.file, &byte, 1, 0) == 0;
}

/* They may have been anywhere in a read or a write. */
static bool forked_among_threads(void)
{
	pthread_t threads[THREADS];

	must(copying.file = file_make());
	for (size_t i = 0; i < THREADS; i++)
		must(!pthread_create(&threads[i], NULL, copy, NULL));
	for (int i = 0; i < FORKS; i++)
		must(in_child(SAME_USER, copy_in_child, NULL));
	copying.over = true;
	for (size_t i = 0; i < THREADS; i++)
		must(!pthread_join(threads[i], NULL));
	must(!copying.wrong);
	ashmem_memory_file_close(copying.file);
	return true;
}

static bool use_received(void *context)
{
	const struct pair *pair = context;
	struct ashmem_region *region;
	struct ashmem_memory_file *file;

	must(ashmem_region_receive(&region, pair->to) == 0);
	must(ashmem_memory_file_import(&file,
				       ashmem_region_descriptor(region)) ==
	     0);
	ashmem_region_close(region);
	must(ashmem_memory_file_length(file) == LENGTH);
	must(reads_only(file, 'a'));
	must(ashmem_memory_file_write(file, "there", 5, 0) == 0);
	ashmem_memory_file_close(file);
	return true;
}

static bool handed_over(void)
{
	struct ashmem_memory_file *file;
	struct pair pair;

	must(file = file_make());
	must(pair_open(&pair, SOCK_STREAM));
	must(ashmem_region_send(region_of(file), pair.from,
				ASHMEM_ACCESS_WHOLE) == 0);
	must(in_child(SAME_USER, use_received, &pair));
	must(reads(file, "therea", 0));
	pair_close(&pair);
	ashmem_memory_file_close(file);
	return true;
}

static bool told_there(void)
{
	struct ashmem_memory_file *file, *other;

	must(file = file_make());
	must(ashmem_memory_file_import(&other,
				       ashmem_memory_file_descriptor(file)) ==
	     0);
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must(ashmem_memory_file_allow_purging(other, true) == 0);
	must(ashmem_purge_all(region_of(file)) == PAGES);
	must_fail(ashmem_memory_file_write(other, "b", 1, 0), ENODATA);
	must(reads_only(file, 0));
	ashmem_memory_file_close(file);
	ashmem_memory_file_close(other);
	return true;
}

/* It would consume what is to be told to another. */
static bool pins_nothing_unasked(void)
{
	struct ashmem_memory_file *file, *other;
	char byte;

	must(file = file_purged());
	must(ashmem_memory_file_import(&other,
				       ashmem_memory_file_descriptor(file)) ==
	     0);
	must(ashmem_memory_file_allow_purging(other, false) == 0);
	must(reads_only(other, 0));
	must(ashmem_memory_file_write(other, "b", 1, 0) == 0);
	must(ashmem_region_pin_status(region_of(file), 0, 0) ==
	     ASHMEM_IS_UNPINNED);
	must_fail(ashmem_memory_file_read(file, &byte, 1, 0), ENODATA);
	ashmem_memory_file_close(file);
	ashmem_memory_file_close(other);
	return true;
}

static bool import_read_only(struct ashmem_memory_file *file,
			     struct ashmem_memory_file **other)
{
	int fd;

	must(region_ready_to_read(region_of(file)));
	must((fd = ashmem_region_duplicate(region_of(file),
					   ASHMEM_ACCESS_READ_ONLY)) >= 0);
	must(ashmem_memory_file_import(other, fd) == 0);
	close(fd);
	return true;
}

static bool read_only(void)
{
	struct ashmem_memory_file *file, *other;

	must(file = file_make());
	must(import_read_only(file, &other));
	must(reads_only(other, 'a'));
	must_fail(ashmem_memory_file_write(other, "b", 1, 0), EACCES);
	must_fail(ashmem_memory_file_write(other, "b", 1, LENGTH), EACCES);
	must(reads_only(file, 'a'));
	ashmem_memory_file_close(file);
	ashmem_memory_file_close(other);
	return true;
}

static bool read_only_is_told(void)
{
	struct ashmem_memory_file *file, *other;
	char byte;

	must(file = file_make());
	must(import_read_only(file, &other));
	must(ashmem_memory_file_allow_purging(other, true) == 0);
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must(reads_only(other, 'a'));
	must(ashmem_purge_all(region_of(file)) == PAGES);
	must_fail(ashmem_memory_file_read(other, &byte, 1, 0), ENODATA);
	must_fail(ashmem_memory_file_read(other, &byte, 1, 0), ENODATA);
	must_fail(ashmem_memory_file_read(file, &byte, 1, 0), ENODATA);
	must(reads_only(other, 0));
	ashmem_memory_file_close(file);
	ashmem_memory_file_close(other);
	return true;
}

/**
 * struct family - a forked process, and its child, which outlives it
 * @file:  what the child reads
 * @ready: the child is there
 * @go:    the child may read
 * @seen:  what it has seen: errno of the first read, and of the second
 */
struct family {
	struct ashmem_memory_file *file;
	int ready[2];
	int go[2];
	int seen[2];
};

__attribute__((noreturn))
static void be_the_child(const struct family *family)
{
	int errors[2] = { 0 };
	char byte;

	if (write(family->ready[1], "", 1) != 1 ||
	    read(family->go[0], &byte, 1) != 1)
		_exit(2);
	for (int i = 0; i < 2; i++)
		if (ashmem_memory_file_read(family->file, &byte, 1, 0) < 0)
			errors[i] = errno;
	_exit(write(family->seen[1], errors, sizeof(errors)) !=
	      sizeof(errors));
}

__attribute__((noreturn))
static void be_the_parent(const struct family *family)
{
	if (ashmem_memory_file_allow_purging(family->file, true) != 0 ||
	    ashmem_memory_file_allow_purging(family->file, false) != 1)
		_exit(2);
	if (fork_limited() == 0)
		be_the_child(family);
	for (;;)
		pause();
}

static bool family_open(struct family *family)
{
	must(pipe2(family->ready, O_CLOEXEC) == 0);
	must(pipe2(family->go, O_CLOEXEC) == 0);
	must(pipe2(family->seen, O_CLOEXEC) == 0);
	return true;
}

static void family_close(struct family *family)
{
	for (int i = 0; i < 2; i++) {
		close(family->ready[i]);
		close(family->go[i]);
		close(family->seen[i]);
	}
}

/* The parent had it pinned by holds, which have ended with it. */
static bool child_is_told(void)
{
	struct ashmem_memory_file *file;
	struct family family;
	int errors[2];
	pid_t pid;
	char byte;

	must(file = file_make());
	must(import_read_only(file, &family.file) && family_open(&family));
	must((pid = fork_limited()) >= 0);
	if (!pid)
		be_the_parent(&family);
	must(read(family.ready[0], &byte, 1) == 1);
	must(ashmem_memory_file_allow_purging(file, true) == 0);
	must(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	while (ashmem_purge_all(region_of(file)) == 0)
		sched_yield();
	must(write(family.go[1], "", 1) == 1);
	must(read(family.seen[0], errors, sizeof(errors)) == sizeof(errors));
	must(errors[0] == ENODATA && errors[1] == 0);
	family_close(&family);
	ashmem_memory_file_close(family.file);
	ashmem_memory_file_close(file);
	return true;
}

static const struct test tests[] = {
	{ "memory file: a new one has its length, zeros, and a region",
	  new_one, ANY },
	{ "memory file: is read and written at offsets", at_offsets, ANY },
	{ "memory file: out of bounds is ERANGE, and copies nothing",
	  out_of_bounds, ANY },
	{ "memory file: nothing, at the end, is within", nothing_at_the_end,
	  ANY },
	{ "memory file: no length, and no region, are errors", bad_ones,
	  ANY },
	{ "memory file: allow_purging returns the former value", former_value,
	  ANY },
	{ "memory file: stays while purging is not allowed", stays_without,
	  ANY },
	{ "memory file: is unpinned between reads and writes",
	  unpinned_between, ANY },
	{ "memory file: a read tells of a purge, once", told_by_read, ANY },
	{ "memory file: so does a write, and writes nothing", told_by_write,
	  ANY },
	{ "memory file: a part that was purged is told as well",
	  told_of_a_part, ANY },
	{ "memory file: a purge is told though no more is allowed",
	  told_after_all, ANY },
	{ "memory file: so it is if purging was forbidden and allowed again",
	  told_after_both, ANY },
	{ "memory file: out of bounds, a purge is still to be told",
	  out_of_bounds_tells_nothing, ANY },
	{ "memory file: is pinned until the last thread has copied",
	  pinned_while_copying, ANY },
	{ "memory file: a child can use it that was forked meanwhile",
	  forked_while_copying, ANY },
	{ "memory file: a child can use it, whatever threads were doing",
	  forked_among_threads, ANY },
	{ "memory file: of many threads, one is told of each purge",
	  many_threads, ANY },
	{ "memory file: is handed over", handed_over, ANY },
	{ "memory file: one of two who allow purging is told", told_there,
	  ANY },
	{ "memory file: one that does not allow purging pins nothing",
	  pins_nothing_unasked, ANY },
	{ "memory file: read-only is read, and not written", read_only, ANY },
	{ "memory file: read-only is told until the pages are pinned",
	  read_only_is_told, PORTABLE },
	{ "memory file: read-only, a child is told that its parent's pins "
	  "are gone", child_is_told, PORTABLE },
};

const struct test_group memory_file_tests = TEST_GROUP(tests);
