// SPDX-License-Identifier: MIT
#include "metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "log.h"
#include "registry.h"

/* All are Prometheus, or somebody who looks for once. Who has been there longest
 * goes when there are more, as a question is asked and answered at once. The
 * library itself would listen no more at its limit, which is never reached: it
 * takes ten at a time, and in between those go that were hung up on. */
#define CONNECTIONS		16
#define CONNECTIONS_LIMIT	64
#define IDLE_SECONDS		10
#define CONNECTION_BYTES	16384

#define CONTENT_TYPE		"text/plain; version=0.0.4; charset=utf-8"

/**
 * struct metrics - the server
 * @registry: what is told of
 * @daemon:   that speaks HTTP; all happens in its MHD_run()
 * @input:    on its descriptor
 * @timer:    for connections that say nothing
 * @sockets:  of connections that were not hung up on, the oldest first
 * @count:    of them
 */
struct metrics {
	const struct registry *registry;
	struct MHD_Daemon *daemon;
	sd_event_source *input;
	sd_event_source *timer;
	int sockets[CONNECTIONS];
	size_t count;
};

/**
 * struct totals - what has to be counted when it is asked for
 * @attachments: of processes to regions
 * @size:        of all regions, in bytes
 * @resident:    bytes of it that are in memory
 */
struct totals {
	uint64_t attachments;
	uint64_t size;
	uint64_t resident;
};

static void add_region(struct totals *totals, const struct region *region)
{
	const struct attachment *attachment = region->attachments;
	struct stat status;

	for (; attachment; attachment = attachment->next)
		totals->attachments++;
	if (fstat(region->fd, &status) < 0)
		return;
	totals->size += status.st_size;
	totals->resident += (uint64_t)status.st_blocks * 512;
}

static struct totals count(const struct registry *registry)
{
	struct totals totals = { 0 };

	for (size_t i = 0; i < registry->bucket_count; i++)
		for (const struct region *region = registry->buckets[i];
		     region; region = region->chain)
			add_region(&totals, region);
	return totals;
}

