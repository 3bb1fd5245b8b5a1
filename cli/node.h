/* SPDX-License-Identifier: MIT */
/* The node of the device: what is there in its place, and what mends it. */
#ifndef ASHMEM_CLI_NODE_H
#define ASHMEM_CLI_NODE_H

#include <stdbool.h>
#include <sys/stat.h>

#define NODE		"/dev/ashmem"
#define NODE_BOOT_ID	"/proc/sys/kernel/random/boot_id"

/* Room for a command of node_mend(). */
#define NODE_COMMAND	256

/**
 * struct node - see above
 * @there:  there is something
 * @device: it is a character device, and the driver's as far as can be told
 * @error:  why it cannot be opened, a number of errno; or 0
 * @status: of what is there
 */
struct node {
	bool there;
	bool device;
	int error;
	struct stat status;
};

void node_look(struct node *node);

/* Is the same device there by the name that has the boot id in it? */
bool node_has_boot_id_name(const struct node *node);

/* The command that gets a device that can be opened there. */
void node_mend(const struct node *node, char command[NODE_COMMAND]);

#endif /* ASHMEM_CLI_NODE_H */
