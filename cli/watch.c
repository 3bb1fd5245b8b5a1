// SPDX-License-Identifier: MIT
/*
 * What happens to regions, a line each. An ashmemd tells of its own; of the
 * device, the tracepoints do. ashmemd ends when nobody needs it, and is started
 * when somebody does, so it is looked for again and again.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "found.h"
#include "json.h"
#include "text.h"
#include "trace.h"
#include "verb.h"

/* How often an ashmemd is looked for, in milliseconds. */
#define LOOK_INTERVAL	500

/**
 * struct watch - all that is watched
 * @json:     a line of JSON for each
 * @left:     events to go; 0 for no end
 * @services: those that tell
 * @trace:    of the device; its pipe is -1 if there is none
 * @names:    of areas that were mapped before, by inode
 * @signals:  that end this, as a descriptor
 * @written:  standard output is there still
 */
struct watch {
	bool json;
	uint64_t left;
	struct services services;
	struct trace trace;
	struct found_list names;
	int signals;
	bool written;
};

/**
 * struct happening - one event, of either engine
 * @pages:    of the region, or that were purged
 * @pid:      0 if nobody's
 * @attached: -1 if it is not known
 */
struct happening {
	const char *what;
	enum ashmem_engine engine;
	uint64_t inode;
	const char *name;
	uint64_t pages;
	pid_t pid;
	int64_t attached;
};

static void format_time(char *text, size_t size)
{
	struct timespec now;
	struct tm local;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	length = strftime(text, size, "%H:%M:%S", &local);
	snprintf(text + length, size - length, ".%03ld", now.tv_nsec / 1000000);
}

static int print_line(const struct happening *happening)
{
	char name[ASHMEM_NAME_LEN * 4], time[16], id[24];
	text_bytes bytes;

	format_time(time, sizeof(time));
	text_escape(happening->name, name, sizeof(name));
	text_format_bytes(happening->pages * sysconf(_SC_PAGESIZE), bytes);
	snprintf(id, sizeof(id), "%c%" PRIu64,
		 happening->engine == ASHMEM_ENGINE_DEVICE ? 'd' : 'p',
		 happening->inode);
	printf("%s  %-7s  %-10s  %5s  %s", time, happening->what, id, bytes,
	       name);
	if (happening->pid)
		printf("  process %d", happening->pid);
	if (happening->attached >= 0)
		printf("  %" PRId64 " attached", happening->attached);
	putchar('\n');
	return printed(STATUS_DONE);
}

static int print_object(const struct happening *happening)
{
	struct timespec now;
	char id[24];

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(id, sizeof(id), "%c%" PRIu64,
		 happening->engine == ASHMEM_ENGINE_DEVICE ? 'd' : 'p',
		 happening->inode);
	return json_print(json_pack("{s:f, s:s, s:s, s:o, s:I, s:o, s:o}",
		"time", now.tv_sec + now.tv_nsec / 1e9,
		"event", happening->what, "id", id,
		"name", json_text(happening->name),
		"pages", (json_int_t)happening->pages,
		"pid", happening->pid ? json_integer(happening->pid) :
					json_null(),
		"attached", happening->attached < 0 ? json_null() :
				json_integer(happening->attached)),
		JSON_COMPACT, STATUS_DONE);
}

/* Returns false when that was the last one. */
static bool print(struct watch *watch, const struct happening *happening)
{
	int status = watch->json ? print_object(happening) :
				   print_line(happening);

	watch->written = status == STATUS_DONE;
	return watch->written && (!watch->left || --watch->left);
}

static int print_lost_line(uint64_t lost)
{
	if (lost)
		printf("%" PRIu64, lost);
	else
		printf("some");
	puts(" events were lost, as they came faster than they were read");
	return printed(STATUS_DONE);
}

/* 0 is for an unknown number. Returns false when nobody reads it. */
static bool print_lost(struct watch *watch, uint64_t lost)
{
	int status = watch->json ?
		     json_print(json_pack("{s:s, s:o}", "event", "lost",
					  "count", lost ? json_integer(lost) :
							  json_null()),
				JSON_COMPACT, STATUS_DONE) :
		     print_lost_line(lost);

	watch->written = status == STATUS_DONE;
	return watch->written;
}

/*
 * The portable engine.
 */

static bool tell(struct watch *watch, const struct listing_event *event)
{
	static const char *const words[] = {
		[LISTING_ATTACH] = "attach",
		[LISTING_RELEASE] = "release",
		[LISTING_PURGE] = "purge",
	};

	if (event->lost && !print_lost(watch, event->lost))
		return false;
	if (event->kind < LISTING_ATTACH || event->kind > LISTING_PURGE)
		return true;
	return print(watch, &(struct happening){
		.what = words[event->kind],
		.engine = ASHMEM_ENGINE_PORTABLE,
		.inode = event->inode,
		.name = event->name,
		.pages = event->pages,
		.pid = event->pid,
		.attached = event->attached,
	});
}

/* One that breaks down is found out when services are looked for. */
static bool take_event(struct watch *watch, const struct service *service)
{
	struct listing_event event;

	return service_event(service, &event) != 1 || tell(watch, &event);
}

/* One that ends just then is none to be told of. */
static bool has_gone(int error)
{
	return error == ECONNRESET || error == EPIPE;
}

