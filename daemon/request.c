// SPDX-License-Identifier: MIT
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "event.h"
#include "lister.h"
#include "log.h"
#include "moment.h"
#include "pinfile.h"
#include "pressure.h"
#include "registry.h"
#include "server.h"
#include "sweep.h"

/* The claim of a region may be taken only for a moment, by a client that ends a
 * purge in ashmemd's place: so often it is tried, with a pause in microseconds. */
#define CLAIM_TRIES	10
#define CLAIM_PAUSE	10000

/* How long all is purged before it is told how far that is. */
#define SWEEP_NANOSECONDS	500000000

/* How long it then waits to be asked to go on, in microseconds. */
#define SWEEP_PATIENCE		5000000

/* Not a number of errno: the reply is still to come. */
#define LATER		(-1)

bool request_is_under_way(const struct client *client)
{
	return client->tries || client->later;
}

/* Returns false if the client is no more. */
static bool send_packet(struct client *client, const void *packet, size_t size,
			const struct wire_fds *fds)
{
	if (wire_send(client->socket, packet, size, fds) == 0)
		return true;
	client_drop(client, errno == EAGAIN ? "it does not read its replies" :
					      "it hung up");
	return false;
}

static bool reply(struct client *client, const struct wire_reply *reply,
		  const struct wire_fds *fds)
{
	return send_packet(client, reply, sizeof(*reply), fds);
}

static bool reply_error(struct client *client, uint32_t type, int error)
{
	struct wire_reply answer = { .type = type, .error = error };

	return reply(client, &answer, NULL);
}

/* Whether other messages are read. That it hangs up is always seen. */
static void listen_to(struct client *client, bool on)
{
	sd_event_source_set_io_events(client->input, on ? EPOLLIN : 0);
}

