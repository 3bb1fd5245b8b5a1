// SPDX-License-Identifier: MIT
#include "host.h"

#include <inttypes.h>
#include <stdio.h>

static void look_at_memory(struct host *host)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kib;
	char line[128];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemTotal: %" SCNu64, &kib) == 1)
			host->total = kib * 1024;
		else if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1)
			host->available = kib * 1024;
	}
	fclose(file);
}

static void look_at_pressure(struct host *host)
{
	FILE *file = fopen("/proc/pressure/memory", "re");
	unsigned int whole, hundredths;
	char line[128];
	int found = 0;

	if (!file)
		return;
	/* Always with a point, whatever this locale has in its place. */
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "some avg10=%u.%u", &whole, &hundredths) == 2)
			found++, host->some = whole + hundredths / 100.0;
		if (sscanf(line, "full avg10=%u.%u", &whole, &hundredths) == 2)
			found++, host->full = whole + hundredths / 100.0;
	}
	fclose(file);
	host->knows_pressure = found == 2;
}

void host_look(struct host *host)
{
	*host = (struct host){ 0 };
	look_at_memory(host);
	look_at_pressure(host);
}
