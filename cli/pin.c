// SPDX-License-Identifier: MIT
/*
 * A pin tells, once, that pages were purged, and whoever learns it makes them
 * anew. This program cannot. So it does not pin what was purged, unless it is
 * told to: else the region's own users would be told that all is as it was. On
 * the portable engine the pages are held meanwhile, so none is purged between
 * the look and the pin.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "found.h"
#include "pinning.h"
#include "verb.h"

static int refuse(const struct found *found)
{
	complain("%s: some of it was purged, and only a pin by those who use it "
		 "can tell them; --force pins it all the same", found->id);
	return STATUS_PURGED;
}

static int pin(const struct found *found, struct ashmem_region *region,
	       const struct range *range)
{
	int purged = ashmem_region_pin(region, range->offset, range->length);

	if (purged < 0)
		return pinning_failed(found);
	puts(purged ? "was purged" : "not purged");
	return printed(purged ? STATUS_PURGED : STATUS_DONE);
}

static int hold_and_pin(const struct found *found,
			struct ashmem_region *region,
			const struct range *range)
{
	int purged = ashmem_region_hold(region, range->offset, range->length);
	int status;

	if (purged < 0)
		return pinning_failed(found);
	status = purged ? refuse(found) : pin(found, region, range);
	ashmem_region_release(region, range->offset, range->length);
	return status;
}

static int pin_carefully(const struct found *found,
			 struct ashmem_region *region,
			 const struct range *range, bool force)
{
	if (force)
		return pin(found, region, range);
	if (found->engine == ASHMEM_ENGINE_PORTABLE)
		return hold_and_pin(found, region, range);
	return found->purged ? refuse(found) : pin(found, region, range);
}

static int run(int count, char **arguments)
{
	return pinning_run(count, arguments, pin_carefully);
}

const struct verb verb_pin = {
	.name = "pin",
	.operands = "[-f] [-o OFFSET] [-l LENGTH] ID",
	.summary = "pins pages of a region",
	.help =
"Says whether any of them had been purged, and exits with 6 if so. Such pages are\n"
"left as they are: only by their own pin those who use the region are told that\n"
"they have to make them anew. Stays after this has ended.\n"
"\n"
"  -f, --force          pins purged pages as well; nobody else is told of them\n"
RANGE_HELP,
	.run = run,
};