/* A process map that can be mapped without danger. */
static int map_process(struct client *client, int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;
	struct statfs system;
	void *memory;

	if (seals < 0 || fstat(fd, &status) < 0 || fstatfs(fd, &system) < 0 ||
	    !(seals & F_SEAL_SHRINK) || !(seals & F_SEAL_GROW) ||
	    !S_ISREG(status.st_mode) || system.f_type != TMPFS_MAGIC ||
	    status.st_size < (off_t)PROCMAP_MIN_BYTES ||
	    status.st_size > (off_t)PROCMAP_MAX_BYTES)
		return EINVAL;
	memory = mmap(NULL, status.st_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (memory == MAP_FAILED)
		return errno == ENOMEM ? ENOMEM : EINVAL;
	client->procmap = memory;
	client->procmap_size = status.st_size;
	return 0;
}

static bool hello(struct client *client, const struct wire_request *request,
		  const struct wire_fds *fds)
{
	struct wire_reply answer = { .type = WIRE_HELLO };
	struct wire_fds sign = { 1, { client->server->sign } };

	if (client->procmap) {
		client_drop(client, "it said hello twice");
		return false;
	}
	answer.error = client->refused;
	if (!answer.error && request->version != WIRE_VERSION)
		answer.error = EPROTO;
	if (!answer.error)
		answer.error = fds->count == 1 ?
			       map_process(client, fds->fd[0]) : EINVAL;
	if (answer.error) {
		if (!reply(client, &answer, NULL))
			return false;
		client_drop(client, strerrordesc_np(answer.error));
		return false;
	}
	client->timer = sd_event_source_disable_unref(client->timer);
	client->server->registry->client_count++;
	client->server->changed(client->server->context);
	if (client->server->pressure &&
	    pressure_add(client->server->pressure, client->pid) < 0)
		log_warning("process %d: its cgroup is not watched: %m",
			    client->pid);
	log_debug("process %d: said hello", client->pid);
	return reply(client, &answer, &sign);
}

/* Makes room for a slot. */
static bool grow_slots(struct client *client, uint32_t slot)
{
	struct attachment **attachments;
	uint32_t end = client->slot_end ? client->slot_end : 8;

	if (slot < client->slot_end)
		return true;
	while (end <= slot)
		end *= 2;
	attachments = reallocarray(client->attachments, end,
				   sizeof(*attachments));
	if (!attachments)
		return false;
	memset(attachments + client->slot_end, 0,
	       (end - client->slot_end) * sizeof(*attachments));
	client->attachments = attachments;
	client->slot_end = end;
	return true;
}

static struct attachment *at_slot(const struct client *client, uint32_t slot)
{
	return slot < client->slot_end ? client->attachments[slot] : NULL;
}

/* Does what the request says of the process map lie in it? */
static bool is_in_procmap(const struct client *client,
			  const struct wire_request *request, uint64_t pages)
{
	uint64_t bytes = holdmap_bytes(pages);

	if (request->slot >= PROCMAP_SLOTS || request->watch < -1)
		return false;
	if (!request->hold_map)
		return true;
	return request->hold_map % PROCMAP_ALIGN == 0 &&
	       request->hold_map >= sizeof(struct procmap) &&
	       request->hold_map <= client->procmap_size &&
	       bytes <= client->procmap_size - request->hold_map;
}

/* To attach again. */
static int change(struct client *client, struct attachment *attachment,
		  const struct wire_request *request,
		  const struct region_file *file, int brought)
{
	struct registry *registry = client->server->registry;
	struct region *region = attachment->region;
	int error;

	if (region->dev != file->dev || region->ino != file->ino)
		return EINVAL;
	if (brought >= 0 && !region_has_pins(region, brought))
		return EBUSY;
	if (file->writable && !region->writable) {
		error = registry_upgrade(registry, region, file);
		if (error)
			return error;
	}
	attachment->hold_map = request->hold_map;
	attachment->writable |= file->writable;
	registry->watched -= attachment->watch >= 0;
	attachment->watch = request->watch;
	registry->watched += attachment->watch >= 0;
	return 0;
}

static int within_limits(const struct client *client, uint64_t pages)
{
	const struct settings *settings = client->server->settings;

	if (client->attached >= settings->regions_per_process)
		return EMFILE;
	if (pages > settings->pages_per_process ||
	    client->pages > settings->pages_per_process - pages)
		return EFBIG;
	return 0;
}

static int attach_new(struct client *client,
		      const struct wire_request *request,
		      const struct region_file *file, int brought)
{
	struct registry *registry = client->server->registry;
	struct attachment *attachment;
	int error = within_limits(client, file->pages);

	if (error)
		return error;
	if (!grow_slots(client, request->slot))
		return ENOMEM;
	attachment = malloc(sizeof(*attachment));
	if (!attachment)
		return ENOMEM;
	*attachment = (struct attachment){
		.client = client,
		.slot = request->slot,
		.hold_map = request->hold_map,
		.watch = request->watch,
		.writable = file->writable,
	};
	error = registry_attach(registry, attachment, file, brought);
	if (error) {
		free(attachment);
		return error;
	}
	client->attachments[request->slot] = attachment;
	client->attached++;
	client->pages += file->pages;
	/* An ended one's is in use again; what else it says stays. */
	if (atomic_load(&client->procmap->slots[request->slot]) ==
	    PROCMAP_ENDED)
		client_take_slot(attachment, 0);
	return 0;
}

/* Returns 0, a number of errno, or LATER. */
static int try_attach(struct client *client,
		      const struct wire_request *request,
		      const struct wire_fds *fds)
{
	struct attachment *attachment = at_slot(client, request->slot);
	int brought = fds->count == 2 ? fds->fd[1] : -1;
	struct region_file file;
	int error;

	if (!fds->count)
		return EINVAL;
	error = region_examine(&file, fds->fd[0]);
	if (error)
		return error;
	if (!is_in_procmap(client, request, file.pages))
		return EINVAL;
	if (attachment)
		return change(client, attachment, request, &file, brought);
	error = attach_new(client, request, &file, brought);
	if (error == EBUSY && client->tries < CLAIM_TRIES &&
	    !registry_find(client->server->registry, file.dev, file.ino))
		return LATER;
	return error;
}

static bool reply_attached(struct client *client,
			   const struct attachment *attachment)
{
	const struct region *region = attachment->region;
	struct wire_reply answer = {
		.type = WIRE_ATTACH,
		.pages = region->pages,
		.attachment = attachment->number,
	};
	struct wire_fds pins = { 1, { region->pins } };
	bool alive;

	if (attachment->writable)
		return reply(client, &answer, &pins);
	pins.fd[0] = pinfile_open_read_only(region->pins);
	if (pins.fd[0] < 0) {
		client_drop(client, "its pin map cannot be opened");
		return false;
	}
	alive = reply(client, &answer, &pins);
	wire_close(&pins);
	return alive;
}

static bool attach(struct client *client, const struct wire_request *request,
		   struct wire_fds *fds);

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
	struct client *client = context;
	struct wire_request request = client->request;
	struct wire_fds fds = client->fds;

	(void)source;
	(void)usec;
	client->fds.count = 0;
	if (attach(client, &request, &fds) && !client->tries)
		listen_to(client, true);
	return 0;
}

