// SPDX-License-Identifier: MIT
/*
 * The publisher owns the cache: it makes the area, fills it, hands it out, lets
 * go of it, and mends it afterwards. All that a program needs to do to use
 * ashmem is in this file.
 *
 * Its cues: publish, unpin, look, pin, mend.
 */
#include "roles.h"

#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ashmem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * struct cache - the area, as its owner sees it
 * @stage:  where to report
 * @source: what it is made from
 * @fd:     of the area
 * @bytes:  the mapped content
 * @size:   of the content
 * @page:   the size of a page
 * @pages:  of the area
 * @gone:   for each page, whether it was purged
 */
struct cache {
	int stage;
	const struct source *source;
	int fd;
	char *bytes;
	size_t size;
	size_t page;
	size_t pages;
	bool *gone;
};

__attribute__((noreturn))
static void fail(const struct cache *cache, const char *what)
{
	actor_fail(cache->stage, "%s: %s", what, strerror(errno));
}

static void make_area(struct cache *cache)
{
	cache->fd = open("/dev/ashmem", O_RDWR | O_CLOEXEC);
	if (cache->fd < 0)
		fail(cache, "/dev/ashmem");
	if (ioctl(cache->fd, ASHMEM_SET_NAME, "demo") < 0)
		fail(cache, "ASHMEM_SET_NAME");
	if (ioctl(cache->fd, ASHMEM_SET_SIZE, cache->size) < 0)
		fail(cache, "ASHMEM_SET_SIZE");
	cache->bytes = mmap(NULL, cache->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED, cache->fd, 0);
	if (cache->bytes == MAP_FAILED)
		fail(cache, "mmap");
	/* Whoever maps it from now on may only read. */
	if (ioctl(cache->fd, ASHMEM_SET_PROT_MASK, PROT_READ) < 0)
		fail(cache, "ASHMEM_SET_PROT_MASK");
}

static void hand_over(const struct cache *cache, int socket)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec byte = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(cache->fd));
	memcpy(CMSG_DATA(&control.header), &cache->fd, sizeof(cache->fd));
	if (sendmsg(socket, &message, MSG_NOSIGNAL) != 1)
		fail(cache, "sendmsg");
}

/* Fills in what the kernel says of the area's pages. */
static void look(const struct cache *cache, struct report *report)
{
	struct area_pages *area = &report->area;
	char path[64], line[512];
	int found = 0;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", cache->fd);
	info = fopen(path, "re");
	if (!info)
		fail(cache, path);
	while (fgets(line, sizeof(line), info)) {
		found += sscanf(line, "ashmem-pinned: %lu",
				&area->pinned) == 1;
		found += sscanf(line, "ashmem-unpinned: %lu",
				&area->unpinned) == 1;
		found += sscanf(line, "ashmem-purged: %lu",
				&area->purged) == 1;
	}
	fclose(info);
	if (found != 3)
		actor_fail(cache->stage, "%s does not tell the pages pinned, "
			   "unpinned and purged", path);
}

static void publish(struct cache *cache, int socket, struct report *report)
{
	make_area(cache);
	if (source_read(cache->source, cache->bytes, cache->size, 0))
		fail(cache, "cannot read the file");
	actor_show_maps(cache->stage, cache->bytes, report);
	hand_over(cache, socket);
}

static void unpin(const struct cache *cache)
{
	struct ashmem_pin all = { .offset = 0, .len = 0 };

	if (ioctl(cache->fd, ASHMEM_UNPIN, &all) < 0)
		fail(cache, "ASHMEM_UNPIN");
}

/* Pinning page by page tells which pages are gone, not only that some are. */
static void pin(struct cache *cache, struct report *report)
{
	for (size_t page = 0; page < cache->pages; page++) {
		struct ashmem_pin one = {
			.offset = (__u32)(page * cache->page),
			.len = (__u32)cache->page,
		};
		int purged = ioctl(cache->fd, ASHMEM_PIN, &one);

		if (purged < 0)
			fail(cache, "ASHMEM_PIN");
		cache->gone[page] = purged == ASHMEM_WAS_PURGED;
		report->pages += cache->gone[page];
	}
}

static void mend(struct cache *cache, struct report *report)
{
	for (size_t page = 0; page < cache->pages; page++) {
		size_t at = page * cache->page;
		size_t part = cache->size - at;

		if (!cache->gone[page])
			continue;
		if (part > cache->page)
			part = cache->page;
		if (source_read(cache->source, cache->bytes + at, part, at))
			fail(cache, "cannot read the file again");
		report->pages++;
	}
}

/* Ends a step: adds the time since @start and the state of the area. */
static void tell(const struct cache *cache, struct report *report, double start)
{
	report->ms = milliseconds() - start;
	look(cache, report);
	actor_tell(cache->stage, report);
	*report = (struct report){ 0 };
	actor_wait(cache->stage);
}

void play_publisher(int stage, const void *with)
{
	const struct props *props = with;
	struct report report = { 0 };
	struct cache cache = {
		.stage = stage,
		.source = &props->source,
		.size = source_total(&props->source),
		.page = (size_t)sysconf(_SC_PAGESIZE),
	};
	double start;

	cache.pages = (cache.size + cache.page - 1) / cache.page;
	cache.gone = calloc(cache.pages, sizeof(*cache.gone));
	if (!cache.gone)
		fail(&cache, "calloc");
	actor_wait(stage);

	start = milliseconds();
	publish(&cache, props->to_reader, &report);
	tell(&cache, &report, start);

	start = milliseconds();
	unpin(&cache);
	tell(&cache, &report, start);

	start = milliseconds();
	tell(&cache, &report, start);

	start = milliseconds();
	pin(&cache, &report);
	tell(&cache, &report, start);

	start = milliseconds();
	mend(&cache, &report);
	tell(&cache, &report, start);
}
