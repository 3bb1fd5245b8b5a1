// SPDX-License-Identifier: MIT
#include "patience.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

/* In milliseconds: for one answer, for a look, for the first look after it was
 * lost, and for how long one is left alone then. */
#define FOR_AN_ANSWER	5000
#define FOR_KNOWN	10000
#define FOR_OTHERS	2000
#define FOR_LOST	500
#define LEFT_ALONE	30000

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000) + time.tv_nsec / 1000000;
}

static void fill(struct patience *patience)
{
	if (patience->lost)
		patience->left = FOR_LOST;
	else
		patience->left = patience->standing == STANDING_OTHER ?
				 FOR_OTHERS : FOR_KNOWN;
}

struct patience *patience_with(struct patience_list *list,
			       enum standing standing, uid_t owner)
{
	struct patience *patience = list->first;

	while (patience && (patience->standing != standing ||
			    patience->owner != owner))
		patience = patience->next;
	if (patience)
		return patience;
	patience = malloc(sizeof(*patience));
	if (!patience)
		return NULL;
	*patience = (struct patience){
		.list = list,
		.next = list->first,
		.standing = standing,
		.owner = owner,
	};
	fill(patience);
	list->first = patience;
	return patience;
}

void patience_end(struct patience_list *list)
{
	struct patience *next;

	for (struct patience *i = list->first; i; i = next) {
		next = i->next;
		free(i);
	}
	free(list);
}

void patience_renew(struct patience_list *list)
{
	list->current = NULL;
	for (struct patience *i = list->first; i; i = i->next)
		if (!i->lost || now() - i->lost >= LEFT_ALONE)
			fill(i);
}

bool patience_begin(struct patience *patience)
{
	struct patience_list *list = patience->list;
	int64_t time = now();

	if (list->current)
		list->current->left -= time - list->since;
	list->current = patience;
	list->since = time;
	if (patience->left > 0)
		return true;
	if (!patience->lost)
		patience_lose(patience);
	return false;
}

bool patience_wait(struct patience *patience, int fd)
{
	struct pollfd polled = { fd, POLLIN, 0 };
	int64_t end = now() + (patience->left < FOR_AN_ANSWER ?
			       patience->left : FOR_AN_ANSWER);
	int64_t left = end - now();
	int ready = 0;

	while (left > 0 && (ready = poll(&polled, 1, left)) < 0)
		left = end - now();
	if (ready > 0)
		patience->lost = 0;
	else
		patience_lose(patience);
	return ready > 0;
}

void patience_lose(struct patience *patience)
{
	patience->left = 0;
	patience->lost = now();
}
