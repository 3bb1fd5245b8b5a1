// SPDX-License-Identifier: MIT
#include "sighting.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "memfdname.h"

/* Either engine's, in a link or a mapping; the node's name may have the boot id
 * in it, and be anywhere in a container. */
#define MEMFD_BEGIN	"/memfd:"
#define AREA_PART	"/ashmem"
#define AREA_MAPPED	"/dev/ashmem/"

static int add(struct sightings *sightings, const struct sighting *sighting)
{
	struct sighting *items;
	size_t room = sightings->room ? sightings->room * 2 : 64;

	if (sightings->count == sightings->room) {
		items = reallocarray(sightings->items, room, sizeof(*items));
		if (!items)
			return -1;
		sightings->items = items;
		sightings->room = room;
	}
	sightings->items[sightings->count++] = *sighting;
	return 0;
}

/* The number that a name is; -1 if it is none. */
static long number_of(const char *name)
{
	char *end;
	long number;

	if (!isdigit((unsigned char)*name))
		return -1;
	number = strtol(name, &end, 10);
	return *end ? -1 : number;
}

/*
 * What fdinfo says of an area: a key, a colon, a tab and a value a line.
 */

static void unescape(const char *value, char *name)
{
	size_t length = 0;
	unsigned int octal;

	while (*value && *value != '\n' && length < ASHMEM_NAME_LEN - 1) {
		if (*value == '\\' && sscanf(value + 1, "%3o", &octal) == 1) {
			name[length++] = octal;
			value += strlen("\\ooo");
		} else {
			name[length++] = *value++;
		}
	}
	name[length] = '\0';
}

static int protection_of(const char *letters)
{
	return (letters[0] == 'r' ? PROT_READ : 0) |
	       (letters[1] == 'w' ? PROT_WRITE : 0) |
	       (letters[2] == 'x' ? PROT_EXEC : 0);
}

static void take_line(const char *line, struct area *area)
{
	const char *value = strchr(line, '\t');
	size_t key;
	const struct {
		const char *key;
		uint64_t *number;
	} numbers[] = {
		{ "ashmem-size:", &area->size },
		{ "ashmem-inode:", &area->inode },
		{ "ashmem-resident:", &area->resident },
		{ "ashmem-unpinned:", &area->unpinned },
		{ "ashmem-purged:", &area->purged },
	};

	if (!value)
		return;
	key = value++ - line;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (key == strlen(numbers[i].key) &&
		    !strncmp(line, numbers[i].key, key))
			*numbers[i].number = strtoull(value, NULL, 10);
	if (!strncmp(line, "ashmem-name:", key))
		unescape(value, area->name);
	else if (!strncmp(line, "ashmem-prot:", key))
		area->protection = protection_of(value);
	else if (!strncmp(line, "flags:", key))
		area->writable = strtoul(value, NULL, 8) & (O_RDWR | O_WRONLY);
}

bool area_read(pid_t pid, int fd, struct area *area)
{
	/* A name of 255 characters that are all escaped. */
	char line[ASHMEM_NAME_LEN * 4 + 32];
	bool found = false;
	sighting_path path;
	FILE *file;

	*area = (struct area){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		found |= !strncmp(line, "ashmem-name:", strlen("ashmem-name:"));
		take_line(line, area);
	}
	fclose(file);
	return found;
}

/*
 * Descriptors.
 */

