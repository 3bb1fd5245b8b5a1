// SPDX-License-Identifier: MIT
#include "summary.h"

#include "percentile.h"

#include "../telling.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The chart is so many signs wide, each of so many MiB. */
#define SIGNS		48
#define SIGN_MIB	1.25f

static void add_region(struct memory_use *use, struct ashmem_region *region)
{
	struct ashmem_information now;

	if (!region)
		return;
	if (ashmem_region_information(region, &now, sizeof(now)))
		fail("cannot look at a region: %s", strerror(errno));
	use->pinned += (double)page_bytes(now.resident);
}

/* What is of the compositor and of windows is pinned, always. */
struct memory_use memory_use_now(struct refresh *refresh,
				 struct ashmem_region *picture)
{
	struct sample now = history_latest(refresh->history);
	struct memory_use use = { .purged = now.purged * (double)MIB };

	for (int kind = 0; kind < CACHE_KINDS; kind++)
		use.unpinned += now.kept[kind] * (double)MIB;
	add_region(&use, picture);
	add_region(&use, refresh->history_region);
	for (int i = 0; i < SCREEN_BUFFERS; i++)
		add_region(&use, refresh->screen.buffers[i].region);
	for (int i = 0; i < WINDOWS; i++)
		for (int buffer = 0; buffer < BUFFERS; buffer++)
			add_region(&use,
				   refresh->windows[i].buffers[buffer].region);
	return use;
}

void show_axis(void)
{
	printf("   s  MiB in caches  # pictures  + buttons  . letters"
	       "%14s%9s\n", "kept", "purged");
}

void show_second(const struct sample *sample)
{
	static const char signs[CACHE_KINDS] = {
		[CACHE_PICTURES] = '#', [CACHE_ICONS] = '+',
		[CACHE_GLYPHS] = '.',
	};
	char bar[SIGNS + 1] = "";
	float sum = 0;
	int end = 0;

	for (int kind = 0; kind < CACHE_KINDS; kind++) {
		sum += sample->kept[kind];
		while (end < SIGNS && (float)end * SIGN_MIB < sum - 0.3f)
			bar[end++] = signs[kind];
	}
	printf("%4.0f  %-*s%13.1f%9.1f\n", sample->seconds, SIGNS, bar, sum,
	       sample->purged);
}

/* Memory that this process shares with nobody; copies of windows would be
 * there. */
static size_t own_bytes(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[128];
	size_t kib = 0;

	if (!status)
		fail("/proc/self/status: %s", strerror(errno));
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "RssAnon: %zu kB", &kib) == 1)
			break;
	fclose(status);
	return kib * 1024;
}

static void show_frames(const struct summary *summary, struct refresh *refresh)
{
	size_t timed = refresh->composed < FRAMES_TIMED ?
		       (size_t)refresh->composed : FRAMES_TIMED;
	double composed = (double)refresh->composed;

	printf("frames      %.0f composed, %.0f dropped, %.0f torn: %.1f a "
	       "second\n", composed, (double)refresh->dropped,
	       (double)refresh->torn, composed / summary->seconds);
	printf("a frame     %.2f ms (median), %.2f (95 %%), %.2f (99 %%), "
	       "%.2f (longest)\n", percentile(refresh->ms, timed, 50),
	       percentile(refresh->ms, timed, 95),
	       percentile(refresh->ms, timed, 99),
	       percentile(refresh->ms, timed, 100));
	printf("copied      %.0f bytes a frame in composing it; beside that "
	       "%.0f of pixels,\n            and %.0f of messages. All memory "
	       "of the compositor's own: %.1f MiB\n",
	       (double)(refresh->copied - refresh->recopied) / composed,
	       (double)refresh->recopied / composed,
	       (double)refresh->told / composed, (double)own_bytes() / MIB);
}

static void show_memory(const struct summary *summary)
{
	static const char *const names[] = {
		"before", "under pressure", "after",
	};

	printf("memory      MiB of regions      pinned   unpinned   purged\n");
	for (int i = 0; i < 3; i++)
		printf("            %-14s%12.1f%11.1f%9.1f\n", names[i],
		       summary->uses[i].pinned / MIB,
		       summary->uses[i].unpinned / MIB,
		       summary->uses[i].purged / MIB);
}

void show_summary(const struct summary *summary, struct refresh *refresh)
{
	show_frames(summary, refresh);
	show_memory(summary);
	printf("hand-over   %.3f ms until another process knows that it has a "
	       "new frame;\n            %.3f ms through a socket instead, with "
	       "%lu bytes copied\n", summary->push.by_region,
	       summary->push.by_socket, summary->push.copied);
}
