// SPDX-License-Identifier: MIT
#include "clients.h"

#include "client.h"
#include "content.h"
#include "geometry.h"
#include "picture.h"
#include "process.h"
#include "scale.h"

#include "../telling.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

const struct place clients_places[WINDOWS] = {
	[STATUS] = { "status bar", 0, 0, SCREEN_WIDTH, STATUS_HEIGHT },
	[CONTENT] = { "content", 0, STATUS_HEIGHT, SCREEN_WIDTH,
		      CONTENT_HEIGHT },
	[NAVIGATION] = { "navigation bar", 0, SCREEN_HEIGHT - NAVIGATION_HEIGHT,
			 SCREEN_WIDTH, NAVIGATION_HEIGHT },
};

struct canvas clients_read_picture(struct clients *clients, const char *path)
{
	const size_t bytes = SOURCE_WIDTH * SOURCE_HEIGHT * sizeof(pixel);
	struct canvas read, size, to = {
		.width = SOURCE_WIDTH,
		.height = SOURCE_HEIGHT,
		.stride = SOURCE_WIDTH,
	};
	const char *wrong = picture_read(&read, path);

	if (wrong)
		fail("%s: %s: choose a PICTURE that is a PNG or JPEG file",
		     path, wrong);
	size = read;
	if (ashmem_region_create(&clients->picture, "picture", bytes))
		fail("cannot make a region: %s", strerror(errno));
	to.pixels = ashmem_region_map(clients->picture, 0,
				      PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	if (to.pixels == MAP_FAILED)
		fail("cannot map a region: %s", strerror(errno));
	scale_to_cover(&to, &read);
	ashmem_region_unmap(clients->picture, to.pixels, bytes);
	picture_free(&read);
	size.pixels = NULL;
	return size;
}

void clients_start(struct clients *clients, struct refresh *refresh, int window)
{
	static const char *const numbers[WINDOWS] = { "0", "1", "2" };
	const char *argv[] = { "/proc/self/exe", "--client", numbers[window],
			       NULL, NULL };
	struct actor *actor = &clients->actors[window];
	int socket;

	actor->name = clients_places[window].name;
	actor->pid = process_start(&socket, clients->cgroup, argv);
	if (actor->pid < 0) {
		actor->pid = 0;
		fail("cannot start the %s: %s", actor->name, strerror(errno));
	}
	/* One that has ended already is lost like any other. */
	if ((refresh_attach(refresh, window, socket) ||
	     (window == CONTENT &&
	      message_send_region(socket, clients->picture))) &&
	    errno != EPIPE && errno != ECONNRESET)
		fail("cannot send the %s its regions: %s", actor->name,
		     strerror(errno));
}

void clients_end(struct clients *clients, int window)
{
	struct actor *actor = &clients->actors[window];

	if (!actor->pid)
		return;
	kill(actor->pid, SIGKILL);
	waitpid(actor->pid, NULL, 0);
	actor->pid = 0;
}

void clients_clear(struct clients *clients)
{
	for (int i = 0; i < WINDOWS; i++)
		clients_end(clients, i);
	ashmem_region_close(clients->picture);
	clients->picture = NULL;
}

void clients_play(char **argv)
{
	static void (*const play[])(int socket, int width, int height) = {
		[STATUS] = play_status,
		[CONTENT] = play_content,
		[NAVIGATION] = play_navigation,
	};
	int window = atoi(argv[1]) % WINDOWS;
	const struct place *place = &clients_places[window];

	prctl(PR_SET_NAME, place->name);
	play[window](atoi(argv[2]), place->width, place->height);
	abort();
}
