/* SPDX-License-Identifier: MIT */
/* What the program exits with; ashmem(1) tells of it. Verbs that run another
 * program exit with that one's status. */
#ifndef ASHMEM_CLI_STATUS_H
#define ASHMEM_CLI_STATUS_H

enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,	/* it was tried; or doctor has found problems */
	STATUS_USAGE = 2,	/* the command line cannot be understood */
	STATUS_ABSENT = 3,	/* there is no such region, or it is hidden */
	STATUS_DENIED = 4,	/* the caller may not */
	STATUS_UNSUPPORTED = 5,	/* the engine of this region cannot */
	STATUS_PURGED = 6,	/* done, but pages had been purged */
	STATUS_NOT_RUN = 126,	/* a program cannot be run */
	STATUS_NOT_FOUND = 127,	/* a program is not there */
};

#endif /* ASHMEM_CLI_STATUS_H */
