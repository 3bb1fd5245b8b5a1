// SPDX-License-Identifier: MIT
/*
 * A story for whoever has never heard of ashmem: a cache in shared memory is
 * taken by the kernel when memory runs out, its owner is told, and makes it
 * again; nobody is killed. The programs are real processes in a real cgroup,
 * and every number is measured. What does not hold ends the story with an
 * error.
 *
 * Usage: story FILE, as root, with the module loaded and cgroups of version 2.
 */
#include "actor.h"
#include "cgroup.h"
#include "roles.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB		((size_t)1024 * 1024)

#define CGROUP		"/sys/fs/cgroup/ashmem-demo"
#define LIMIT		(128 * MIB)
/* Below the limit there is room for either, and not for both. */
#define LARGEST_CACHE	(96 * MIB)	/* as in demo/run */
#define HUNGER		(100 * MIB)
/* As in demo/run. Of a smaller one it would take very many copies. */
#define SMALLEST_FILE	((size_t)4096)

/* The picture of the cgroup: its limit is this many signs wide. */
#define PICTURE_WIDTH	((size_t)64)
#define INDENT		"   "

/* How much of a SHA-256 is shown; all of it is compared. */
#define DIGEST_SHOWN	8

static struct actor publisher = { .name = "the publisher" };
static struct actor reader = { .name = "the reader" };
static struct actor hungry = { .name = "the hungry program" };

static void clear_stage(void)
{
	actor_kill(&hungry);
	actor_kill(&reader);
	actor_kill(&publisher);
	cgroup_remove(CGROUP);
}

