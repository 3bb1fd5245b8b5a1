// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>

#include "found.h"
#include "pinning.h"
#include "verb.h"

static int unpin(const struct found *found, struct ashmem_region *region,
		 const struct range *range, bool force)
{
	(void)force;
	if (ashmem_region_unpin(region, range->offset, range->length) < 0)
		return pinning_failed(found);
	return STATUS_DONE;
}

static int run(int count, char **arguments)
{
	return pinning_run(count, arguments, unpin);
}

const struct verb verb_unpin = {
	.name = "unpin",
	.operands = "[-o OFFSET] [-l LENGTH] ID",
	.summary = "lets pages of a region be purged",
	.help =
"From now on they may be purged when memory gets tight. Those who use the region\n"
"are not asked: they lose what they rely on without a pin of their own. Stays\n"
"after this has ended.\n"
"\n"
RANGE_HELP,
	.run = run,
};
