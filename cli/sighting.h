/* SPDX-License-Identifier: MIT */
/* What /proc shows of regions, before it is put together: one descriptor, or
 * one mapping, of one process. */
#ifndef ASHMEM_CLI_SIGHTING_H
#define ASHMEM_CLI_SIGHTING_H

#include <ashmem.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct sighting - see above
 * @device:   of the file; 0 on the device engine
 * @inode:    of the memory; 0 for an area without any yet
 * @fd:       a descriptor's number there; -1 for a mapping
 * @writable: by this descriptor
 */
struct sighting {
	enum ashmem_engine engine;
	uint64_t device;
	uint64_t inode;
	pid_t pid;
	int fd;
	bool writable;
};

/**
 * struct sightings - all of them
 * @hidden: processes that could not be looked into
 */
struct sightings {
	struct sighting *items;
	size_t count;
	size_t room;
	size_t hidden;
};

/* Room for "/proc/PID/fdinfo/FD". */
typedef char sighting_path[48];

/* Looks through /proc. This process is left out. Returns 0, or -1 with errno
 * set: ENOMEM, or as opendir(3). */
int sightings_look(struct sightings *sightings);
void sightings_end(struct sightings *sightings);

/* One descriptor, named PID/FD. Returns false if it is not there, is hidden, or
 * is neither a memfd nor an area. */
bool sighting_at(const char *name, struct sighting *sighting);

/**
 * struct area - what fdinfo says of an area of the device
 * @pages:    that are pinned, unpinned and not purged, purged
 */
struct area {
	char name[ASHMEM_NAME_LEN];
	uint64_t size;
	uint64_t inode;
	uint64_t resident;
	uint64_t unpinned;
	uint64_t purged;
	int protection;
	bool writable;
};

/* Reads it. Returns false if the descriptor is not there, is hidden, or is none
 * of an area. */
bool area_read(pid_t pid, int fd, struct area *area);

#endif /* ASHMEM_CLI_SIGHTING_H */
