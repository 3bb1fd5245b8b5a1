// SPDX-License-Identifier: MIT
/*
 * A region lives as long as somebody has it. So this either becomes a program
 * that has it, or stays, and has it itself, until it is told to end. It stays
 * in the foreground: who wants it elsewhere says `&', and knows the process.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "kept.h"
#include "verb.h"

/* How often it looks whether an ashmemd has taken another's place, which waits
 * for all who know the region's pin map. */
static const struct timespec look = { .tv_sec = 1 };

static int print_id(struct ashmem_region *region)
{
	bool device = ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE;
	uint64_t id;

	/* An area has memory, and so a number, once it was mapped. */
	if (ashmem_region_file_id(region, &id) < 0) {
		void *at = ashmem_region_map(region, 0, PROT_NONE, MAP_SHARED,
					     0);

		if (at == MAP_FAILED || ashmem_region_file_id(region, &id) < 0) {
			complain("the region has no number: %s",
				 strerror(errno));
			return STATUS_FAILED;
		}
	}
	printf("%c%" PRIu64 "\n", device ? 'd' : 'p', id);
	return printed(STATUS_DONE);
}

/* From the first pin status on it is attached: what others pin and unpin is
 * remembered for as long as this lasts. */
static int keep(struct ashmem_region *region)
{
	sigset_t signals;
	int status;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (ashmem_region_pin_status(region, 0, 0) < 0)
		complain("what is unpinned is not purged: %s", strerror(errno));
	status = print_id(region);
	if (status)
		return status;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "It is kept until this ends: press Ctrl-C.\n");
	/* Who reads what was printed sees its end. */
	fclose(stdout);
	while (sigtimedwait(&signals, NULL, &look) < 0)
		ashmem_region_pin_status(region, 0, 0);
	return STATUS_DONE;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = { KEPT_OPTIONS, { 0 } };
	struct ashmem_region *region;
	struct kept kept = { 0 };
	int option, status;

	while ((option = next_option(count, arguments, KEPT_LETTERS, known)) !=
	       -1) {
		if (option == '?' || kept_option(&kept, option, optarg))
			return STATUS_USAGE;
	}
	status = kept_make(&kept, &region);
	if (status)
		return status;
	status = optind < count ? kept_become(region, arguments + optind) :
				  keep(region);
	ashmem_region_close(region);
	return status;
}

const struct verb verb_create = {
	.name = "create",
	.operands = "[-n NAME] {-s SIZE | -f FILE} [COMMAND [ARGUMENT...]]",
	.summary = "makes a region and keeps it",
	.help =
"Prints how it is called, and keeps it until this ends, as by Ctrl-C. With a\n"
"command it runs that instead, as `ashmem run' does: the region lives as long as\n"
"somebody has it.\n"
"\n"
"  -f, --file FILE      what is in it\n"
"  -n, --name NAME      what it is named\n"
"  -s, --size SIZE      how large it is, in bytes, or with K, M, G or T\n",
	.run = run,
};
