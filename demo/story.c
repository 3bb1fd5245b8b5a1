// SPDX-License-Identifier: MIT
/*
 * A story for whoever has never heard of ashmem: a cache in shared memory is
 * taken when memory runs out, its owner is told, and makes it again; nobody is
 * killed. The programs are real processes, and every number is measured. What
 * does not hold ends the story with an error.
 *
 * Usage: story FILE. ASHMEM_ENGINE chooses the engine; demo/run sets up what
 * each needs.
 */
#include "actor.h"
#include "roles.h"
#include "shortage.h"
#include "source.h"
#include "telling.h"

#include <ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Below the limit there is room for either, and not for both. */
#define LARGEST_CACHE	(96 * MIB)	/* as in demo/run */
#define HUNGER		(90 * MIB)
/* As in demo/run. Of a smaller one it would take very many copies. */
#define SMALLEST_FILE	((size_t)4096)

#define ACTORS		(sizeof(actors) / sizeof(*actors))

static struct actor publisher = { .name = "the publisher" };
static struct actor reader = { .name = "the reader" };
static struct actor hungry = { .name = "the hungry program" };
static struct actor *const actors[] = { &publisher, &reader, &hungry };

static const struct shortage *shortage;

static void clear_stage(void)
{
	actor_kill(&hungry);
	actor_kill(&reader);
	actor_kill(&publisher);
	shortage->clear();
}

/* Opens the file that the cache is made from, and repeats it if it is small. */
static void open_source(const char *path, struct source *source)
{
	struct stat stat;

	/* O_NONBLOCK: not to wait for the writer of a FIFO. */
	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd < 0 || fstat(source->fd, &stat))
		fail("%s: %s: choose a FILE that can be read", path,
		     strerror(errno));
	if (!S_ISREG(stat.st_mode))
		fail("%s: not a regular file: choose a FILE that is one", path);
	if ((size_t)stat.st_size < SMALLEST_FILE)
		fail("%s: %zu bytes: choose a FILE of %zu bytes or more", path,
		     (size_t)stat.st_size, SMALLEST_FILE);
	if ((size_t)stat.st_size > LARGEST_CACHE)
		fail("%s: %zu bytes: choose a FILE of %zu bytes (%zu MiB) or "
		     "less, as the story has %zu MiB for everything", path,
		     (size_t)stat.st_size, LARGEST_CACHE, mib(LARGEST_CACHE),
		     mib(LIMIT));
	source->size = (size_t)stat.st_size;
	source->copies = LARGEST_CACHE / source->size;
}

static void give(struct actor *actor, enum cue cue, struct report *report)
{
	int status;

	if (!actor_cue(actor, cue, report)) {
		status = actor_end(actor);
		if (WIFSIGNALED(status))
			fail("%s was killed by signal %d", actor->name,
			     WTERMSIG(status));
		fail("%s ended too early, with status %#x", actor->name,
		     (unsigned int)status);
	}
	if (*report->error)
		fail("%s: %s", actor->name, report->error);
}

/* Has an actor do its next step, which must succeed. */
static void cue(struct actor *actor, struct report *report)
{
	give(actor, CUE_NEXT, report);
}

static void start(struct actor *actor, role *play, const struct props *props)
{
	if (!actor_start(actor, shortage->cgroup, play, props))
		fail("cannot start %s: %s", actor->name, strerror(errno));
}

static void let_go(struct actor *actor)
{
	int status = actor_end(actor);

	if (status)
		fail("%s ended with status %#x", actor->name,
		     (unsigned int)status);
}

/* Finds out which engine new areas come from. */
static void choose_shortage(void)
{
	struct ashmem_region *region;

	if (ashmem_region_create(&region, "demo", MIB))
		fail("no engine makes an area: %s: load the module ashmem, or "
		     "say ASHMEM_ENGINE=portable", strerror(errno));
	shortage = ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE ?
		   &shortage_in_cgroup : &shortage_of_available;
	ashmem_region_close(region);
}

static size_t used(const struct area_pages *area)
{
	return shortage->used(actors, ACTORS, page_bytes(area->resident));
}

static void draw(const struct area_pages *area)
{
	draw_memory(area, used(area), LIMIT);
}

static void introduce(void)
{
	printf("A CACHE THAT MAKES ROOM\n\n");
	shortage->introduce();
	printf(INDENT "%zu MiB each:  # pinned, stays  = unpinned, may go  "
	       "- purged  o others  . free\n", mib(LIMIT / PICTURE_WIDTH));
}

static void publish(const struct props *props, const char *path,
		    const unsigned char *digest)
{
	struct report filled, seen;

	cue(&publisher, &filled);
	cue(&reader, &seen);
	if (memcmp(seen.digest, digest, SHA256_DIGEST_SIZE))
		fail("what the reader sees is not what is in the file");

	printf("\n1. The publisher fills an ashmem area with %lu x ",
	       props->source.copies);
	show_name(path);
	printf(": %zu MiB.\n", mib(source_total(&props->source)));
	printf(INDENT "That takes it %.0f ms. It sends the descriptor to the "
	       "reader, which may not\n"
	       INDENT "write. Now both have the area in their "
	       "/proc/self/maps:\n"
	       INDENT "%s\n" INDENT "%s\n",
	       filled.ms, filled.maps, seen.maps);
	show_digest("is in the file:  ", digest);
	show_digest("the reader reads:", seen.digest);
	draw(&filled.area);
	shortage->confine(used(&filled.area));
}

