// SPDX-License-Identifier: MIT
#include "stage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "test.h"

#define V1	"sys/fs/cgroup/memory"
#define V2	"sys/fs/cgroup"

static uint64_t clock_of(void *context)
{
	return ((struct stage *)context)->time;
}

static uint64_t take(struct stage *stage, struct stage_cgroup *from,
		     uint64_t bytes)
{
	if (bytes > from->unpinned)
		bytes = from->unpinned;
	from->unpinned -= bytes;
	from->freed += bytes;
	for (unsigned int i = 0; i < stage->count; i++)
		if (!stage->elsewhere &&
		    cgroup_contains(stage->cgroups[i].path, from->path))
			stage->cgroups[i].used -= bytes;
	stage->used -= bytes;
	return bytes;
}

/* The daemon's purge: a millisecond each. */
static uint64_t purge(void *context, const char *cgroup, uint64_t bytes)
{
	struct stage *stage = context;
	uint64_t freed = 0;

	stage->time += 1000;
	stage->calls++;
	stage->machine += !cgroup;
	if (bytes > stage->largest)
		stage->largest = bytes;
	for (unsigned int i = 0; i < stage->count; i++)
		if (!cgroup || cgroup_contains(cgroup, stage->cgroups[i].path))
			freed += take(stage, &stage->cgroups[i], bytes - freed);
	stage_publish(stage);
	return freed;
}

void stage_set(struct stage *stage, const char *mounts)
{
	*stage = (struct stage){
		.settings = { .step_bytes = MIB },
		.time = 1000 * SECOND,
		.used = STAGE_TOTAL / 2,
	};
	tree_make(&stage->tree);
	tree_put(&stage->tree, "proc/self/mountinfo", "%s", mounts);
	sd_event_new(&stage->event);
	unsetenv("MEMORY_PRESSURE_WATCH");
	unsetenv("MEMORY_PRESSURE_WRITE");
	stage_publish(stage);
}

void stage_start(struct stage *stage)
{
	struct pressure_world world = {
		.proc = stage->tree.proc,
		.root = stage->tree.root,
		.clock = clock_of,
		.context = stage,
	};

	stage->pressure = pressure_new_in(&world, stage->event,
					  &stage->settings, purge, stage);
	if (!stage->pressure) {
		perror("pressure_new_in");
		exit(2);
	}
}

void stage_clear(struct stage *stage)
{
	pressure_free(stage->pressure);
	sd_event_unref(stage->event);
	tree_remove(&stage->tree);
}

struct stage_cgroup *stage_cgroup(struct stage *stage, const char *path,
				  uint64_t used, uint64_t unpinned,
				  const char *limit_file, uint64_t limit)
{
	struct stage_cgroup *cgroup = &stage->cgroups[stage->count++];
	char file[128];

	*cgroup = (struct stage_cgroup){
		.path = path, .used = used, .unpinned = unpinned,
	};
	if (strcmp(limit_file, "memory.max")) {
		snprintf(file, sizeof(file), V2 "%s/memory.max", path);
		tree_put(&stage->tree, file, "max\n");
	}
	snprintf(file, sizeof(file), "%s%s/%s",
		 strstr(limit_file, "bytes") ? V1 : V2, path, limit_file);
	if (limit)
		tree_put(&stage->tree, file, "%" PRIu64 "\n", limit);
	else
		tree_put(&stage->tree, file, "max\n");
	stage_publish(stage);
	return cgroup;
}

static void publish(const struct stage *stage, const char *path,
		    const char *name, uint64_t value)
{
	char file[256];

	snprintf(file, sizeof(file), "%s/%s", path, name);
	tree_put(&stage->tree, file, "%" PRIu64 "\n", value);
}

void stage_publish(const struct stage *stage)
{
	char path[128];

	for (unsigned int i = 0; i < stage->count; i++) {
		const struct stage_cgroup *cgroup = &stage->cgroups[i];

		snprintf(path, sizeof(path), V2 "%s", cgroup->path);
		publish(stage, path, "memory.current", cgroup->used);
		snprintf(path, sizeof(path), V1 "%s", cgroup->path);
		publish(stage, path, "memory.usage_in_bytes", cgroup->used);
	}
	tree_put(&stage->tree, "proc/meminfo",
		 "MemTotal: %ju kB\nMemAvailable: %ju kB\n",
		 (uintmax_t)STAGE_TOTAL / 1024,
		 (uintmax_t)(STAGE_TOTAL - stage->used) / 1024);
}

void stage_process(const struct stage *stage, pid_t pid, const char *cgroup)
{
	char file[64];

	snprintf(file, sizeof(file), "proc/%d/cgroup", pid);
	tree_put(&stage->tree, file, "4:memory:%s\n0::%s\n", cgroup, cgroup);
}

unsigned int stage_pass(struct stage *stage, uint64_t time)
{
	uint64_t end = stage->time + time;
	unsigned int looks = 0;

	while (stage->time < end) {
		uint64_t next = pressure_look(stage->pressure);

		looks++;
		if (next > end - stage->time)
			break;
		/* A busy loop would never end here. */
		stage->time += next ? next : 1;
	}
	stage->time = end;
	return looks;
}
