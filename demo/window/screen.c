// SPDX-License-Identifier: MIT
#include "screen.h"

#include "message.h"

#include <errno.h>
#include <unistd.h>

int screen_create(struct screen *screen, int width, int height)
{
	*screen = (struct screen){
		.latest = -1,
		.viewer = -1,
		.with_viewer = -1,
	};
	for (int i = 0; i < SCREEN_BUFFERS; i++)
		if (buffer_create(&screen->buffers[i], "screen", width,
				  height)) {
			screen_destroy(screen);
			return -1;
		}
	return 0;
}

static void remove_viewer(struct screen *screen)
{
	if (screen->viewer >= 0)
		close(screen->viewer);
	screen->viewer = -1;
	screen->with_viewer = -1;
}

void screen_destroy(struct screen *screen)
{
	remove_viewer(screen);
	for (int i = 0; i < SCREEN_BUFFERS; i++)
		buffer_destroy(&screen->buffers[i]);
}

int screen_begin(struct screen *screen)
{
	int i = 0;

	/* One is always free: screen_keep() sees to it. */
	while (i == screen->latest || i == screen->with_viewer ||
	       screen->kept[i])
		i++;
	buffer_begin(&screen->buffers[i], screen->frame + 1);
	return i;
}

/* Tells the viewer of the latest frame, if it waits for one. */
static void tell_viewer(struct screen *screen)
{
	const struct message message = {
		.kind = MESSAGE_PRESENT,
		.buffer = (uint32_t)screen->latest,
		.generation = screen->frame,
	};

	if (screen->viewer < 0 || screen->with_viewer >= 0 ||
	    screen->latest < 0)
		return;
	if (message_send(screen->viewer, &message)) {
		remove_viewer(screen);
		return;
	}
	screen->with_viewer = screen->latest;
	screen->viewed++;
}

void screen_show(struct screen *screen, int buffer)
{
	screen->frame++;
	buffer_end(&screen->buffers[buffer], screen->frame);
	screen->latest = buffer;
	tell_viewer(screen);
}

int screen_keep(struct screen *screen)
{
	int kept = 0;

	for (int i = 0; i < SCREEN_BUFFERS; i++)
		kept += screen->kept[i];
	/* Beside the latest, the viewer's, and one to write. */
	if (screen->latest < 0 || kept >= SCREEN_BUFFERS - 3)
		return -1;
	screen->kept[screen->latest] = true;
	return screen->latest;
}

void screen_drop(struct screen *screen, int buffer)
{
	screen->kept[buffer] = false;
}

int screen_add_viewer(struct screen *screen, int socket)
{
	screen->viewer = socket;
	for (int i = 0; i < SCREEN_BUFFERS; i++)
		if (message_send_region(socket, screen->buffers[i].region)) {
			int error = errno;

			remove_viewer(screen);
			errno = error;
			return -1;
		}
	tell_viewer(screen);
	return 0;
}

void screen_read_viewer(struct screen *screen)
{
	struct message message;

	if (message_receive(screen->viewer, &message)) {
		if (errno != EAGAIN)
			remove_viewer(screen);
		return;
	}
	if (message.kind != MESSAGE_RELEASE ||
	    (int)message.buffer != screen->with_viewer) {
		remove_viewer(screen);
		return;
	}
	screen->with_viewer = -1;
	tell_viewer(screen);
}