/* Returns how many pages are purged already. */
static unsigned long unpin(void)
{
	struct report unpinned;

	cue(&publisher, &unpinned);
	if (unpinned.area.pinned)
		fail("%lu pages are still pinned", unpinned.area.pinned);

	printf("\n2. For now nobody needs the cache. The publisher unpins it "
	       "in %.1f ms. It stays\n" INDENT "where it is, but may be purged "
	       "from now on.\n", unpinned.ms);
	shortage->explain();
	if (unpinned.area.purged)
		printf(INDENT "Other programs take memory at this moment: "
		       "%lu pages are purged already.\n",
		       unpinned.area.purged);
	draw(&unpinned.area);
	return unpinned.area.purged;
}

/* Fails unless everybody has come through alive. */
static void check_alive(void)
{
	for (size_t i = 0; i < ACTORS; i++)
		if (!actor_lives(actors[i]))
			fail("%s is dead", actors[i]->name);
	shortage->check();
}

/* What is purged has no memory, while nobody writes there. */
static bool is_freed(const struct area_pages *area)
{
	return area->resident <= area->pinned + area->unpinned;
}

/*
 * Waits for the purge. Others on the machine may give back so much memory just
 * then that nothing is short: then it is made short again.
 *
 * Returns how often.
 */
static unsigned int await_purge(struct report *left)
{
	unsigned int tries = 1;

	cue(&publisher, left);
	for (; !left->area.purged && tries < shortage->tries; tries++) {
		shortage->confine(used(&left->area));
		give(&publisher, CUE_AGAIN, left);
	}
	/* Another purge may have begun just when it looked. */
	if (!is_freed(&left->area))
		give(&publisher, CUE_AGAIN, left);
	check_alive();
	if (!is_freed(&left->area))
		fail("%lu pages are purged and %lu are not, and yet %lu have "
		     "memory", left->area.purged,
		     left->area.pinned + left->area.unpinned,
		     left->area.resident);
	if (left->area.purged)
		return tries;
	shortage->blame();
	fail("nothing was purged, and yet there was room");
}

/* Returns how many pages were purged, with those that were @before. */
static unsigned long press(const struct props *props, unsigned long before)
{
	struct report fed, left;
	unsigned int tries;

	start(&hungry, play_hungry, props);
	cue(&hungry, &fed);
	tries = await_purge(&left);

	printf("\n3. A hungry program wants %zu MiB. Together that is %zu, of "
	       "%zu%s.\n", mib(HUNGER),
	       mib(source_total(&props->source) + HUNGER), mib(LIMIT),
	       shortage->terms);
	printf(INDENT "It gets them in %.0f ms: %s purges %lu of the "
	       "cache's %lu pages", fed.ms, shortage->purger,
	       left.area.purged - before,
	       left.area.purged + left.area.unpinned);
	if (shortage->later && left.area.purged > before)
		printf(",\n" INDENT "and is done %.0f ms after the program "
		       "began to take them", left.at - fed.at);
	printf(".\n");
	if (tries > 1)
		printf(INDENT "That took so long because other programs gave "
		       "memory back, and the limit had\n"
		       INDENT "to be set anew.\n");
	draw_area(&left.area, LIMIT);
	draw(&left.area);
	shortage->judge();
	return left.area.purged;
}

/* Returns how many milliseconds it took to make good what was lost. */
static double mend(unsigned long purged, const unsigned char *digest)
{
	struct report pinned, mended, seen;

	let_go(&hungry);
	cue(&publisher, &pinned);
	if (pinned.pages < purged)
		fail("pinning told of %lu purged pages, but %lu are gone",
		     pinned.pages, purged);
	cue(&publisher, &mended);
	cue(&reader, &seen);
	if (memcmp(seen.digest, digest, SHA256_DIGEST_SIZE))
		fail("what the reader sees now is not what is in the file");

	printf("\n4. The hungry program has ended, and the cache is needed "
	       "again. The publisher\n" INDENT "pins it page by page, is "
	       "told which are gone: %lu. It makes them anew.\n",
	       pinned.pages);
	show_digest("the reader reads:", seen.digest);
	draw(&mended.area);
	return pinned.ms + mended.ms;
}

static void tell_story(const struct props *props, const char *path)
{
	unsigned char digest[SHA256_DIGEST_SIZE];
	unsigned long early, purged;
	double ms;

	introduce();
	if (source_digest(&props->source, digest))
		fail("%s: %s: choose a FILE that can be read", path,
		     strerror(errno));
	start(&publisher, play_publisher, props);
	start(&reader, play_reader, props);

	publish(props, path, digest);
	early = unpin();
	purged = press(props, early);
	ms = mend(purged, digest);
	let_go(&reader);
	let_go(&publisher);
	shortage->conclude();
	printf("\nThe shortage has cost %.0f ms of work, and no process.\n",
	       ms);
}

int main(int argc, char **argv)
{
	struct props props = { .hunger = HUNGER };
	int ends[2];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2)
		fail("usage: story FILE");
	open_source(argv[1], &props.source);
	choose_shortage();
	shortage->prepare();
	atexit(clear_stage);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		fail("socketpair: %s", strerror(errno));
	props.to_reader = ends[0];
	props.from_publisher = ends[1];
	tell_story(&props, argv[1]);
	check_output();
	return EXIT_SUCCESS;
}
