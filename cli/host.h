/* SPDX-License-Identifier: MIT */
/* How short of memory the machine is. */
#ifndef ASHMEM_CLI_HOST_H
#define ASHMEM_CLI_HOST_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct host - see above
 * @total:          bytes of memory
 * @available:      bytes that can be had without swapping; 0 if not known
 * @knows_pressure: the kernel tells of stalls
 * @some:           percent of the last ten seconds in which a process stalled
 * @full:           in which all did
 */
struct host {
	uint64_t total;
	uint64_t available;
	bool knows_pressure;
	double some;
	double full;
};

void host_look(struct host *host);

#endif /* ASHMEM_CLI_HOST_H */
