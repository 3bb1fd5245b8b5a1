// SPDX-License-Identifier: MIT
#include "settings.h"

#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pinmap.h"
#include "procmap.h"

#define MIB	(UINT64_C(1) << 20)
#define TIB	(UINT64_C(1) << 40)

enum kind {
	AMOUNT,
	BYTES,
	NUMBER32,
	NUMBER64,
};

/**
 * struct setting - one that a file can have
 * @least: as a number, or in bytes
 * @most:  likewise
 * @needs: what to say of a value that is none, or out of bounds
 */
static const struct setting {
	const char *section;
	const char *name;
	enum kind kind;
	size_t offset;
	uint64_t least;
	uint64_t most;
	const char *needs;
} known[] = {
	{ "purge", "keep-available", AMOUNT,
	  offsetof(struct settings, keep_available), 0, 1024 * TIB,
	  "bytes, such as 256M, or a part of the limit, such as 5%" },
	{ "purge", "step", BYTES,
	  offsetof(struct settings, step_bytes), MIB, TIB,
	  "bytes from 1M to 1024G" },
	{ "purge", "most-per-second", BYTES,
	  offsetof(struct settings, most_per_second), 0, 1024 * TIB,
	  "bytes, such as 1G, or 0 for no limit" },
	{ "limits", "connections-per-user", NUMBER32,
	  offsetof(struct settings, connections_per_user), 1, 1000000,
	  "a number from 1 to 1000000" },
	{ "limits", "regions-per-process", NUMBER32,
	  offsetof(struct settings, regions_per_process), 1, PROCMAP_SLOTS,
	  "a number from 1 to 65536" },
	{ "limits", "regions", NUMBER32,
	  offsetof(struct settings, regions), 1, 10000000,
	  "a number from 1 to 10000000" },
	{ "limits", "pages-per-process", NUMBER64,
	  offsetof(struct settings, pages_per_process), 1, UINT64_MAX >> 16,
	  "a number of pages, at least 1" },
	{ "daemon", "idle-exit", NUMBER32,
	  offsetof(struct settings, idle_exit_seconds), 0, 31536000,
	  "seconds, or 0 never to exit" },
};

/**
 * struct reading - a file that is being read
 * @stream:   the file
 * @line:     the number of the line that was read last
 * @path:     the file's name, for messages
 * @settings: what it has said so far
 * @failed:   a message was logged
 */
struct reading {
	FILE *stream;
	unsigned int line;
	const char *path;
	struct settings settings;
	bool failed;
};

void settings_default(struct settings *settings)
{
	*settings = (struct settings){
		.keep_available = { .percent = 5 },
		.step_bytes = 64 * MIB,
		.connections_per_user = 4096,
		.regions_per_process = PROCMAP_SLOTS,
		.regions = 262144,
		.pages_per_process = PINMAP_MAX_PAGES,
		.idle_exit_seconds = 10,
	};
}

/* Digits, with K, M, G or T after them if @units. */
static bool parse_number(const char *text, bool units, uint64_t *number)
{
	static const char letters[] = "KMGT";
	const char *letter;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (!*end)
		return true;
	letter = units && !end[1] ? strchr(letters, *end) : NULL;
	if (!letter)
		return false;
	return !__builtin_mul_overflow(*number,
				       UINT64_C(1) << 10 * (letter - letters + 1),
				       number);
}

static bool parse_amount(const char *text, struct settings_amount *amount)
{
	char *end;
	double percent;

	if (parse_number(text, true, &amount->bytes)) {
		amount->percent = 0;
		return true;
	}
	if (*text < '0' || *text > '9')
		return false;
	percent = strtod(text, &end);
	if (strcmp(end, "%") || !isfinite(percent) || percent > 100)
		return false;
	*amount = (struct settings_amount){ .percent = percent };
	return true;
}

static bool set(struct settings *settings, const struct setting *setting,
		const char *text)
{
	void *place = (char *)settings + setting->offset;
	struct settings_amount amount;
	uint64_t number;

	if (setting->kind == AMOUNT) {
		if (!parse_amount(text, &amount) || amount.bytes > setting->most)
			return false;
		*(struct settings_amount *)place = amount;
		return true;
	}
	if (!parse_number(text, setting->kind == BYTES, &number) ||
	    number < setting->least || number > setting->most)
		return false;
	if (setting->kind == NUMBER32)
		*(uint32_t *)place = number;
	else
		*(uint64_t *)place = number;
	return true;
}

static const struct setting *find(const char *section, const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].section, section) &&
		    !strcmp(known[i].name, name))
			return &known[i];
	return NULL;
}

/* Returns 0 for an error, as inih wants it. */
static int take(void *context, const char *section, const char *name,
		const char *value)
{
	struct reading *reading = context;
	const struct setting *setting = find(section, name);

	if (reading->failed)
		return 0;
	if (!setting) {
		reading->failed = true;
		log_error("%s:%u: there is no setting '%s' in a section [%s]; "
			  "remove it, or see ashmemd(8)", reading->path,
			  reading->line, name, section);
		return 0;
	}
	if (set(&reading->settings, setting, value))
		return 1;
	reading->failed = true;
	log_error("%s:%u: '%s' cannot be '%s'; give it %s", reading->path,
		  reading->line, name, value, setting->needs);
	return 0;
}

/* inih does not say which line a value is from. */
static char *next_line(char *line, int size, void *context)
{
	struct reading *reading = context;

	reading->line++;
	return fgets(line, size, reading->stream);
}

int settings_read(struct settings *settings, const char *path, bool required)
{
	struct reading reading = { .path = path, .settings = *settings };
	int line;

	reading.stream = fopen(path, "re");
	if (!reading.stream) {
		if (!required && (errno == ENOENT || errno == ENOTDIR))
			return 0;
		log_error("%s: %m; make it readable, or name another file with "
			  "--config", path);
		return -1;
	}
	line = ini_parse_stream(next_line, &reading, take, &reading);
	if (ferror(reading.stream) && !reading.failed) {
		log_error("%s: cannot be read: %m", path);
		reading.failed = true;
	} else if (line && !reading.failed) {
		log_error("%s:%d: write it as 'name = value', or put '#' in "
			  "front", path, line);
		reading.failed = true;
	}
	fclose(reading.stream);
	if (reading.failed)
		return -1;
	*settings = reading.settings;
	return 0;
}
