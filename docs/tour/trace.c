/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRACING		"/sys/kernel/tracing/"
#define PAGE_FAULTS	TRACING "events/exceptions/page_fault_user/"

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0) {
		fprintf(stderr, "tour: cannot write %s: %s: run this by "
			"docs/tour/run\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
}

void trace_start(void)
{
	set(TRACING "events/ashmem/enable", "1");
	set(TRACING "trace", "\n");
}

void trace_mark(void)
{
	set(TRACING "trace_marker", "here\n");
}

void trace_faults(const void *start, const void *end)
{
	char filter[96];

	snprintf(filter, sizeof(filter), "address >= %p && address < %p",
		 start, end);
	set(PAGE_FAULTS "filter", filter);
	set(PAGE_FAULTS "enable", "1");
}

/*
 * A line is "   TASK-PID   [CPU] FLAGS TIME: EVENT: FIELDS". The processor and
 * the time are left out, and where in the program a fault was.
 */
static void print_line(char *line)
{
	char *processor = strstr(line, " ["), *event, *ip, *rest;
	char *task = line + strspn(line, " ");

	event = processor ? strstr(processor, ": ") : NULL;
	if (!event)
		return;
	*processor = '\0';
	task[strcspn(task, " ")] = '\0';
	event += 2;
	event[strcspn(event, "\n")] = '\0';
	ip = strstr(event, " ip=");
	rest = ip ? strchr(ip + 1, ' ') : NULL;
	if (rest)
		memmove(ip, rest, strlen(rest) + 1);
	printf("%-14s %s\n", task, event);
}

void trace_print(unsigned int lines)
{
	FILE *file = fopen(TRACING "trace", "r");
	unsigned int count = 0;
	char line[1024];

	if (!file) {
		fprintf(stderr, "tour: cannot read the trace: %s\n",
			strerror(errno));
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#' || !strcspn(line, "\n"))
			continue;
		if (count++ < lines)
			print_line(line);
	}
	fclose(file);
	if (count > lines)
		printf("... and %u more\n", count - lines);
	fflush(stdout);
	trace_clear();
}

void trace_clear(void)
{
	set(TRACING "trace", "\n");
}