/* Asks those that were not asked yet. Who refuses is left alone. */
static void find_services(struct watch *watch)
{
	static int said;

	if (services_connect(&watch->services) < 0)
		return;
	for (size_t i = 0; i < watch->services.count; i++) {
		struct service *service = &watch->services.items[i];

		if (service->asked)
			continue;
		service->asked = true;
		if (service_watch(service) == 0 || has_gone(errno) ||
		    errno == said)
			continue;
		said = errno;
		complain("the ashmemd at %s tells nothing: %s",
			 service->place.socket, service_trouble(said));
	}
}

/*
 * The device.
 */

static const char *name_of(struct watch *watch, uint64_t inode)
{
	for (size_t i = 0; i < watch->names.count; i++)
		if (watch->names.items[i].engine == ASHMEM_ENGINE_DEVICE &&
		    watch->names.items[i].inode == inode)
			return watch->names.items[i].name;
	return NULL;
}

/* Of areas that were there before, or came since. */
static const char *find_name(struct watch *watch, uint64_t inode)
{
	const char *name = name_of(watch, inode);

	if (name)
		return name;
	if (found_look(&watch->names) == 0)
		name = name_of(watch, inode);
	return name ? name : "?";
}

/* Until it is mapped, an area has no memory of which anything could be told. */
static bool tell_traced(struct watch *watch, const struct trace_event *event)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	bool purge = !strcmp(event->what, "purge");

	if (!strcmp(event->what, "lost"))
		return print_lost(watch, event->lost);
	if (!event->inode)
		return true;
	return print(watch, &(struct happening){
		.what = !strcmp(event->what, "map_first") ? "map" : event->what,
		.engine = ASHMEM_ENGINE_DEVICE,
		.inode = event->inode,
		.name = purge ? find_name(watch, event->inode) : event->name,
		.pages = purge ? event->end - event->first :
				 (event->size + page - 1) / page,
		.pid = purge ? 0 : event->pid,
		.attached = -1,
	});
}

/* Returns an enum status: to do without is an error if ASHMEM_ENGINE asks for
 * the device. */
static int begin_trace(struct watch *watch)
{
	const char *wish = getenv("ASHMEM_ENGINE");
	bool wanted = wish && !strcmp(wish, "device");
	int error;

	watch->trace.pipe = -1;
	if (!trace_is_there() && !wanted)
		return STATUS_DONE;
	if (trace_begin(&watch->trace) == 0)
		return STATUS_DONE;
	error = errno;
	trace_end(&watch->trace);
	watch->trace = (struct trace){ .pipe = -1 };
	if (error == EACCES || error == EPERM)
		complain("only root is told of the device's areas");
	else
		complain("the device's tracepoints cannot be used: %s",
			 strerror(error));
	return wanted ? status_of(error) : STATUS_DONE;
}

/*
 * All of it.
 */

static bool take_events(struct watch *watch, const struct pollfd *polled)
{
	struct trace_event event;

	for (size_t i = 0; i < watch->services.count; i++)
		if (polled[2 + i].revents & POLLIN &&
		    !take_event(watch, &watch->services.items[i]))
			return false;
	while (polled[1].revents && trace_next(&watch->trace, &event))
		if (!tell_traced(watch, &event))
			return false;
	return true;
}

static void follow(struct watch *watch)
{
	struct pollfd *polled = NULL;
	bool more = true;

	while (more) {
		find_services(watch);
		free(polled);
		polled = calloc(watch->services.count + 2, sizeof(*polled));
		if (!polled)
			break;
		polled[0] = (struct pollfd){ watch->signals, POLLIN, 0 };
		polled[1] = (struct pollfd){ watch->trace.pipe, POLLIN, 0 };
		for (size_t i = 0; i < watch->services.count; i++)
			polled[2 + i] = (struct pollfd){
				watch->services.items[i].socket, POLLIN, 0
			};
		poll(polled, watch->services.count + 2, LOOK_INTERVAL);
		more = !polled[0].revents && take_events(watch, polled);
	}
	free(polled);
}

static int watch_all(struct watch *watch)
{
	sigset_t signals;
	int status;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	watch->signals = signalfd(-1, &signals, SFD_CLOEXEC);
	watch->written = true;
	status = begin_trace(watch);
	if (status == STATUS_DONE)
		follow(watch);
	trace_end(&watch->trace);
	services_close(&watch->services);
	found_end(&watch->names);
	close(watch->signals);
	return watch->written ? status : STATUS_FAILED;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	struct watch watch = { 0 };
	int option;

	while ((option = next_option(count, arguments, "jn:", known)) != -1) {
		if (option == '?')
			return STATUS_USAGE;
		watch.json |= option == 'j';
		if (option == 'n' && (!parse_bytes(optarg, &watch.left) ||
				      !watch.left))
			return misused("`%s' is no number of events", optarg);
	}
	if (optind < count)
		return misused("what is `%s'?", arguments[optind]);
	return watch_all(&watch);
}

const struct verb verb_watch = {
	.name = "watch",
	.operands = "[-j] [-n COUNT]",
	.summary = "prints a line for each event",
	.help =
"On the portable engine: a process attaches to a region, releases it, pages are\n"
"purged. On the device, for root: an area is mapped for the first time, its last\n"
"descriptor is closed, pages are purged. Goes on until it is ended, as by Ctrl-C.\n"
"Events that come faster than they are read are counted and left out.\n"
"\n"
"  -j, --json           a line of JSON for each\n"
"  -n, --count COUNT    ends after so many\n",
	.run = run,
};
