// SPDX-License-Identifier: MIT
/*
 * Shows the screen of the window refresh in a window of the desktop. It maps
 * the screen's buffers read-only, as the compositor does those of its clients.
 *
 * Usage: window-view SOCKET; window-refresh starts it.
 */
#include "buffer.h"
#include "geometry.h"
#include "message.h"
#include "screen.h"

#include <SDL.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So often is the desktop asked for events while there is no frame. */
#define LOOK_MS		20

struct view {
	int socket;
	struct buffer buffers[SCREEN_BUFFERS];
	SDL_Window *window;
	SDL_Renderer *renderer;
	SDL_Texture *texture;
};

__attribute__((noreturn))
static void fail(const char *what, const char *why)
{
	fprintf(stderr, "window-view: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static void receive_screen(struct view *view)
{
	for (int i = 0; i < SCREEN_BUFFERS; i++) {
		struct ashmem_region *region;

		if (ashmem_region_receive(&region, view->socket))
			fail("cannot receive the screen", strerror(errno));
		if (buffer_map(&view->buffers[i], region, SCREEN_WIDTH,
			       SCREEN_HEIGHT))
			fail("cannot map the screen", strerror(errno));
	}
}

static void open_window(struct view *view)
{
	if (SDL_Init(SDL_INIT_VIDEO))
		fail("cannot use the display", SDL_GetError());
	view->window = SDL_CreateWindow("The window refresh",
					SDL_WINDOWPOS_CENTERED,
					SDL_WINDOWPOS_CENTERED, SCREEN_WIDTH,
					SCREEN_HEIGHT, 0);
	if (!view->window)
		fail("cannot open a window", SDL_GetError());
	view->renderer = SDL_CreateRenderer(view->window, -1, 0);
	if (!view->renderer)
		fail("cannot draw", SDL_GetError());
	view->texture = SDL_CreateTexture(view->renderer,
					  SDL_PIXELFORMAT_RGB888,
					  SDL_TEXTUREACCESS_STREAMING,
					  SCREEN_WIDTH, SCREEN_HEIGHT);
	if (!view->texture)
		fail("cannot draw", SDL_GetError());
}

/* Gives the buffer back as soon as the desktop has its pixels. */
static void show(struct view *view, const struct message *frame)
{
	const struct message done = {
		.kind = MESSAGE_RELEASE,
		.buffer = frame->buffer,
	};
	const struct canvas *canvas = &view->buffers[frame->buffer].canvas;

	SDL_UpdateTexture(view->texture, NULL, canvas->pixels,
			  canvas->stride * (int)sizeof(pixel));
	if (message_send(view->socket, &done))
		exit(EXIT_SUCCESS);
	SDL_RenderCopy(view->renderer, view->texture, NULL, NULL);
	SDL_RenderPresent(view->renderer);
}

/* Ends the process when the compositor has gone. */
static void take_frame(struct view *view)
{
	struct message message;

	if (message_receive(view->socket, &message)) {
		if (errno == ECONNRESET)
			exit(EXIT_SUCCESS);
		return;
	}
	if (message.kind == MESSAGE_PRESENT && message.buffer < SCREEN_BUFFERS)
		show(view, &message);
}

int main(int argc, char **argv)
{
	struct view view = { 0 };
	struct pollfd source = { .events = POLLIN };
	SDL_Event event;

	if (argc != 2)
		fail("usage", "window-refresh starts it");
	view.socket = atoi(argv[1]);
	receive_screen(&view);
	open_window(&view);
	source.fd = view.socket;
	for (;;) {
		while (SDL_PollEvent(&event))
			if (event.type == SDL_QUIT)
				return EXIT_SUCCESS;
		if (poll(&source, 1, LOOK_MS) > 0)
			take_frame(&view);
	}
}
