/* SPDX-License-Identifier: MIT */
/* What the doctor finds. */
#ifndef ASHMEM_CLI_FINDING_H
#define ASHMEM_CLI_FINDING_H

#include <stddef.h>

enum finding_grade {
	FINDING_FINE,		/* as it should be */
	FINDING_NOTE,		/* works, and could be better */
	FINDING_PROBLEM,	/* keeps something from working */
};

/**
 * struct finding - one of them
 * @about: what was looked at, in a word
 * @text:  what was found
 * @mend:  the command that mends it; NULL if there is nothing to mend
 */
struct finding {
	const char *about;
	enum finding_grade grade;
	char *text;
	char *mend;
};

/**
 * struct findings - all of them
 */
struct findings {
	struct finding *items;
	size_t count;
};

/* Adds one; @mend is NULL, or a command. Without memory there is one less. */
__attribute__((format(printf, 5, 6)))
void finding_add(struct findings *findings, const char *about,
		 enum finding_grade grade, const char *mend,
		 const char *format, ...);

void findings_end(struct findings *findings);

/* Looks at all that there is to look at; starts nothing, changes nothing. */
void findings_look(struct findings *findings);

#endif /* ASHMEM_CLI_FINDING_H */
