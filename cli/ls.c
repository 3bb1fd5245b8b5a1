// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "found.h"
#include "json.h"
#include "table.h"
#include "text.h"
#include "verb.h"

static const struct table_column columns[] = {
	{ "ID", false, 0 },
	{ "NAME", false, 12 },
	{ "SIZE", true, 0 },
	{ "RESIDENT", true, 0 },
	{ "UNPINNED", true, 0 },
	{ "PURGED", true, 0 },
	{ "HOLDERS", false, 10 },
};

/**
 * struct options - of this verb
 * @json:  as JSON
 * @bytes: sizes are not rounded
 */
struct options {
	bool json;
	bool bytes;
};

static int add_bytes(struct table *table, bool known, uint64_t bytes,
		     bool exact)
{
	char text[24] = "-";
	text_bytes rounded;

	if (known && exact) {
		snprintf(text, sizeof(text), "%" PRIu64, bytes);
	} else if (known) {
		text_format_bytes(bytes, rounded);
		return table_add(table, rounded);
	}
	return table_add(table, text);
}

/* How many, and which. */
static int add_holders(struct table *table, const struct found *found)
{
	char text[512], command[FOUND_COMMAND_LEN * 4];
	size_t length = snprintf(text, sizeof(text), "%zu",
				 found->holder_count);

	for (size_t i = 0; i < found->holder_count; i++) {
		text_escape(found->holders[i].command, command,
			    sizeof(command));
		if (length + strlen(command) + 2 >= sizeof(text))
			break;
		length += snprintf(text + length, sizeof(text) - length,
				   "%s%s", i ? "," : " ", command);
	}
	return table_add(table, text);
}

static int add_row(struct table *table, const struct found *found, bool exact)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	char name[ASHMEM_NAME_LEN * 4];

	text_escape(found->name, name, sizeof(name));
	if (table_add(table, found->id) < 0 || table_add(table, name) < 0 ||
	    add_bytes(table, found->pages, found->size, exact) < 0 ||
	    add_bytes(table, found->pages, found->resident * page, exact) < 0 ||
	    add_bytes(table, found->knows_pins, found->unpinned * page,
		      exact) < 0 ||
	    add_bytes(table, found->knows_pins, found->purged * page,
		      exact) < 0)
		return -1;
	return add_holders(table, found);
}

static int fill(struct table *table, const struct found_list *list, bool exact)
{
	for (size_t i = 0; i < list->count; i++)
		if (add_row(table, &list->items[i], exact) < 0) {
			complain("%s", strerror(errno));
			return -1;
		}
	return 0;
}

static int print_table(const struct found_list *list, bool exact, int status)
{
	struct table table = {
		.columns = columns,
		.width = sizeof(columns) / sizeof(columns[0]),
	};

	if (fill(&table, list, exact) == 0)
		table_print(&table, text_has_colours());
	else
		status = STATUS_FAILED;
	table_end(&table);
	return printed(status);
}

static int print_json(const struct found_list *list, int status)
{
	json_t *regions = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(regions, json_region(&list->items[i]));
	return json_print(json_pack("{s:o, s:I}", "regions", regions,
				    "hidden_processes",
				    (json_int_t)list->hidden),
			  JSON_INDENT(2), status);
}

static int ls(const struct options *options)
{
	struct found_list list = { 0 };
	int status;

	if (found_look(&list) < 0) {
		complain("/proc cannot be looked through: %s", strerror(errno));
		return STATUS_FAILED;
	}
	if (list.error)
		complain("an ashmemd does not tell what it knows: %s",
			 service_trouble(list.error));
	status = list.partial ? STATUS_FAILED : STATUS_DONE;
	status = options->json ? print_json(&list, status) :
				 print_table(&list, options->bytes, status);
	found_end(&list);
	return status;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = {
		{ "bytes", no_argument, NULL, 'b' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	struct options options = { 0 };
	int option;

	while ((option = next_option(count, arguments, "bj", known)) != -1) {
		if (option == '?')
			return STATUS_USAGE;
		options.bytes |= option == 'b';
		options.json |= option == 'j';
	}
	if (optind < count)
		return misused("what is `%s'?", arguments[optind]);
	return ls(&options);
}

const struct verb verb_ls = {
	.name = "ls",
	.operands = "[-b | -j]",
	.summary = "shows every region that the caller may see",
	.help =
"A line for each: how it is called, its name and size, how much of it has\n"
"memory, may be purged, and was, and which processes have it. What is not known\n"
"is `-'. Looking changes nothing. Where the ashmemd of the machine or of this\n"
"user does not tell what it knows, that is said, and exits with 1.\n"
"\n"
"  -b, --bytes          sizes in bytes, not rounded\n"
"  -j, --json           all that is known, as JSON\n",
	.run = run,
};
