/* SPDX-License-Identifier: MIT */
/*
 * The kernel's trace, read a step at a time.
 */
#ifndef ASHMEM_DOCS_TOUR_TRACE_H
#define ASHMEM_DOCS_TOUR_TRACE_H

/* Turns on all events of the driver. Exits with a message if there are none. */
void trace_start(void);

/* Leaves a line of no importance in the trace. */
void trace_mark(void);

/* Turns on the kernel's own event for page faults from @start to @end. */
void trace_faults(const void *start, const void *end);

/* Prints what was traced since the last call, at most @lines, and clears it. */
void trace_print(unsigned int lines);

/* Forgets what was traced since the last call. */
void trace_clear(void);

#endif /* ASHMEM_DOCS_TOUR_TRACE_H */
