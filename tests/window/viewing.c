// SPDX-License-Identifier: MIT
/* A viewer has a frame to itself until it gives it back, and nobody waits. */
#include "suites.h"

#include "painter.h"

#include "../tap.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct viewer {
	int socket;
	struct buffer buffers[SCREEN_BUFFERS];
};

/* Becomes the viewer of a screen, in this process. */
static bool view(struct viewer *viewer, struct screen *screen)
{
	struct ashmem_region *region;
	int ends[2];

	*viewer = (struct viewer){ .socket = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	viewer->socket = ends[1];
	if (screen_add_viewer(screen, ends[0]))
		return false;
	for (int i = 0; i < SCREEN_BUFFERS; i++)
		if (ashmem_region_receive(&region, viewer->socket) ||
		    buffer_map(&viewer->buffers[i], region, WIDTH, HEIGHT))
			return false;
	return true;
}

static void leave(struct viewer *viewer)
{
	for (int i = 0; i < SCREEN_BUFFERS; i++)
		buffer_destroy(&viewer->buffers[i]);
	close(viewer->socket);
}

static void release(const struct viewer *viewer, uint32_t buffer)
{
	const struct message message = {
		.kind = MESSAGE_RELEASE, .buffer = buffer,
	};

	message_send(viewer->socket, &message);
}

static void test_frames(struct refresh *refresh, struct viewer *viewer)
{
	struct screen *screen = &refresh->screen;
	struct message first, second;

	tap_ok(!message_receive(viewer->socket, &first) &&
	       first.kind == MESSAGE_PRESENT, "a viewer is told of a frame");
	for (int i = 0; i < 50; i++)
		painter_step(refresh);
	tap_ok(buffer_is_of(&viewer->buffers[first.buffer], first.generation),
	       "while it looks, nothing is written into that frame");
	tap_ok(message_receive(viewer->socket, &second) && errno == EAGAIN,
	       "it is told of no other");
	release(viewer, first.buffer);
	screen_read_viewer(screen);
	tap_ok(!message_receive(viewer->socket, &second) &&
	       second.generation == screen->frame &&
	       buffer_is_of(&viewer->buffers[second.buffer], screen->frame),
	       "once it gives it back, it is told of the latest");
	tap_ok(ashmem_region_map(viewer->buffers[0].region, 0,
				 PROT_READ | PROT_WRITE, MAP_SHARED, 0) ==
	       MAP_FAILED && (errno == EPERM || errno == EACCES),
	       "it cannot map the screen for writing");
	release(viewer, second.buffer == 0 ? 1 : 0);
	screen_read_viewer(screen);
	tap_ok(screen->viewer < 0, "one that gives back another is let go");
}

static void test_keeping(struct refresh *refresh)
{
	struct screen *screen = &refresh->screen;
	int kept[SCREEN_BUFFERS], count = 0;
	uint64_t frames[SCREEN_BUFFERS];
	bool same = true;

	while ((kept[count] = screen_keep(screen)) >= 0) {
		frames[count++] = screen->frame;
		painter_step(refresh);
	}
	for (int i = 0; i < 50; i++)
		painter_step(refresh);
	for (int i = 0; i < count; i++) {
		same &= buffer_is_of(&screen->buffers[kept[i]], frames[i]);
		screen_drop(screen, kept[i]);
	}
	tap_ok(count > 0 && same, "frames that are kept stay as they are");
}

void test_viewing(void)
{
	struct refresh refresh;
	struct viewer viewer;
	pid_t client;

	painter_open(&refresh);
	client = painter_start(&refresh, 0, FAULT_NONE);
	painter_await(&refresh, 0, WINDOW_LIVE);
	if (tap_ok(view(&viewer, &refresh.screen), "a viewer has the screen"))
		test_frames(&refresh, &viewer);
	test_keeping(&refresh);
	leave(&viewer);
	painter_end(client);
	refresh_close(&refresh);
}
