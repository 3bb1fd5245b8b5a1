// SPDX-License-Identifier: MIT
#include "kept.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verb.h"

int kept_option(struct kept *kept, int option, const char *value)
{
	switch (option) {
	case 'n':
		kept->name = value;
		break;
	case 'f':
		kept->file = value;
		break;
	case 's':
		if (!parse_bytes(value, &kept->size) || !kept->size)
			return misused("`%s' is no size: say a number of bytes "
				       "from 1 on, with K, M, G or T", value);
		break;
	}
	return STATUS_DONE;
}

static int failed(const char *what)
{
	int status = status_of(errno);

	complain("%s: %s", what, strerror(errno));
	return status == STATUS_ABSENT ? STATUS_FAILED : status;
}

/* Opens the file, and takes the size from it if none was given. */
static int open_file(const struct kept *kept, uint64_t *size)
{
	struct stat status;
	int file = open(kept->file, O_RDONLY | O_CLOEXEC);

	if (file < 0 || fstat(file, &status) < 0) {
		failed(kept->file);
	} else if (!S_ISREG(status.st_mode)) {
		complain("%s is no file with a size: use `ashmem put'",
			 kept->file);
	} else if (!*size && !status.st_size) {
		complain("%s is empty: say --size", kept->file);
	} else if (*size && (uint64_t)status.st_size > *size) {
		complain("%s has %ju bytes, more than the region's %" PRIu64,
			 kept->file, (uintmax_t)status.st_size, *size);
	} else {
		*size = *size ? *size : (uint64_t)status.st_size;
		return file;
	}
	if (file >= 0)
		close(file);
	return -1;
}

static int fill(struct ashmem_region *region, uint64_t size, int file,
		const char *name)
{
	char *at = ashmem_region_map(region, 0, PROT_READ | PROT_WRITE,
				     MAP_SHARED, 0);
	uint64_t filled = 0;
	ssize_t length = 1;

	if (at == MAP_FAILED)
		return failed("the region cannot be mapped");
	while (filled < size && length) {
		length = read(file, at + filled, size - filled);
		if (length < 0)
			break;
		filled += length;
	}
	if (length < 0)
		failed(name);
	ashmem_region_unmap(region, at, size);
	return length < 0 ? STATUS_FAILED : STATUS_DONE;
}

int kept_make(const struct kept *kept, struct ashmem_region **region)
{
	uint64_t size = kept->size;
	int file = -1, status = STATUS_DONE;

	if (!kept->file && !size)
		return misused("say how large it is to be, --size, or what is "
			       "in it, --file");
	if (kept->file) {
		file = open_file(kept, &size);
		if (file < 0)
			return STATUS_FAILED;
	}
	if (ashmem_region_create(region, kept->name, size) < 0) {
		status = failed("a region cannot be made");
	} else if (ashmem_region_descriptor(*region) < 0 ||
		   (file >= 0 && (status = fill(*region, size, file,
						kept->file)))) {
		if (!status)
			status = failed("a region cannot be made");
		ashmem_region_close(*region);
	}
	if (file >= 0)
		close(file);
	return status;
}

static bool set_number(const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return setenv(name, text, true) == 0;
}

/* The program's standard descriptors stay what they are, also where they are
 * closed. */
int kept_become(struct ashmem_region *region, char **arguments)
{
	int fd = fcntl(ashmem_region_descriptor(region), F_DUPFD,
		       STDERR_FILENO + 1);
	uint64_t size;

	if (fd < 0 || ashmem_region_get_size(region, &size) < 0 ||
	    !set_number("ASHMEM_FD", fd) || !set_number("ASHMEM_SIZE", size)) {
		complain("%s", strerror(errno));
		return STATUS_NOT_RUN;
	}
	execvp(arguments[0], arguments);
	complain("%s cannot be run: %s", arguments[0], strerror(errno));
	return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
}
