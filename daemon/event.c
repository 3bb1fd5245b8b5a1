// SPDX-License-Identifier: MIT
#include "event.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client.h"
#include "registry.h"
#include "server.h"

/* Each costs time at every event. */
#define WATCHERS_PER_USER	16

bool event_is_for(const struct registry *registry, const struct client *client,
		  const struct region *region)
{
	const struct attachment *attachment = region->attachments;

	if (!registry->machine || !client->uid)
		return true;
	for (; attachment; attachment = attachment->next)
		if (attachment->client->uid == client->uid)
			return true;
	return false;
}

int event_subscribe(struct client *client)
{
	struct registry *registry = client->server->registry;
	const struct client *other;
	unsigned int count = 0;

	if (client->is_watcher)
		return EALREADY;
	TAILQ_FOREACH(other, &registry->watchers, watchers)
		count += other->uid == client->uid;
	if (count >= WATCHERS_PER_USER)
		return EBUSY;
	client->is_watcher = true;
	TAILQ_INSERT_TAIL(&registry->watchers, client, watchers);
	return 0;
}

void event_unsubscribe(struct client *client)
{
	if (client->is_watcher)
		TAILQ_REMOVE(&client->server->registry->watchers, client,
			     watchers);
	client->is_watcher = false;
}

/* That it hangs up is seen where its socket is read. */
static void send_to(struct client *client, struct listing_event *event)
{
	event->lost = client->lost;
	if (wire_send(client->socket, event, sizeof(*event), NULL) == 0) {
		client->lost = 0;
		return;
	}
	client->lost += event->kind != LISTING_LOST;
	sd_event_source_set_io_events(client->input, EPOLLIN | EPOLLOUT);
}

static uint32_t count_attachments(const struct region *region)
{
	const struct attachment *attachment = region->attachments;
	uint32_t count = 0;

	for (; attachment; attachment = attachment->next)
		count++;
	return count;
}

void event_tell(struct registry *registry, const struct region *region,
		enum listing_kind kind, const struct client *whose,
		uint64_t pages)
{
	struct listing_event event = {
		.type = WIRE_EVENT,
		.kind = kind,
		.device = region->dev,
		.inode = region->ino,
		.pages = kind == LISTING_PURGE ? pages : region->pages,
		.pid = whose ? whose->pid : 0,
	};
	struct client *client;

	if (TAILQ_EMPTY(&registry->watchers))
		return;
	event.attached = count_attachments(region) -
			 (kind == LISTING_RELEASE);
	memfd_name_of(region->fd, event.name);
	TAILQ_FOREACH(client, &registry->watchers, watchers)
		if (event_is_for(registry, client, region))
			send_to(client, &event);
}

void event_go_on(struct client *client)
{
	struct listing_event event = {
		.type = WIRE_EVENT,
		.kind = LISTING_LOST,
	};

	sd_event_source_set_io_events(client->input, EPOLLIN);
	if (client->lost)
		send_to(client, &event);
}
