/* SPDX-License-Identifier: MIT */
#ifndef ASHMEM_TESTS_CONTAINER_CONTAINER_H
#define ASHMEM_TESTS_CONTAINER_CONTAINER_H

/* What the container's root is outside, where it has a user namespace. */
#define CONTAINER_FIRST_UID	100000
#define CONTAINER_UIDS		65536

/* An app's, inside. */
#define CONTAINER_APP_UID	10057

/**
 * enum container_kind - what the container has for itself
 * @CONTAINER_PRIVILEGED: processes, mounts and a root directory, as redroid with
 *			  --privileged and Waydroid
 * @CONTAINER_USERS:	  users as well
 */
enum container_kind {
	CONTAINER_PRIVILEGED,
	CONTAINER_USERS,
};

/**
 * enum container_nodes - what is in its /dev
 * @CONTAINER_BOTH:    the device by both its names
 * @CONTAINER_OLD:     only by the old one
 * @CONTAINER_BOOT_ID: only by the one with the boot id
 * @CONTAINER_LINK:    by the old one, and a link to that by the other
 * @CONTAINER_NONE:    no device
 * @CONTAINER_FILE:    an empty file by the name with the boot id
 * @CONTAINER_OTHER:   another device by that name
 */
enum container_nodes {
	CONTAINER_BOTH,
	CONTAINER_OLD,
	CONTAINER_BOOT_ID,
	CONTAINER_LINK,
	CONTAINER_NONE,
	CONTAINER_FILE,
	CONTAINER_OTHER,
};

/**
 * container_run - runs a function as an app in a container of its own
 * @kind:   what the container has for itself
 * @nodes:  what is in its /dev, put there by bind mounts
 * @inside: what runs there, as user CONTAINER_APP_UID and without privileges
 *
 * Beside that it has only /proc.
 *
 * Return: what @inside returns, from 0 to 255; the program ends if there cannot
 * be a container.
 */
int container_run(enum container_kind kind, enum container_nodes nodes,
		  int (*inside)(void));

#endif /* ASHMEM_TESTS_CONTAINER_CONTAINER_H */
