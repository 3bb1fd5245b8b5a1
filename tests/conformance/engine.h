/* SPDX-License-Identifier: MIT */
/*
 * An engine as the tests see it.
 *
 * All but @map return what the call answers, or a negative error number. The
 * calls of a descriptor that every engine answers alike (read, lseek, dup,
 * sending it) are made on the descriptor itself.
 */
#ifndef ASHMEM_TESTS_CONFORMANCE_ENGINE_H
#define ASHMEM_TESTS_CONFORMANCE_ENGINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What an engine may lack (CONTRACT.md, section 8). */
enum feature {
	DEVICE_ABI,		/* it answers the ioctls of section 7 */
	DEVICE_FILE,		/* its descriptors are the device's */
	FDINFO,			/* /proc/PID/fdinfo/FD tells of the area */
	FILE_FROM_OPEN,		/* shared before there are name and size */
	NO_WRITING,		/* nobody can write() or punch the descriptor */
	LONG_MASK,		/* takes a mask of 64 bits, to refuse it */
	CHEAP_PRIVATE_WRITES,	/* one page for a first private write */
	ENFORCED_EXECUTE,	/* no road past an execute bit in the mask */
	ENFORCED_READ,		/* nor past a read bit */
	ENFORCED_PRIVATELY,	/* nor to a private copy that can be written */
	ENFORCED_ON_EARLIER,	/* mappings made earlier gain nothing either */
	PURGING_OF_READ_ONLY,	/* purges though the mask lost its write */
	PRIVILEGED_PURGE_ALL,	/* purging all needs CAP_SYS_ADMIN */
	SYNCHRONOUS_RECLAIM,	/* purges before anybody is killed */
	AGE_OF_EACH_PAGE,	/* the order of purging is that of pages */
	PURGING_TWICE,		/* purges what was touched once it was purged */
	LASTING_STATE,		/* unpinned stays so when nobody uses it */
	PINS_OF_ANY_SIZE,	/* unpins areas of many TiB */
	HOLDS,
	FEATURES,
};

/**
 * struct engine - one implementation of the contract
 * @name:          for --engine
 * @advice:        what to do if no area can be opened
 * @maps_name:     what stands before a name in /proc/PID/maps
 * @maps_unnamed:  what stands there for an area that was never named
 * @longest_name:  in bytes; longer ones are cut
 * @lacks:         the reason why it has not got a feature, NULL if it has
 * @start:         before all else; gives NULL, or what is missing
 * @prepare:       before each test, in the process that starts it
 * @clear:         after each test, its processes gone
 * @open:          a new area's descriptor
 * @close:         closes it
 * @set_name:      a string of any length
 * @get_name:      @name has room for 256 bytes
 * @get_size:      of sizes that an int can hold
 * @map:           as mmap() without an address
 * @pin:           offset and length in 32 bits, as are @unpin and @status
 * @pin64:         offset and length in 64 bits
 * @hold:          and @release and @renew: NULL if there are no such calls
 * @purge_all:     through any area's descriptor
 * @file_id:       the backing file's inode number
 */
struct engine {
	const char *name;
	const char *advice;
	const char *maps_name;
	const char *maps_unnamed;
	size_t longest_name;
	const char *lacks[FEATURES];

	const char *(*start)(void);
	void (*prepare)(void);
	void (*clear)(void);

	int (*open)(void);
	long (*close)(int fd);
	long (*set_name)(int fd, const char *name);
	long (*get_name)(int fd, char *name);
	long (*set_size)(int fd, size_t size);
	long (*get_size)(int fd);
	long (*set_prot_mask)(int fd, unsigned long mask);
	long (*get_prot_mask)(int fd);
	void *(*map)(int fd, size_t length, int prot, int flags, off_t offset);
	long (*pin)(int fd, uint32_t offset, uint32_t length);
	long (*unpin)(int fd, uint32_t offset, uint32_t length);
	long (*status)(int fd, uint32_t offset, uint32_t length);
	long (*pin64)(int fd, uint64_t offset, uint64_t length);
	long (*unpin64)(int fd, uint64_t offset, uint64_t length);
	long (*status64)(int fd, uint64_t offset, uint64_t length);
	long (*hold)(int fd, uint64_t offset, uint64_t length);
	long (*release)(int fd, uint64_t offset, uint64_t length);
	long (*renew)(int fd, uint64_t offset, uint64_t length);
	long (*purge_all)(int fd);
	long (*file_id)(int fd, uint64_t *id);
};

extern const struct engine device_engine;
extern const struct engine library_device_engine;
extern const struct engine library_portable_engine;

/* The one that the tests are run through. */
extern const struct engine *engine;

#endif /* ASHMEM_TESTS_CONFORMANCE_ENGINE_H */
