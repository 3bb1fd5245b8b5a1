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
 * container_run - runs a function as an app in a container of its own
 * @kind:   what the container has for itself
 * @inside: what runs there, as user CONTAINER_APP_UID and without privileges
 *
 * The container has /proc, and in /dev only the device by both its names, put
 * there by bind mounts.
 *
 * Return: what @inside returns, from 0 to 255; the program ends if there cannot
 * be a container.
 */
int container_run(enum container_kind kind, int (*inside)(void));

#endif /* ASHMEM_TESTS_CONTAINER_CONTAINER_H */
