// SPDX-License-Identifier: MIT
#include "range.h"

#include <inttypes.h>
#include <unistd.h>

#include "verb.h"

int range_option(struct range *range, int option, const char *value)
{
	uint64_t number;

	if (option != 'o' && option != 'l')
		return STATUS_DONE;
	if (!parse_bytes(value, &number))
		return misused("`%s' is no number of bytes: say digits, and K, "
			       "M, G or T after them if you like", value);
	if (option == 'o')
		range->offset = number;
	else if (number)
		range->length = number;
	else
		return misused("a length of nothing: say at least 1");
	return STATUS_DONE;
}

int range_check(struct range *range, const struct found *found, bool of_pages)
{
	uint64_t page = sysconf(_SC_PAGESIZE), end = found->size;

	if (of_pages)
		end = found->pages * page;
	if (of_pages && (range->offset % page || range->length % page))
		return misused("pages are pinned and purged as a whole: offset "
			       "and length have to be multiples of %" PRIu64,
			       page);
	if (range->offset >= end)
		return misused("%s has %" PRIu64 " bytes: no offset %" PRIu64,
			       found->id, found->size, range->offset);
	if (!range->length)
		range->length = end - range->offset;
	if (range->length > end - range->offset)
		return misused("%s has %" PRIu64 " bytes, and ends before "
			       "%" PRIu64 " + %" PRIu64, found->id, found->size,
			       range->offset, range->length);
	return STATUS_DONE;
}
