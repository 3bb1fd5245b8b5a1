// SPDX-License-Identifier: MIT
#include "pinning.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "listing.h"
#include "reach.h"
#include "verb.h"

int pinning_failed(const struct found *found)
{
	int error = errno;

	switch (error) {
	case EBUSY:
		complain("%s: it is served by another user's ashmemd: ask as "
			 "that user", found->id);
		break;
	case EAGAIN:
		complain("%s: ashmemd has just been started anew, and waits for "
			 "those who use the region: try again", found->id);
		break;
	case EPERM:
		if (found->engine == ASHMEM_ENGINE_DEVICE)
			complain("%s: only the process that made it may do "
				 "that, as writing was taken from its mask",
				 found->id);
		else
			complain("%s: the ashmemd that serves it does not "
				 "serve this user, or lacks the permission to "
				 "reach this process; see `ashmem doctor'",
				 found->id);
		break;
	case EACCES:
		complain("%s: its mode keeps this user, or ashmemd, out",
			 found->id);
		break;
	default:
		complain("%s: %s", found->id, strerror(error));
	}
	return status_of(error);
}

/* Would what is changed stay? */
static int check(const struct found *found)
{
	if (found->engine == ASHMEM_ENGINE_DEVICE)
		return STATUS_DONE;
	if (found->flags & LISTING_SEALED) {
		complain("%s: writing was taken from its mask: it stays as it "
			 "is, and is not purged", found->id);
		return STATUS_UNSUPPORTED;
	}
	if (found->attached)
		return STATUS_DONE;
	if (found->knows_pins)
		complain("%s: all of it is pinned, and stays so: no process is "
			 "attached to it that would keep another state. A "
			 "process attaches when it first pins or unpins",
			 found->id);
	else
		complain("%s: no ashmemd that this user reaches serves it",
			 found->id);
	return STATUS_FAILED;
}

static int change_one(const char *id, struct range range, pinning_fn *change,
		      bool force)
{
	struct found_list list = { 0 };
	struct ashmem_region *region;
	const struct found *found;
	int status = found_one(&list, id, &found);

	if (!status)
		status = range_check(&range, found, true);
	if (!status)
		status = check(found);
	if (!status)
		status = reach_region(found, O_RDWR, &region);
	if (!status) {
		status = change(found, region, &range, force);
		ashmem_region_close(region);
	}
	found_end(&list);
	return status;
}

int pinning_run(int count, char **arguments, pinning_fn *change)
{
	static const struct option known[] = {
		RANGE_OPTIONS, { "force", no_argument, NULL, 'f' }, { 0 },
	};
	bool force = false, may_force = !strcmp(arguments[0], "pin");
	struct range range = { 0 };
	int option;

	while ((option = next_option(count, arguments, RANGE_LETTERS "f",
				     known)) != -1) {
		if (option == '?' || range_option(&range, option, optarg))
			return STATUS_USAGE;
		if (option == 'f' && !may_force)
			return misused("there is no option --force");
		force |= option == 'f';
	}
	if (optind + 1 != count)
		return misused("say one region, as `ashmem ls' calls it");
	return change_one(arguments[optind], range, change, force);
}
