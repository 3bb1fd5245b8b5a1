// SPDX-License-Identifier: MIT
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The number of all devices that are listed there. */
#define MISC		"/proc/misc"
#define MISC_MAJOR	10

#define MODULES		"/lib/modules/%s/modules.dep"
#define DKMS		"/var/lib/dkms/ashmem"
#define LOAD		"sudo modprobe ashmem"
#define BUILD		"sudo apt-get install linux-headers-$(uname -r) && " \
			"sudo dkms autoinstall && " LOAD
#define BUILD_HERE	"make -C driver && sudo insmod driver/ashmem.ko"

/* The minor number that the driver was given, or -1 if it is not loaded. */
static int find_minor(void)
{
	FILE *file = fopen(MISC, "re");
	int number, minor = -1;
	char name[32];

	if (!file)
		return -1;
	while (minor < 0 && fscanf(file, "%d %31s", &number, name) == 2)
		if (!strcmp(name, "ashmem"))
			minor = number;
	fclose(file);
	return minor;
}

static bool is_drivers(const struct stat *status)
{
	int minor = find_minor();

	return S_ISCHR(status->st_mode) &&
	       (minor < 0 || status->st_rdev == makedev(MISC_MAJOR, minor));
}

void node_look(struct node *node)
{
	int fd;

	*node = (struct node){ 0 };
	node->there = stat(NODE, &node->status) == 0;
	if (!node->there) {
		node->error = errno;
		return;
	}
	node->device = is_drivers(&node->status);
	if (!S_ISCHR(node->status.st_mode)) {
		node->error = ENODEV;
		return;
	}
	fd = open(NODE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		node->error = errno;
	else
		close(fd);
}

bool node_has_boot_id_name(const struct node *node)
{
	char path[sizeof(NODE) + 64] = NODE, *end = path + strlen(NODE);
	FILE *file = fopen(NODE_BOOT_ID, "re");
	struct stat named;
	bool read;

	if (!file)
		return false;
	read = fgets(end, sizeof(path) - strlen(NODE), file);
	fclose(file);
	end[strcspn(end, "\n")] = '\0';
	return read && stat(path, &named) == 0 && S_ISCHR(named.st_mode) &&
	       named.st_rdev == node->status.st_rdev;
}

/* Does modprobe(8) find the driver for this kernel? */
static bool is_installed(void)
{
	char path[sizeof(MODULES) + sizeof(((struct utsname *)0)->release)];
	char *line = NULL;
	bool found = false;
	struct utsname kernel;
	size_t room = 0;
	FILE *file;

	uname(&kernel);
	snprintf(path, sizeof(path), MODULES, kernel.release);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		line[strcspn(line, ":")] = '\0';
		found = strstr(line, "/ashmem.ko");
	}
	free(line);
	fclose(file);
	return found;
}

/* Where nothing is in its place. */
static void make_node(char *command, size_t size)
{
	int minor = find_minor();

	if (minor >= 0)
		snprintf(command, size, "sudo mknod -m 0666 " NODE " c %d %d",
			 MISC_MAJOR, minor);
	else if (is_installed())
		snprintf(command, size, LOAD);
	else if (access(DKMS, F_OK) == 0)
		snprintf(command, size, BUILD);
	else
		snprintf(command, size, BUILD_HERE);
}

void node_mend(const struct node *node, char command[NODE_COMMAND])
{
	static const char away[] = "sudo rm -r " NODE " && ";
	size_t length = strlen(away);

	if (!node->there) {
		make_node(command, NODE_COMMAND);
	} else if (node->device && node->error == EACCES) {
		strcpy(command, "sudo chmod 0666 " NODE);
	} else if (node->device && node->error == EPERM) {
		/* By the rules of a container's cgroup. */
		strcpy(command, "docker run --device " NODE " IMAGE");
	} else {
		memcpy(command, away, length);
		make_node(command + length, NODE_COMMAND - length);
	}
}
