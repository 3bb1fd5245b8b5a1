// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "found.h"
#include "range.h"
#include "reach.h"
#include "text.h"
#include "verb.h"

static int print_purged(uint64_t pages, const char *of)
{
	text_bytes text;

	text_format_bytes(pages * sysconf(_SC_PAGESIZE), text);
	printf("%s: %" PRIu64 " page%s purged, %s\n", of, pages,
	       pages == 1 ? "" : "s", text);
	return printed(STATUS_DONE);
}

static int purge_failed(const struct found *found)
{
	int error = errno;

	if (error == EBUSY)
		complain("%s: it is not purged before all who held pages of it "
			 "have come back to ashmemd, or it is sealed", found->id);
	else if (error == EPROTO)
		complain("%s: the ashmemd that serves it is of another version",
			 found->id);
	else
		complain("%s: %s", found->id, strerror(error));
	return status_of(error);
}

/* To purge, ashmemd is sent a descriptor that can write. Another user's gets one
 * only of what is that user's own. */
static bool may_send(const struct service *service, int fd)
{
	struct stat status;

	return service->place.machine || service->owner == geteuid() ||
	       (fstat(fd, &status) == 0 && status.st_uid == service->owner);
}

static int send_purge(const struct found *found, int fd,
		      const struct range *range)
{
	uint64_t page = sysconf(_SC_PAGESIZE), pages;

	if (!may_send(found->service, fd)) {
		complain("%s: it is served by the ashmemd of a user whose it "
			 "is not: ask as that user", found->id);
		return STATUS_DENIED;
	}
	if (service_purge(found->service, fd, range->offset / page,
			  (range->offset + range->length) / page, &pages) < 0)
		return purge_failed(found);
	return print_purged(pages, found->id);
}

/* Nothing of a region can be unpinned that nobody is attached to. */
static int purge_region(const struct found *found, const struct range *range)
{
	int fd, status;

	if (found->engine == ASHMEM_ENGINE_DEVICE) {
		complain("%s: the device purges by itself, or everything at "
			 "once: see --all", found->id);
		return STATUS_UNSUPPORTED;
	}
	if (!found->service && !found->knows_pins) {
		complain("%s: no ashmemd that this user reaches serves it",
			 found->id);
		return STATUS_FAILED;
	}
	if (!found->service)
		return print_purged(0, found->id);
	fd = reach_open(found, O_RDWR);
	if (fd < 0)
		return status_of(errno);
	status = send_purge(found, fd, range);
	close(fd);
	return status;
}

static int purge_one(const char *id, struct range range)
{
	struct found_list list = { 0 };
	const struct found *found;
	int status = found_one(&list, id, &found);

	if (!status)
		status = range_check(&range, found, true);
	if (!status)
		status = purge_region(found, &range);
	found_end(&list);
	return status;
}

/* Purges all of the engine that the library knows by this region. */
static int purge_engine(struct ashmem_region *region, const char *engine)
{
	int64_t pages = ashmem_purge_all(region);
	int status;

	if (pages >= 0)
		return print_purged(pages, engine);
	status = status_of(errno);
	if (status == STATUS_DENIED)
		complain("%s: only root purges what all users have there",
			 engine);
	else
		complain("%s: %s", engine, strerror(errno));
	return status;
}

/* A region of nobody's. */
static struct ashmem_region *make_portable(void)
{
	int fd = memfd_create("ashmem-purge", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct ashmem_region *region = NULL;

	if (fd < 0)
		return NULL;
	if (ftruncate(fd, 1) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0 ||
	    ashmem_region_import(&region, fd) < 0)
		region = NULL;
	close(fd);
	return region;
}

/* Where no ashmemd runs nothing is unpinned, and none is started for it. */
static int purge_portable(void)
{
	struct services services = { 0 };
	struct ashmem_region *region;
	int status;

	if (services_connect(&services) < 0 || !services.count) {
		services_close(&services);
		return print_purged(0, "portable engine");
	}
	services_close(&services);
	region = make_portable();
	if (!region) {
		complain("portable engine: %s", strerror(errno));
		return STATUS_FAILED;
	}
	status = purge_engine(region, "portable engine");
	ashmem_region_close(region);
	return status;
}

/* The library makes regions of the engine that the environment asks for. Where
 * there is no device, there is nothing to purge. */
static int purge_device(void)
{
	struct ashmem_region *region;
	int status;

	if (setenv("ASHMEM_ENGINE", "device", true) < 0 ||
	    ashmem_region_create(&region, NULL, 0) < 0)
		return STATUS_DONE;
	status = purge_engine(region, "device");
	ashmem_region_close(region);
	return status;
}

static int purge_all(void)
{
	int status = purge_device(), other = purge_portable();

	return status ? status : other;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = {
		RANGE_OPTIONS, { "all", no_argument, NULL, 'a' }, { 0 },
	};
	struct range range = { 0 };
	bool all = false;
	int option;

	while ((option = next_option(count, arguments, RANGE_LETTERS "a",
				     known)) != -1) {
		if (option == '?' || range_option(&range, option, optarg))
			return STATUS_USAGE;
		all |= option == 'a';
	}
	if (all && (optind < count || range.offset || range.length))
		return misused("--all purges every region: say no other");
	if (all)
		return purge_all();
	if (optind + 1 != count)
		return misused("say one region, as `ashmem ls' calls it, or "
			       "--all");
	return purge_one(arguments[optind], range);
}

const struct verb verb_purge = {
	.name = "purge",
	.operands = "{-a | [-o OFFSET] [-l LENGTH] ID}",
	.summary = "purges what is unpinned",
	.help =
"Of a region, or of all: on the portable engine those of this user, on the device\n"
"those of everybody, as root only. The device cannot purge a single region. What\n"
"is pinned or held stays.\n"
"\n"
"  -a, --all            every region, of both engines\n"
RANGE_HELP,
	.run = run,
};
