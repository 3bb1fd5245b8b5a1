// SPDX-License-Identifier: MIT
#include "json.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "verb.h"

#define REPLACEMENT	"\xef\xbf\xbd"

/* Bytes of the UTF-8 character at @text; 0 if there is none. */
static size_t character_at(const char *text)
{
	for (size_t length = 1; length <= 4 && text[length - 1]; length++) {
		json_t *value = json_stringn(text, length);

		json_decref(value);
		if (value)
			return length;
	}
	return 0;
}

json_t *json_text(const char *text)
{
	char valid[ASHMEM_NAME_LEN * sizeof(REPLACEMENT)];
	size_t length = 0, taken;

	while (*text && length < sizeof(valid) - 4) {
		taken = character_at(text);
		memcpy(valid + length, taken ? text : REPLACEMENT,
		       taken ? taken : strlen(REPLACEMENT));
		length += taken ? taken : strlen(REPLACEMENT);
		text += taken ? taken : 1;
	}
	return json_stringn(valid, length);
}

static json_t *holders_of(const struct found *found)
{
	json_t *list = json_array();

	for (size_t i = 0; i < found->holder_count; i++) {
		const struct holder *holder = &found->holders[i];

		json_array_append_new(list, json_pack(
			"{s:i, s:I, s:o, s:o, s:b}", "pid", holder->pid,
			"user", (json_int_t)holder->user,
			"command", json_text(holder->command),
			"fd", holder->fd < 0 ? json_null() :
					       json_integer(holder->fd),
			"writable", holder->writable));
	}
	return list;
}

static json_t *if_known(bool known, uint64_t number)
{
	return known ? json_integer(number) : json_null();
}

static json_t *protection_of(int protection)
{
	char text[] = "---";

	if (protection < 0)
		return json_null();
	if (protection & PROT_READ)
		text[0] = 'r';
	if (protection & PROT_WRITE)
		text[1] = 'w';
	if (protection & PROT_EXEC)
		text[2] = 'x';
	return json_string(text);
}

json_t *json_region(const struct found *found)
{
	uint64_t page = sysconf(_SC_PAGESIZE);

	return json_pack("{s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:i,"
			 " s:o, s:o}",
		"id", found->id,
		"engine", found->engine == ASHMEM_ENGINE_DEVICE ? "device" :
								  "portable",
		"inode", if_known(found->inode, found->inode),
		"name", json_text(found->name),
		"size", (json_int_t)found->size,
		"protection", protection_of(found->protection),
		"resident", if_known(found->pages, found->resident * page),
		"unpinned", if_known(found->knows_pins, found->unpinned * page),
		"purged", if_known(found->knows_pins, found->purged * page),
		"attached", (int)found->attached,
		"ashmemd", found->service ?
			json_text(found->service->place.socket) : json_null(),
		"holders", holders_of(found));
}

int json_print(json_t *value, size_t flags, int status)
{
	int result = value ? json_dumpf(value, stdout, flags) : -1;

	json_decref(value);
	if (result == 0) {
		putchar('\n');
		return printed(status);
	}
	complain("the list cannot be written");
	return STATUS_FAILED;
}
