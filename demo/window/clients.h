/* SPDX-License-Identifier: MIT */
/* The processes behind the windows: started, ended, and started again. */
#ifndef DEMO_WINDOW_CLIENTS_H
#define DEMO_WINDOW_CLIENTS_H

#include "refresh.h"

#include "../actor.h"

/**
 * struct clients
 * @actors:  their processes; the pid is 0 of one that has none
 * @picture: the region with the picture, for the content
 * @cgroup:  where their memory is charged, or NULL
 */
struct clients {
	struct actor actors[WINDOWS];
	struct ashmem_region *picture;
	const char *cgroup;
};

extern const struct place clients_places[WINDOWS];

/* Reads a picture into the region that the content is sent. What fails ends the
 * demo. Returns how large the picture in the file is. */
struct canvas clients_read_picture(struct clients *clients, const char *path);

/* Starts the client of a window. What fails ends the demo. */
void clients_start(struct clients *clients, struct refresh *refresh,
		   int window);

/* Ends the client of a window for good; it may have ended by itself. */
void clients_end(struct clients *clients, int window);

void clients_clear(struct clients *clients);

/* What the process of a client does: argv is "--client", the number of a
 * window, and of a socket. */
__attribute__((noreturn))
void clients_play(char **argv);

#endif /* DEMO_WINDOW_CLIENTS_H */
