// SPDX-License-Identifier: MIT
#include "maps.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

static bool parse(const char *text, struct maps_line *line)
{
	int path = 0;

	if (sscanf(text, "%lx-%lx %4s %*x %*s %llu %n", &line->start,
		   &line->end, line->prot, &line->inode, &path) != 4)
		return false;
	snprintf(line->path, sizeof(line->path), "%s", text + path);
	line->path[strcspn(line->path, "\n")] = '\0';
	return true;
}

/**
 * maps_find - the line of a mapping of this process
 * @at: an address that must be mapped
 */
struct maps_line maps_find(const void *at)
{
	unsigned long address = (unsigned long)at;
	FILE *file = fopen("/proc/self/maps", "r");
	struct maps_line line;
	char text[1400];

	must(file);
	while (fgets(text, sizeof(text), file))
		if (parse(text, &line) && line.start <= address &&
		    address < line.end) {
			fclose(file);
			return line;
		}
	test_fail(__FILE__, __LINE__, "nothing is mapped at %p", at);
}