static void describe(FILE *page, const char *name, const char *type,
		     const char *help)
{
	fprintf(page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void tell(FILE *page, const char *name, const char *type,
		 const char *help, uint64_t value)
{
	describe(page, name, type, help);
	fprintf(page, "%s %" PRIu64 "\n", name, value);
}

static void tell_purges(FILE *page, const struct purge_counts *pressure,
			const struct purge_counts *request)
{
	describe(page, "ashmemd_purges_total", "counter",
		 "Purges, by what they were for.");
	fprintf(page, "ashmemd_purges_total{for=\"pressure\"} %" PRIu64 "\n"
		"ashmemd_purges_total{for=\"request\"} %" PRIu64 "\n",
		pressure->purges, request->purges);
	describe(page, "ashmemd_purged_pages_total", "counter",
		 "Pages purged, by what they were purged for.");
	fprintf(page,
		"ashmemd_purged_pages_total{for=\"pressure\"} %" PRIu64 "\n"
		"ashmemd_purged_pages_total{for=\"request\"} %" PRIu64 "\n",
		pressure->pages, request->pages);
	describe(page, "ashmemd_purge_seconds_total", "counter",
		 "Time spent purging, by what it was spent for.");
	fprintf(page,
		"ashmemd_purge_seconds_total{for=\"pressure\"} %.9f\n"
		"ashmemd_purge_seconds_total{for=\"request\"} %.9f\n",
		pressure->nanoseconds / 1e9, request->nanoseconds / 1e9);
}

static void write_page(FILE *page, const struct registry *registry)
{
	struct totals totals = count(registry);

	describe(page, "ashmemd_info", "gauge", "What serves; always 1.");
	fprintf(page, "ashmemd_info{version=\"%s\",serves=\"%s\"} 1\n",
		ASHMEM_VERSION, registry->machine ? "machine" : "user");
	tell(page, "ashmemd_page_size_bytes", "gauge", "Bytes of a page.",
	     region_page_size());
	tell(page, "ashmemd_processes", "gauge",
	     "Connected processes.", registry->client_count);
	tell(page, "ashmemd_regions", "gauge",
	     "Regions that a process is attached to.", registry->region_count);
	tell(page, "ashmemd_attachments", "gauge",
	     "Attachments of processes to regions.", totals.attachments);
	tell(page, "ashmemd_region_size_bytes", "gauge",
	     "Bytes of all regions, whether in memory or not.", totals.size);
	tell(page, "ashmemd_region_resident_bytes", "gauge",
	     "Bytes of all regions that are in memory.", totals.resident);
	tell_purges(page, &registry->for_pressure, &registry->for_request);
}

static struct MHD_Response *text(const char *text)
{
	return MHD_create_response_from_buffer(strlen(text), (void *)text,
					       MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *page_of(const struct registry *registry)
{
	struct MHD_Response *response = NULL;
	char *bytes = NULL;
	size_t size;
	FILE *page = open_memstream(&bytes, &size);

	if (!page)
		return NULL;
	write_page(page, registry);
	if (fclose(page) == 0)
		response = MHD_create_response_from_buffer(size, bytes,
							   MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(bytes);
		return NULL;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				CONTENT_TYPE);
	return response;
}

static struct MHD_Response *answer(const struct registry *registry,
				   const char *url, const char *method,
				   unsigned int *status)
{
	struct MHD_Response *response;

	if (strcmp(method, MHD_HTTP_METHOD_GET) &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD)) {
		*status = MHD_HTTP_METHOD_NOT_ALLOWED;
		response = text("Only GET and HEAD are served.\n");
		if (response)
			MHD_add_response_header(response,
						MHD_HTTP_HEADER_ALLOW,
						"GET, HEAD");
		return response;
	}
	if (strcmp(url, "/metrics")) {
		*status = MHD_HTTP_NOT_FOUND;
		return text("Only /metrics is here.\n");
	}
	*status = MHD_HTTP_OK;
	return page_of(registry);
}

static enum MHD_Result on_request(void *context,
				  struct MHD_Connection *connection,
				  const char *url, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_size, void **request)
{
	struct metrics *metrics = context;
	struct MHD_Response *response;
	enum MHD_Result result;
	unsigned int status;

	(void)version;
	(void)upload;
	/* What somebody uploads all the same is read, and forgotten. The
	 * first call is about the head of the request alone. */
	if (!*request || *upload_size) {
		*request = metrics;
		*upload_size = 0;
		return MHD_YES;
	}
	response = answer(metrics->registry, url, method, &status);
	if (!response)
		return MHD_NO;
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static void forget(struct metrics *metrics, size_t number)
{
	metrics->count--;
	memmove(&metrics->sockets[number], &metrics->sockets[number + 1],
		(metrics->count - number) * sizeof(*metrics->sockets));
}

static void on_connection(void *context, struct MHD_Connection *connection,
			  void **socket_context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct metrics *metrics = context;
	int socket = MHD_get_connection_info(connection,
		MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

	(void)socket_context;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		if (metrics->count == CONNECTIONS) {
			shutdown(metrics->sockets[0], SHUT_RDWR);
			forget(metrics, 0);
		}
		metrics->sockets[metrics->count++] = socket;
		return;
	}
	for (size_t i = 0; i < metrics->count; i++)
		if (metrics->sockets[i] == socket) {
			forget(metrics, i);
			break;
		}
}

static void run(struct metrics *metrics)
{
	MHD_UNSIGNED_LONG_LONG milliseconds;

	MHD_run(metrics->daemon);
	if (MHD_get_timeout(metrics->daemon, &milliseconds) != MHD_YES) {
		sd_event_source_set_enabled(metrics->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time_relative(metrics->timer, milliseconds * 1000);
	sd_event_source_set_enabled(metrics->timer, SD_EVENT_ONESHOT);
}

static int on_input(sd_event_source *source, int fd, uint32_t events,
		    void *context)
{
	(void)source;
	(void)fd;
	(void)events;
	run(context);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	run(context);
	return 0;
}

/* Gives the two parts, or false if there are none. */
static bool split(const char *address, char host[INET6_ADDRSTRLEN],
		  const char **port)
{
	const char *colon = strrchr(address, ':');
	const char *first = address;
	size_t length;

	*port = colon ? colon + 1 : address;
	if (!colon || colon == address) {
		strcpy(host, "127.0.0.1");
		return true;
	}
	length = colon - address;
	if (*first == '[') {
		if (colon[-1] != ']' || length < 3)
			return false;
		first++;
		length -= 2;
	} else if (memchr(first, ':', length)) {
		return false;
	}
	if (length >= INET6_ADDRSTRLEN)
		return false;
	memcpy(host, first, length);
	host[length] = 0;
	return true;
}

static struct addrinfo *look_up(const char *address)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char host[INET6_ADDRSTRLEN], *end;
	const char *port;
	unsigned long number;

	if (!split(address, host, &port) || *port < '0' || *port > '9')
		return NULL;
	number = strtoul(port, &end, 10);
	if (*end || number > UINT16_MAX)
		return NULL;
	return getaddrinfo(host, port, &hints, &found) ? NULL : found;
}

static struct MHD_Daemon *listen_at(struct metrics *metrics,
				    const struct addrinfo *found)
{
	unsigned int flags = MHD_USE_EPOLL;

	if (found->ai_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, metrics,
		MHD_OPTION_SOCK_ADDR, found->ai_addr,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_LIMIT,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, metrics,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_END);
}

static int listen_for(struct metrics *metrics, const char *address)
{
	struct addrinfo *found = look_up(address);

	if (!found) {
		log_error("--metrics=%s: say ADDRESS:PORT in numbers, such as "
			  "127.0.0.1:9256 or [::1]:9256, or PORT alone",
			  address);
		return -1;
	}
	errno = 0;
	metrics->daemon = listen_at(metrics, found);
	freeaddrinfo(found);
	if (metrics->daemon)
		return 0;
	log_error("--metrics=%s: cannot listen there: %s; choose another "
		  "address or port", address,
		  errno ? strerror(errno) : "no memory");
	return -1;
}

static int join(struct metrics *metrics, sd_event *event)
{
	const union MHD_DaemonInfo *epoll =
		MHD_get_daemon_info(metrics->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int result = sd_event_add_io(event, &metrics->input, epoll->epoll_fd,
				     EPOLLIN, on_input, metrics);

	if (result >= 0)
		result = sd_event_add_time_relative(event, &metrics->timer,
			CLOCK_MONOTONIC, 0, 0, on_time, metrics);
	if (result >= 0)
		return 0;
	log_error("--metrics: cannot serve them: %s", strerror(-result));
	return -1;
}

/* Where it listens, should the port have been any. */
static void log_address(struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *listener =
		MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD);
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char host[INET6_ADDRSTRLEN], port[sizeof("65535")];

	if (getsockname(listener->listen_fd, (struct sockaddr *)&address,
			&length) < 0 ||
	    getnameinfo((struct sockaddr *)&address, length, host, sizeof(host),
			port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	log_info(address.ss_family == AF_INET6 ?
		 "serves metrics at http://[%s]:%s/metrics" :
		 "serves metrics at http://%s:%s/metrics", host, port);
}

struct metrics *metrics_start(sd_event *event, const char *address,
			      const struct registry *registry)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics) {
		log_error("--metrics: %m");
		return NULL;
	}
	metrics->registry = registry;
	if (listen_for(metrics, address) < 0 || join(metrics, event) < 0) {
		metrics_stop(metrics);
		return NULL;
	}
	log_address(metrics->daemon);
	return metrics;
}

void metrics_stop(struct metrics *metrics)
{
	if (!metrics)
		return;
	sd_event_source_disable_unref(metrics->input);
	sd_event_source_disable_unref(metrics->timer);
	if (metrics->daemon)
		MHD_stop_daemon(metrics->daemon);
	free(metrics);
}
