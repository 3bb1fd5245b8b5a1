// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "finding.h"
#include "json.h"
#include "text.h"
#include "verb.h"

/**
 * struct grade - how one is shown
 */
static const struct grade {
	const char *word;
	int colour;
} grades[] = {
	[FINDING_FINE]		= { "ok", 32 },
	[FINDING_NOTE]		= { "note", 33 },
	[FINDING_PROBLEM]	= { "PROBLEM", 31 },
};

/* Where the text begins, and how wide it may get. */
#define INDENT	22
#define WIDTH	80

/* Breaks a text into lines at its blanks. */
static void print_text(const char *text)
{
	size_t column = INDENT, length;
	const char *between = "";

	while (*text) {
		length = 0;
		while (text[length] && text[length] != ' ')
			length++;
		if (column + length + 1 > WIDTH && column > INDENT) {
			printf("\n%*s", INDENT, "");
			column = INDENT;
			between = "";
		}
		printf("%s%.*s", between, (int)length, text);
		column += length + 1;
		between = " ";
		text += length + (text[length] == ' ');
	}
	putchar('\n');
}

static void print_finding(const struct finding *finding, bool colours)
{
	const struct grade *grade = &grades[finding->grade];

	printf("%-12s", finding->about);
	if (colours)
		printf("\033[%dm%-10s\033[0m", grade->colour, grade->word);
	else
		printf("%-10s", grade->word);
	print_text(finding->text);
	/* In one line, as it is to be copied. */
	if (finding->mend)
		printf("%*s$ %s\n", INDENT, "", finding->mend);
}

static int print_json(const struct findings *findings, int status)
{
	static const char *const words[] = { "ok", "note", "problem" };
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		json_array_append_new(list, json_pack(
			"{s:s, s:s, s:o, s:o}", "about", finding->about,
			"grade", words[finding->grade],
			"text", json_text(finding->text),
			"mend", finding->mend ? json_text(finding->mend) :
						json_null()));
	}
	return json_print(list, JSON_INDENT(2), status);
}

static int count_problems(const struct findings *findings)
{
	int count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].grade == FINDING_PROBLEM;
	return count;
}

static int doctor(bool json)
{
	struct findings findings = { 0 };
	int problems, status;

	findings_look(&findings);
	problems = count_problems(&findings);
	status = problems ? STATUS_FAILED : STATUS_DONE;
	if (json) {
		status = print_json(&findings, status);
	} else {
		for (size_t i = 0; i < findings.count; i++)
			print_finding(&findings.items[i], text_has_colours());
		if (problems)
			printf("\n%d problem%s.\n", problems,
			       problems == 1 ? "" : "s");
		else
			puts("\nAll is well.");
		status = printed(status);
	}
	findings_end(&findings);
	return status;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	bool json = false;
	int option;

	while ((option = next_option(count, arguments, "j", known)) != -1) {
		if (option == '?')
			return STATUS_USAGE;
		json = true;
	}
	if (optind < count)
		return misused("what is `%s'?", arguments[optind]);
	return doctor(json);
}

const struct verb verb_doctor = {
	.name = "doctor",
	.operands = "[-j]",
	.summary = "tells what works here, and how to mend what does not",
	.help =
"Which engine makes new regions and why, what the kernel has, how memory pressure\n"
"is seen, what this user may, and which ashmemd serves; below each problem the\n"
"command that mends it. Exits with 1 if there is a problem. Changes nothing.\n"
"\n"
"  -j, --json           as JSON\n",
	.run = run,
};
