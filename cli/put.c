// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "found.h"
#include "range.h"
#include "reach.h"
#include "verb.h"

/**
 * struct input - what is put
 * @file: a descriptor
 * @name: of it
 */
struct input {
	int file;
	const char *name;
};

/* Fills the memory. More input than that is told of, and not taken. */
static int copy_in(const struct input *input, char *memory, uint64_t length,
		   bool exact)
{
	uint64_t taken = 0;
	ssize_t count;
	char more;

	while (taken < length) {
		count = read(input->file, memory + taken, length - taken);
		if (count < 0) {
			complain("%s: %s", input->name, strerror(errno));
			return STATUS_FAILED;
		}
		if (!count)
			return STATUS_DONE;
		taken += count;
	}
	if (exact || read(input->file, &more, 1) <= 0)
		return STATUS_DONE;
	complain("%s goes on where the region ends: %" PRIu64 " bytes were "
		 "put", input->name, taken);
	return STATUS_FAILED;
}

static int write_to(const struct found *found, struct ashmem_region *region,
		    const struct range *range, const struct input *input,
		    bool exact)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t before = range->offset % page;
	char *memory = ashmem_region_map(region, range->length + before,
					 PROT_READ | PROT_WRITE, MAP_SHARED,
					 range->offset - before);
	int status;

	if (memory == MAP_FAILED) {
		status = status_of(errno);
		complain("%s cannot be mapped to write it: %s", found->id,
			 errno == EPERM ? "its mask excludes that" :
					  strerror(errno));
		return status;
	}
	status = copy_in(input, memory + before, range->length, exact);
	ashmem_region_unmap(region, memory, range->length + before);
	return status;
}

static int put(const char *id, struct range range, const struct input *input)
{
	struct found_list list = { 0 };
	struct ashmem_region *region;
	const struct found *found;
	bool exact = range.length;
	int status = found_one(&list, id, &found);

	if (!status)
		status = range_check(&range, found, false);
	if (!status)
		status = reach_region(found, O_RDWR, &region);
	if (!status) {
		status = write_to(found, region, &range, input, exact);
		ashmem_region_close(region);
	}
	found_end(&list);
	return status;
}

static int open_and_put(const char *id, struct range range, const char *path)
{
	struct input input = { STDIN_FILENO, "standard input" };
	int status;

	if (!path || !strcmp(path, "-"))
		return put(id, range, &input);
	input.name = path;
	input.file = open(path, O_RDONLY | O_CLOEXEC);
	if (input.file < 0) {
		complain("%s: %s", path, strerror(errno));
		return errno == EACCES ? STATUS_DENIED : STATUS_FAILED;
	}
	status = put(id, range, &input);
	close(input.file);
	return status;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = { RANGE_OPTIONS, { 0 } };
	struct range range = { 0 };
	int option;

	while ((option = next_option(count, arguments, RANGE_LETTERS,
				     known)) != -1)
		if (option == '?' || range_option(&range, option, optarg))
			return STATUS_USAGE;
	if (optind + 1 != count && optind + 2 != count)
		return misused("say one region, as `ashmem ls' calls it, and "
			       "one file if you like");
	return open_and_put(arguments[optind], range, arguments[optind + 1]);
}

const struct verb verb_put = {
	.name = "put",
	.operands = "[-o OFFSET] [-l LENGTH] ID [FILE]",
	.summary = "writes a file, or standard input, into a region",
	.help =
"Ends with the file, or with the region; that something did not fit is said, and\n"
"exits with 1. Pages keep their pin state.\n"
"\n"
RANGE_HELP,
	.run = run,
};
