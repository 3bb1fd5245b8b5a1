// SPDX-License-Identifier: MIT
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRACEFS		"/sys/kernel/tracing"
#define MODULE		"/sys/module/ashmem"

/* A line begins with a task's name, at the end of so many columns. A name is
 * shorter, so there is a blank before it; and it may have anything in it, ends of
 * lines too. What tells of losses has no such column. */
#define TASK_COLUMNS	16
#define LOSS_BEGIN	"CPU:"

static const char *const tracepoints[] = {
	"ashmem_map_first", "ashmem_purge", "ashmem_release",
};

bool trace_is_there(void)
{
	return access(MODULE, F_OK) == 0;
}

static int write_file(const struct trace *trace, const char *name,
		      const char *value)
{
	char path[160];
	int file, result = -1, error;

	snprintf(path, sizeof(path), "%s/%s", trace->path, name);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	if (write(file, value, strlen(value)) == (ssize_t)strlen(value))
		result = 0;
	error = errno;
	close(file);
	errno = error;
	return result;
}

static int enable(const struct trace *trace)
{
	char name[64];

	for (size_t i = 0; i < sizeof(tracepoints) / sizeof(tracepoints[0]);
	     i++) {
		snprintf(name, sizeof(name), "events/ashmem/%s/enable",
			 tracepoints[i]);
		if (write_file(trace, name, "1") < 0)
			return -1;
	}
	return 0;
}

int trace_begin(struct trace *trace)
{
	char path[96];

	*trace = (struct trace){ .pipe = -1 };
	snprintf(path, sizeof(path), TRACEFS "/instances/ashmem-%d", getpid());
	if (mkdir(path, S_IRWXU) < 0)
		return -1;
	strcpy(trace->path, path);
	strcat(path, "/trace_pipe");
	trace->pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return trace->pipe < 0 ? -1 : enable(trace);
}

void trace_end(struct trace *trace)
{
	int error = errno;

	if (trace->pipe >= 0)
		close(trace->pipe);
	if (*trace->path)
		rmdir(trace->path);
	errno = error;
}

/* The number after a key; 0 if it is not there. */
static uint64_t number_after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void take_name(const char *line, struct trace_event *event)
{
	const char *name = strstr(line, " name=\"");
	const char *end = strrchr(line, '"');
	size_t length;

	if (!name)
		return;
	name += strlen(" name=\"");
	length = end > name ? end - name : 0;
	if (length >= sizeof(event->name))
		length = sizeof(event->name) - 1;
	memcpy(event->name, name, length);
	event->name[length] = '\0';
}

/* A line is "TASK-PID   [CPU] FLAGS TIME: ashmem_EVENT: FIELDS", TASK and what is
 * in FIELDS by a name being somebody else's text. */
static bool parse(const char *line, struct trace_event *event)
{
	const char *pid = line + TASK_COLUMNS, *at;
	size_t length;

	if (*pid != '-')
		return false;
	at = strstr(pid, ": ashmem_");
	if (!at)
		return false;
	event->pid = strtol(pid + 1, NULL, 10);
	at += strlen(": ashmem_");
	length = strcspn(at, ":");
	if (length >= sizeof(event->what))
		return false;
	memcpy(event->what, at, length);
	event->inode = number_after(at, " ino=");
	event->size = number_after(at, " size=");
	event->freed = number_after(at, " freed=");
	sscanf(at, "%*[^[][%" SCNu64 ",%" SCNu64, &event->first, &event->end);
	take_name(at, event);
	return true;
}

/* "CPU:0 [LOST 7 EVENTS]", or without the number. */
static bool parse_loss(const char *line, struct trace_event *event)
{
	if (!strstr(line, "[LOST "))
		return false;
	strcpy(event->what, "lost");
	event->lost = number_after(line, "[LOST ");
	return true;
}

static bool is_loss(const struct trace *trace)
{
	return !strncmp(trace->line, LOSS_BEGIN, strlen(LOSS_BEGIN));
}

/* Where the line ends that begins what was read; NULL if that is not there. */
static char *find_end(struct trace *trace)
{
	size_t task = is_loss(trace) ? 0 : TASK_COLUMNS;

	if (trace->length <= task)
		return NULL;
	return memchr(trace->line + task, '\n', trace->length - task);
}

/* Takes a line away; returns whether it says something. */
static bool take_line(struct trace *trace, char *end, struct trace_event *event)
{
	bool said;

	*end++ = '\0';
	*event = (struct trace_event){ 0 };
	said = is_loss(trace) ? parse_loss(trace->line, event) :
				parse(trace->line, event);
	trace->length -= end - trace->line;
	memmove(trace->line, end, trace->length);
	return said;
}

bool trace_next(struct trace *trace, struct trace_event *event)
{
	ssize_t length;
	char *end;

	for (;;) {
		while ((end = find_end(trace)))
			if (take_line(trace, end, event))
				return true;
		/* Longer than any of these can be. */
		if (trace->length == sizeof(trace->line))
			trace->length = 0;
		length = read(trace->pipe, trace->line + trace->length,
			      sizeof(trace->line) - trace->length);
		if (length <= 0)
			return false;
		trace->length += length;
	}
}
