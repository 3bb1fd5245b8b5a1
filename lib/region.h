/* SPDX-License-Identifier: MIT */
/* A region, and what an engine has to be able to do with one. */
#ifndef ASHMEM_LIB_REGION_H
#define ASHMEM_LIB_REGION_H

#include <ashmem.h>
#include <stdbool.h>
#include <stdint.h>

#include "attachment.h"

struct engine;

/* Protections that a region can have. */
#define REGION_PROTECTIONS	(PROT_READ | PROT_WRITE | PROT_EXEC)

/**
 * struct ashmem_region - see ashmem.h
 * @engine:   that serves it
 * @fd:       its descriptor; -1 on the portable engine before there is one
 * @borrowed: @fd is the user's, and not to be closed
 *
 * The others are the portable engine's, under its lock until @fd is there.
 *
 * @name:       that it is made with; empty if the file knows it
 * @size:       in bytes; 0 while unset
 * @protection: to be made with; what it is while nobody else has the region
 * @forks:      how often the process had forked when it was opened
 * @shared:     its descriptor was given out, or has come from elsewhere
 * @pages:      once @fd is there
 * @page_shift: of the size of a page
 * @writable:   can @fd write?
 * @held_pins:  a bit a page that is pinned by way of a hold, through a read-only
 *              descriptor; NULL before the first; under the lock
 * @held_in:    the pin map that they are held in, with @held_forks: how often the
 *              process had forked
 * @attachment: once @fd is there
 */
struct ashmem_region {
	const struct engine *engine;
	_Atomic int fd;
	bool borrowed;

	char name[ASHMEM_NAME_LEN];
	uint64_t size;
	int protection;
	_Atomic bool shared;
	unsigned int forks;
	uint64_t pages;
	unsigned int page_shift;
	bool writable;
	uint64_t *held_pins;
	const struct attached *held_in;
	unsigned int held_forks;
	struct attachment attachment;
};

/**
 * struct engine - what an engine does with a region; as ashmem.h says
 * @number: its name
 * @open:   for a new region, whose @engine alone is set
 * @take:   for a region whose @fd is set, of this engine
 * @close:  undoes either
 * @has_access: is its descriptor one that @duplicate gives for this access?
 */
struct engine {
	enum ashmem_engine number;
	int (*open)(struct ashmem_region *region);
	int (*take)(struct ashmem_region *region);
	void (*close)(struct ashmem_region *region);
	int (*descriptor)(struct ashmem_region *region);
	int (*duplicate)(struct ashmem_region *region,
			 enum ashmem_access access);
	bool (*has_access)(struct ashmem_region *region,
			   enum ashmem_access access);
	void *(*map)(struct ashmem_region *region, size_t length, int prot,
		     int flags, uint64_t offset);
	int (*pin)(struct ashmem_region *region, uint64_t offset,
		   uint64_t length);
	int (*unpin)(struct ashmem_region *region, uint64_t offset,
		     uint64_t length);
	int (*pin_status)(struct ashmem_region *region, uint64_t offset,
			  uint64_t length);
	int (*hold)(struct ashmem_region *region, uint64_t offset,
		    uint64_t length);
	int (*release)(struct ashmem_region *region, uint64_t offset,
		       uint64_t length);
	int (*renew)(struct ashmem_region *region, uint64_t offset,
		     uint64_t length);
	int (*set_name)(struct ashmem_region *region, const char *name);
	int (*get_name)(struct ashmem_region *region,
			char name[ASHMEM_NAME_LEN]);
	int (*set_size)(struct ashmem_region *region, uint64_t size);
	int (*get_size)(struct ashmem_region *region, uint64_t *size);
	int (*set_protection)(struct ashmem_region *region, int prot);
	int (*get_protection)(struct ashmem_region *region);
	int (*information)(struct ashmem_region *region,
			   struct ashmem_information *information);
	int (*file_id)(struct ashmem_region *region, uint64_t *id);
	int64_t (*purge_all)(struct ashmem_region *region);
};

extern const struct engine engine_device;
extern const struct engine engine_portable;

/* The engine for new regions, or NULL with errno, see ashmem_region_create(). */
const struct engine *engine_chosen(void);

/* The engine that made what @fd is a descriptor of, or NULL with errno EBADF, or
 * EINVAL if none did. */
const struct engine *engine_of(int fd);

/* Is @fd of a region of this engine? */
bool device_is_region(int fd);
bool portable_is_region(int fd);

/* Readies the portable engine for forks, before a lock is taken that is held
 * while it is used. */
void portable_set_up(void);

/* Can new regions be made? Else errno is set. */
bool device_is_there(void);

/* A region that does not own @fd, for which closing it is the user's business.
 * As ashmem_region_import(). */
int region_borrow(struct ashmem_region **region, int fd);

/* Makes the region's descriptor the caller's, who closes it. Only
 * ashmem_region_close() may follow. */
int region_give_descriptor(struct ashmem_region *region);

#endif /* ASHMEM_LIB_REGION_H */