/* Keeps the descriptors. */
static bool try_again(struct client *client,
		      const struct wire_request *request, struct wire_fds *fds)
{
	client->timer = sd_event_source_disable_unref(client->timer);
	client->request = *request;
	client->fds = *fds;
	client->tries++;
	listen_to(client, false);
	if (sd_event_add_time_relative(client->server->event, &client->timer,
				       CLOCK_MONOTONIC, CLAIM_PAUSE, 0,
				       on_retry, client) >= 0)
		return true;
	client_drop(client, "no timer for it");
	return false;
}

static bool attach(struct client *client, const struct wire_request *request,
		   struct wire_fds *fds)
{
	struct server *server = client->server;
	int error = try_attach(client, request, fds);
	bool alive;

	if (error == LATER)
		return try_again(client, request, fds);
	wire_close(fds);
	client->tries = 0;
	if (error)
		return reply_error(client, WIRE_ATTACH, error);
	alive = reply_attached(client, at_slot(client, request->slot));
	server->changed(server->context);
	return alive;
}

static bool detach(struct client *client, const struct wire_request *request)
{
	struct attachment *attachment = at_slot(client, request->slot);

	if (attachment)
		client_end_attachment(client->server->registry, attachment);
	return reply_error(client, WIRE_DETACH, attachment ? 0 : EINVAL);
}

static void end_sweep(struct client *client)
{
	client->patience = sd_event_source_disable_unref(client->patience);
	sweep_free(client->sweep);
	client->sweep = NULL;
}

static int on_impatience(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	end_sweep(context);
	return 0;
}

/* One that stands still for long is given up: who asks for it to go on has it
 * begin anew. Without a timer that is so at once. */
static void let_stand(struct client *client)
{
	if (sd_event_add_time_relative(client->server->event,
				       &client->patience, CLOCK_MONOTONIC,
				       SWEEP_PATIENCE, 0, on_impatience,
				       client) < 0)
		end_sweep(client);
}

static int on_sweep(sd_event_source *source, void *context)
{
	struct client *client = context;
	struct wire_reply answer = { .type = client->request.type };
	bool done = sweep_step(client->sweep, client->server->registry);

	(void)source;
	answer.more = !done;
	if (!done && (answer.type != WIRE_PURGE_ALL ||
		      moment_now() - client->sweep_since < SWEEP_NANOSECONDS))
		return 0;
	answer.pages = sweep_take_pages(client->sweep);
	client->later = sd_event_source_disable_unref(client->later);
	if (done)
		end_sweep(client);
	else
		let_stand(client);
	client->server->changed(client->server->context);
	log_info("process %d: asked to purge, %ju pages%s", client->pid,
		 (uintmax_t)answer.pages, done ? "" : " so far");
	if (reply(client, &answer, NULL))
		listen_to(client, true);
	return 0;
}