__attribute__((noreturn, format(printf, 1, 2)))
static void fail(const char *format, ...)
{
	va_list args;

	fputs("story: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static size_t mib(size_t bytes)
{
	return (bytes + MIB / 2) / MIB;
}

static size_t page_bytes(unsigned long pages)
{
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t in_cgroup(const char *file, const char *key)
{
	long value = cgroup_value(CGROUP, file, key);

	if (value < 0)
		fail("%s/%s has no %s", CGROUP, file, key ? key : "number");
	return (size_t)value;
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

/* Has an actor do its next step, which must succeed. */
static void cue(struct actor *actor, struct report *report)
{
	int status;

	if (!actor_cue(actor, report)) {
		status = actor_end(actor);
		if (WIFSIGNALED(status))
			fail("%s was killed by signal %d (oom_kill is %ld)",
			     actor->name, WTERMSIG(status),
			     cgroup_value(CGROUP, "memory.events", "oom_kill"));
		fail("%s ended too early, with status %#x", actor->name,
		     (unsigned int)status);
	}
	if (*report->error)
		fail("%s: %s", actor->name, report->error);
}

static void start(struct actor *actor, role *play, const struct props *props)
{
	if (!actor_start(actor, CGROUP, play, props))
		fail("cannot start %s: %s", actor->name, strerror(errno));
}

static void let_go(struct actor *actor)
{
	int status = actor_end(actor);

	if (status)
		fail("%s ended with status %#x", actor->name,
		     (unsigned int)status);
}

static void set_stage(void)
{
	if (access("/dev/ashmem", R_OK | W_OK))
		fail("/dev/ashmem: %s: load the module ashmem first",
		     strerror(errno));
	if (cgroup_make(CGROUP, LIMIT))
		fail("cannot make the cgroup %s: %s: be root, with cgroups of "
		     "version 2 mounted at /sys/fs/cgroup", CGROUP,
		     strerror(errno));
	atexit(clear_stage);
}

/* Draws @sign from the end of the picture so far up to @bytes. */
static void draw_to(char *picture, size_t *end, size_t bytes, char sign)
{
	size_t to = (bytes * PICTURE_WIDTH + LIMIT / 2) / LIMIT;

	while (*end < to && *end < PICTURE_WIDTH)
		picture[(*end)++] = sign;
}

/* The cgroup's memory now: the area's pages, those of others, what is free. */
static void draw_cgroup(const struct area_pages *area)
{
	size_t used = in_cgroup("memory.current", NULL);
	size_t shared = in_cgroup("memory.stat", "shmem");
	size_t unpinned = page_bytes(area->unpinned);
	/* Pages never touched are pinned, too, but in no memory. */
	size_t pinned = area->pinned && shared > unpinned ?
			shared - unpinned : 0;
	char picture[PICTURE_WIDTH + 1] = "";
	size_t end = 0;

	draw_to(picture, &end, pinned, '#');
	draw_to(picture, &end, pinned + unpinned, '=');
	draw_to(picture, &end, used, 'o');
	draw_to(picture, &end, LIMIT, '.');
	printf(INDENT "[%s] %zu MiB\n", picture, mib(used));
}

/* The area alone, to the same scale. */
static void draw_area(const struct area_pages *area)
{
	size_t purged = page_bytes(area->purged);
	size_t unpinned = page_bytes(area->unpinned);
	char picture[PICTURE_WIDTH + 1] = "";
	size_t end = 0;

	draw_to(picture, &end, purged, '-');
	draw_to(picture, &end, purged + unpinned, '=');
	printf(INDENT "[%s] the cache\n", picture);
}

/* The last part of a path, fit to be shown on a terminal. */
static void show_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int room = 16;

	for (path = slash ? slash + 1 : path; *path && room > 0; path++, room--)
		putchar(*path >= ' ' && *path <= '~' ? *path : '?');
}

static void show_digest(const char *what, const unsigned char *digest)
{
	printf(INDENT "SHA-256 of what %s ", what);
	for (size_t i = 0; i < DIGEST_SHOWN; i++)
		printf("%02x", digest[i]);
	printf("...\n");
}

static void introduce(void)
{
	printf("A CACHE THAT MAKES ROOM\n"
	       "\n"
	       "Some programs share a limit of %zu MiB, as in a container, and "
	       "will want more.\n"
	       "Ordinarily the kernel then has to kill one of them. But here "
	       "one keeps a cache\n"
	       "that it can make again, in ashmem: the kernel may take that, "
	       "and says so.\n"
	       "\n"
	       INDENT "%zu MiB each:  # pinned, stays  = unpinned, may go  "
	       "- purged  o others  . free\n",
	       mib(LIMIT), mib(LIMIT / PICTURE_WIDTH));
}

static void publish(const struct props *props, const char *path,
		    const unsigned char *digest)
{
	struct report filled, seen;

	cue(&publisher, &filled);
	cue(&reader, &seen);
	if (memcmp(seen.digest, digest, SHA256_DIGEST_SIZE))
		fail("what the reader sees is not what is in the file");
	if (filled.area.unpinned)
		fail("%lu pages are unpinned, and nobody has unpinned them",
		     filled.area.unpinned);

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
	draw_cgroup(&filled.area);
}

static void unpin(void)
{
	struct report unpinned;

	cue(&publisher, &unpinned);
	if (unpinned.area.pinned)
		fail("%lu pages are still pinned", unpinned.area.pinned);

	printf("\n2. For now nobody needs the cache. The publisher unpins it "
	       "in %.1f ms. It stays\n" INDENT "where it is, but may be purged "
	       "from now on.\n", unpinned.ms);
	draw_cgroup(&unpinned.area);
}

/* Fails unless everybody has come through alive. */
static void check_alive(void)
{
	const struct actor *actors[] = { &publisher, &reader, &hungry };

	for (size_t i = 0; i < sizeof(actors) / sizeof(*actors); i++)
		if (!actor_lives(actors[i]))
			fail("%s is dead", actors[i]->name);
	if (in_cgroup("memory.events", "oom_kill"))
		fail("the kernel has killed for want of memory");
}

/* Returns how many pages were purged. */
static unsigned long press(const struct props *props)
{
	struct report fed, left;

	start(&hungry, play_hungry, props);
	cue(&hungry, &fed);
	cue(&publisher, &left);
	check_alive();
	if (!left.area.purged)
		fail("nothing was purged, and yet there was room");

	printf("\n3. A hungry program wants %zu MiB. Together that is %zu, of "
	       "%zu, without swap.\n", mib(HUNGER),
	       mib(source_total(&props->source) + HUNGER), mib(LIMIT));
	printf(INDENT "It gets them in %.0f ms: the kernel purges %lu of the "
	       "cache's %lu pages.\n", fed.ms, left.area.purged,
	       left.area.purged + left.area.unpinned);
	draw_area(&left.area);
	draw_cgroup(&left.area);
	printf(INDENT "All three live. memory.events: max %zu (limit met), "
	       "oom_kill %zu (killed)\n", in_cgroup("memory.events", "max"),
	       in_cgroup("memory.events", "oom_kill"));
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
	draw_cgroup(&mended.area);
	return pinned.ms + mended.ms;
}

static void tell_story(const struct props *props, const char *path)
{
	unsigned char digest[SHA256_DIGEST_SIZE];
	unsigned long purged;
	double ms;

	introduce();
	if (source_digest(&props->source, digest))
		fail("%s: %s: choose a FILE that can be read", path,
		     strerror(errno));
	start(&publisher, play_publisher, props);
	start(&reader, play_reader, props);

	publish(props, path, digest);
	unpin();
	purged = press(props);
	ms = mend(purged, digest);
	let_go(&reader);
	let_go(&publisher);
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
	set_stage();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		fail("socketpair: %s", strerror(errno));
	props.to_reader = ends[0];
	props.from_publisher = ends[1];
	tell_story(&props, argv[1]);
	return EXIT_SUCCESS;
}
