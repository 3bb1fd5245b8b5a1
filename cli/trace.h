/* SPDX-License-Identifier: MIT */
/*
 * The device's tracepoints, in an instance of tracefs of this process's own, so
 * that nobody else's tracing is changed. Needs root.
 */
#ifndef ASHMEM_CLI_TRACE_H
#define ASHMEM_CLI_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/**
 * struct trace - see above
 * @path: of the instance; empty if there is none
 * @pipe: what is traced, to be waited for
 * @line: the beginning of a line that is not complete yet
 */
struct trace {
	char path[64];
	int pipe;
	char line[1024];
	size_t length;
};

/**
 * struct trace_event - what a line says
 * @what:  the tracepoint's name, without "ashmem_"; or "lost"
 * @lost:  then, how many events were; 0 if that is not known
 * @pid:   of the thread in which it happened
 * @inode: of the area's memory; 0 if it was never mapped
 * @first: page, and @end one past the last; of what was purged, or pinned
 * @freed: pages of memory that a purge gave back
 * @size:  in bytes, of an area that is first mapped or released, with its @name
 */
struct trace_event {
	char what[16];
	uint64_t lost;
	pid_t pid;
	uint64_t inode;
	uint64_t first;
	uint64_t end;
	uint64_t freed;
	uint64_t size;
	char name[256];
};

/* Is the driver loaded, or could it be seen that it is? */
bool trace_is_there(void);

/* Begins. Returns 0, or -1 with errno set: EACCES or EPERM, ENOENT without the
 * driver or tracefs; to be ended in either case. */
int trace_begin(struct trace *trace);
void trace_end(struct trace *trace);

/* Takes the next event out of what can be read. Returns false if there is no
 * whole one. */
bool trace_next(struct trace *trace, struct trace_event *event);

#endif /* ASHMEM_CLI_TRACE_H */
