// SPDX-License-Identifier: MIT
#include <fcntl.h>

#include "found.h"
#include "kept.h"
#include "reach.h"
#include "verb.h"

/* One that there is. It is as writable as this user can have it. */
static int take(const char *id, struct ashmem_region **region)
{
	struct found_list list = { 0 };
	const struct found *found;
	int status = found_one(&list, id, &found);

	if (!status)
		status = reach_region(found, O_RDWR, region);
	found_end(&list);
	return status;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = { KEPT_OPTIONS, { 0 } };
	struct ashmem_region *region;
	struct kept kept = { 0 };
	int option, status;
	bool is_new;

	while ((option = next_option(count, arguments, KEPT_LETTERS, known)) !=
	       -1) {
		if (option == '?' || kept_option(&kept, option, optarg))
			return STATUS_USAGE;
	}
	is_new = kept.size || kept.file;
	if (!is_new && kept.name)
		return misused("only a new region is named: say --size or "
			       "--file as well");
	if (!is_new && (optind == count || !found_is_id(arguments[optind])))
		return misused("say which region, or --size or --file for a "
			       "new one");
	if (optind + !is_new >= count)
		return misused("say what to run");
	status = is_new ? kept_make(&kept, &region) :
			  take(arguments[optind++], &region);
	if (status)
		return status;
	status = kept_become(region, arguments + optind);
	ashmem_region_close(region);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.operands = "{ID | -s SIZE | -f FILE} [-n NAME] COMMAND [ARGUMENT...]",
	.summary = "runs a program that has a region as a descriptor",
	.help =
"The program is told by its environment: ASHMEM_FD is the descriptor's number,\n"
"ASHMEM_SIZE the size of the region in bytes. The exit status is the program's.\n"
"\n"
"  -f, --file FILE      a new region with this in it\n"
"  -n, --name NAME      what a new one is named\n"
"  -s, --size SIZE      a new one, this large, in bytes, or with K, M, G or T\n",
	.run = run,
};