/* Goes on with the client's sweep, NULL if there was no memory for it. */
static bool go_on_sweep(struct client *client,
			const struct wire_request *request)
{
	if (!client->sweep)
		return reply_error(client, request->type, ENOMEM);
	client->patience = sd_event_source_disable_unref(client->patience);
	client->sweep_since = moment_now();
	client->request = *request;
	listen_to(client, false);
	if (sd_event_add_defer(client->server->event, &client->later, on_sweep,
			       client) >= 0 &&
	    sd_event_source_set_enabled(client->later, SD_EVENT_ON) >= 0)
		return true;
	client_drop(client, "no memory for it");
	return false;
}

/* One that stands still may not be asked for any more. */
static bool begin_sweep(struct client *client,
			const struct wire_request *request,
			struct sweep *sweep)
{
	end_sweep(client);
	client->sweep = sweep;
	return go_on_sweep(client, request);
}

static bool purge_all(struct client *client, const struct wire_request *request)
{
	if (request->cursor && client->sweep)
		return go_on_sweep(client, request);
	return begin_sweep(client, request,
			   sweep_new(client->server->registry, client->uid));
}

/* Why a purge of this run cannot be: a number of errno, or 0. */
static int check_purge(struct region *region, const struct region_file *file,
		       const struct wire_request *request)
{
	if (!file->writable)
		return EACCES;
	if (request->first >= request->end || request->end > file->pages)
		return EINVAL;
	if (!region)
		return ENOENT;
	return region_may_purge(region) ? 0 : EBUSY;
}

/* Who can write a region can do worse than purge it. */
static bool purge_run(struct client *client, const struct wire_request *request,
		      const struct wire_fds *fds)
{
	struct region *region = NULL;
	struct region_file file;
	int error = EINVAL;

	if (fds->count == 1)
		error = region_examine(&file, fds->fd[0]);
	if (!error) {
		region = registry_find(client->server->registry, file.dev,
				       file.ino);
		error = check_purge(region, &file, request);
	}
	if (error)
		return reply_error(client, request->type, error);
	return begin_sweep(client, request,
			   sweep_region(region, request->first, request->end));
}

static bool list(struct client *client, const struct wire_request *request,
		 int refused)
{
	struct listing listing = { .type = WIRE_LIST, .error = refused };

	if (!refused)
		lister_fill(client, request->cursor, &listing);
	return send_packet(client, &listing, sizeof(listing), NULL);
}

static bool look(struct client *client, const struct wire_request *request)
{
	struct wire_reply answer = { .type = WIRE_LOOK };
	int pins = lister_pins(client, request->device, request->inode);
	struct wire_fds fds = { pins >= 0, { pins } };
	bool alive;

	answer.error = pins < 0 ? -pins : 0;
	alive = reply(client, &answer, &fds);
	wire_close(&fds);
	return alive;
}

/* What needs no hello. Root may look at every user's regions. */
static bool onlooker(struct client *client, const struct wire_request *request,
		     const struct wire_fds *fds)
{
	int refused = client->refused;

	if (refused == EPERM && !client->uid)
		refused = 0;
	/* It has said what it wants. */
	if (!client->procmap)
		client->timer = sd_event_source_disable_unref(client->timer);
	if (request->type == WIRE_LIST)
		return list(client, request, refused);
	if (!refused && request->type == WIRE_WATCH)
		refused = event_subscribe(client);
	if (refused || request->type == WIRE_WATCH)
		return reply_error(client, request->type, refused);
	return request->type == WIRE_LOOK ? look(client, request) :
					    purge_run(client, request, fds);
}

bool request_handle(struct client *client, const struct wire_request *request,
		    struct wire_fds *fds)
{
	bool alive = true;

	if (request->type == WIRE_ATTACH && client->procmap)
		return attach(client, request, fds);
	if (request->type == WIRE_HELLO) {
		alive = hello(client, request, fds);
	} else if (request->type == WIRE_DETACH && client->procmap) {
		alive = detach(client, request);
	} else if (request->type == WIRE_PURGE_ALL && client->procmap) {
		alive = purge_all(client, request);
	} else if (request->type >= WIRE_LIST && request->type <= WIRE_PURGE) {
		alive = onlooker(client, request, fds);
	} else {
		client_drop(client, "it does not speak this protocol");
		alive = false;
	}
	wire_close(fds);
	return alive;
}
