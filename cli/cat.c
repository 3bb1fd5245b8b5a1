// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "found.h"
#include "pages.h"
#include "range.h"
#include "reach.h"
#include "verb.h"

#define CHUNK	65536

static bool write_all(const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(STDOUT_FILENO, bytes, length);

		if (written < 0) {
			complain("standard output: %s", strerror(errno));
			return false;
		}
		bytes += written;
		length -= written;
	}
	return true;
}

/* By pread(2), which gives no page memory, and moves nobody's offset. */
static int copy_out(const struct found *found, int fd, struct range range)
{
	static char buffer[CHUNK];

	while (range.length) {
		size_t wanted = range.length < CHUNK ? range.length : CHUNK;
		ssize_t length = pread(fd, buffer, wanted, range.offset);

		if (length < 0 && errno == EBADF) {
			complain("%s was never mapped, and has no content",
				 found->id);
			return STATUS_FAILED;
		}
		if (length <= 0) {
			complain("%s: %s", found->id, length ?
				 strerror(errno) : "it ends too early");
			return status_of(errno);
		}
		if (!write_all(buffer, length))
			return STATUS_FAILED;
		range.offset += length;
		range.length -= length;
	}
	return STATUS_DONE;
}

static uint64_t count_purged(const struct pages *pages, struct range range)
{
	uint64_t page = sysconf(_SC_PAGESIZE), count = 0;
	uint64_t first = range.offset / page;
	uint64_t end = (range.offset + range.length - 1) / page + 1;

	for (size_t i = 0; i < pages->count; i++) {
		const struct page_run *run = &pages->runs[i];
		uint64_t from = run->first > first ? run->first : first;
		uint64_t to = run->end < end ? run->end : end;

		if (run->state == PAGE_PURGED && from < to)
			count += to - from;
	}
	return count;
}

/* Looks anew: a purge comes before the zeros that it leaves are read, so who
 * looks afterwards sees all that matter. */
static int tell_losses(const char *id, struct range range)
{
	struct found_list list = { 0 };
	const struct found *found;
	struct pages pages;
	uint64_t lost;
	int status = found_one(&list, id, &found);

	if (!status)
		status = pages_look(found, &pages);
	if (!status) {
		lost = count_purged(&pages, range);
		pages_end(&pages);
		if (lost) {
			complain("%" PRIu64 " page%s of it had been purged, "
				 "and read as zeros", lost,
				 lost == 1 ? "" : "s");
			status = STATUS_PURGED;
		}
	}
	found_end(&list);
	return status;
}

static int cat(const char *id, struct range range)
{
	struct found_list list = { 0 };
	const struct found *found;
	int fd, status = found_one(&list, id, &found);

	if (!status)
		status = range_check(&range, found, false);
	if (!status) {
		fd = reach_open(found, O_RDONLY | O_NONBLOCK);
		status = fd < 0 ? status_of(errno) :
				  copy_out(found, fd, range);
		if (fd >= 0)
			close(fd);
	}
	found_end(&list);
	if (!status)
		status = tell_losses(id, range);
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
	if (optind + 1 != count)
		return misused("say one region, as `ashmem ls' calls it");
	return cat(arguments[optind], range);
}

const struct verb verb_cat = {
	.name = "cat",
	.operands = "[-o OFFSET] [-l LENGTH] ID",
	.summary = "writes a region's content to standard output",
	.help =
"Nothing is pinned for it: where pages have been purged there are zeros, which it\n"
"says, and exits with 6.\n"
"\n"
RANGE_HELP,
	.run = run,
};