static bool describe_memfd(struct sighting *sighting, int directory,
			   const char *name)
{
	struct stat target, link;

	if (fstatat(directory, name, &target, 0) < 0 ||
	    fstatat(directory, name, &link, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(target.st_mode))
		return false;
	sighting->engine = ASHMEM_ENGINE_PORTABLE;
	sighting->device = target.st_dev;
	sighting->inode = target.st_ino;
	/* The link has the mode of the descriptor. */
	sighting->writable = link.st_mode & S_IWUSR;
	return true;
}

static bool describe_area(struct sighting *sighting)
{
	struct area area;

	if (!area_read(sighting->pid, sighting->fd, &area))
		return false;
	sighting->engine = ASHMEM_ENGINE_DEVICE;
	sighting->inode = area.inode;
	sighting->writable = area.writable;
	return true;
}

/* Of the process whose /proc/PID/fd this is. Returns false if it is neither. */
static bool describe(struct sighting *sighting, int directory,
		     const char *name, pid_t pid)
{
	char link[MEMFD_LINK_LEN];
	ssize_t length = readlinkat(directory, name, link, sizeof(link) - 1);

	*sighting = (struct sighting){ .pid = pid, .fd = number_of(name) };
	if (length < 0 || sighting->fd < 0)
		return false;
	link[length] = '\0';
	if (!strncmp(link, MEMFD_BEGIN, strlen(MEMFD_BEGIN)))
		return describe_memfd(sighting, directory, name);
	return strstr(link, AREA_PART) && describe_area(sighting);
}

static int see_descriptors(struct sightings *sightings, int directory,
			   DIR *list, pid_t pid)
{
	struct sighting sighting;
	struct dirent *entry;
	int result = 0;

	while (result == 0 && (entry = readdir(list)))
		if (describe(&sighting, directory, entry->d_name, pid))
			result = add(sightings, &sighting);
	return result;
}

bool sighting_at(const char *name, struct sighting *sighting)
{
	int pid, fd, directory;
	sighting_path path;
	bool found;

	/* As it is written, and no other number that it overflows to. */
	if (sscanf(name, "%d/%d", &pid, &fd) != 2)
		return false;
	snprintf(path, sizeof(path), "%d/%d", pid, fd);
	if (strcmp(path, name))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return false;
	found = describe(sighting, directory, strchr(name, '/') + 1, pid);
	close(directory);
	return found;
}

/*
 * Mappings: who has closed the descriptor has the region still.
 */

static int see_mapping(struct sightings *sightings, const char *line, pid_t pid)
{
	unsigned int high, low;
	unsigned long long inode;
	int before = 0;
	bool memfd;

	if (sscanf(line, "%*x-%*x %*s %*x %x:%x %llu %n", &high, &low, &inode,
		   &before) < 3 || !before)
		return 0;
	memfd = !strncmp(line + before, MEMFD_BEGIN, strlen(MEMFD_BEGIN));
	if (!memfd && strncmp(line + before, AREA_MAPPED, strlen(AREA_MAPPED)))
		return 0;
	return add(sightings, &(struct sighting){
		.engine = memfd ? ASHMEM_ENGINE_PORTABLE : ASHMEM_ENGINE_DEVICE,
		.device = memfd ? makedev(high, low) : 0,
		.inode = inode,
		.pid = pid,
		.fd = -1,
	});
}

static int see_mappings(struct sightings *sightings, pid_t pid)
{
	char *line = NULL;
	sighting_path path;
	size_t room = 0;
	int result = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (result == 0 && getline(&line, &room, file) > 0)
		result = see_mapping(sightings, line, pid);
	free(line);
	fclose(file);
	return result;
}

static int see_process(struct sightings *sightings, pid_t pid)
{
	sighting_path path;
	int directory, result;
	DIR *list;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	list = opendir(path);
	if (!list) {
		sightings->hidden += errno == EACCES;
		return errno == ENOMEM || errno == EMFILE ? -1 : 0;
	}
	directory = dirfd(list);
	result = see_descriptors(sightings, directory, list, pid);
	closedir(list);
	return result < 0 ? -1 : see_mappings(sightings, pid);
}

int sightings_look(struct sightings *sightings)
{
	struct dirent *entry;
	int result = 0, error;
	DIR *proc;
	long pid;

	*sightings = (struct sightings){ 0 };
	proc = opendir("/proc");
	if (!proc)
		return -1;
	while (result == 0 && (entry = readdir(proc))) {
		pid = number_of(entry->d_name);
		if (pid > 0 && pid != getpid())
			result = see_process(sightings, pid);
	}
	error = errno;
	closedir(proc);
	if (result < 0)
		sightings_end(sightings);
	errno = error;
	return result;
}

void sightings_end(struct sightings *sightings)
{
	free(sightings->items);
	*sightings = (struct sightings){ 0 };
}
