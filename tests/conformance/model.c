// SPDX-License-Identifier: MIT
/*
 * CONTRACT.md, section 4, as a whole: random operations on two areas, each
 * answer compared with that of the model, and the content of each page with
 * what was written to it. Purging all is the purger.
 */
#include <stdio.h>
#include <string.h>

#include "../range/model.h"
#include "../range/random.h"
#include "area.h"
#include "engine.h"
#include "need.h"
#include "test.h"

#define AREAS	2
#define PAGES	48
#define STEPS	20000

/**
 * struct subject - an area, and what must be seen of it
 * @area:    the area
 * @model:   its pin state
 * @pages:   the model's
 * @content: of each page, the byte that is all over it
 */
struct subject {
	struct area area;
	struct model model;
	struct model_page pages[PAGES];
	char content[PAGES];
};

/* A run of pages, [start, end), and how a call is to name it. */
struct run {
	unsigned long start;
	unsigned long end;
	bool wide;
	bool to_the_end;
};

static struct subject subjects[AREAS];
static uint64_t state;

static struct run random_run(void)
{
	struct run run = { .start = random_below(&state, PAGES) };

	run.end = run.start + 1 + random_below(&state, PAGES - run.start);
	/* Short runs leave more of a pattern. */
	if (run.end - run.start > 6 && random_below(&state, 3))
		run.end = run.start + 1 + random_below(&state, 6);
	run.wide = random_below(&state, 2);
	run.to_the_end = run.end == PAGES && random_below(&state, 2);
	return run;
}

static long call(const struct subject *subject, const struct run *run,
		 long (*narrow)(int, uint32_t, uint32_t),
		 long (*wide)(int, uint64_t, uint64_t))
{
	size_t length = run->to_the_end ? 0 : (run->end - run->start) * page;

	return run->wide ? wide(subject->area.fd, run->start * page, length) :
			   narrow(subject->area.fd, run->start * page, length);
}

static void try_pin(struct subject *subject)
{
	struct run run = random_run();
	bool wanted = model_pin(&subject->model, run.start, run.end);

	must_be(call(subject, &run, engine->pin, engine->pin64), wanted);
}

static void try_unpin(struct subject *subject)
{
	struct run run = random_run();

	model_unpin(&subject->model, run.start, run.end, 0);
	must_be(call(subject, &run, engine->unpin, engine->unpin64), 0);
}

static void try_status(struct subject *subject)
{
	struct run run = random_run();
	bool wanted = model_is_pinned(&subject->model, run.start, run.end);

	must_be(call(subject, &run, engine->status, engine->status64), wanted);
}

static void try_write(struct subject *subject)
{
	unsigned long number = random_below(&state, PAGES);
	char byte = 'a' + random_below(&state, 26);

	/* Of a purged page touched anew, only the memory can be purged. */
	if (subject->pages[number].purged)
		return;
	page_fill(subject->area.at, number, byte);
	subject->content[number] = byte;
}

static void check_content(struct subject *subject)
{
	for (unsigned long i = 0; i < PAGES; i++)
		if (!page_holds(subject->area.at, i, subject->content[i]))
			test_fail(__FILE__, __LINE__,
				  "page %lu does not hold %d", i,
				  subject->content[i]);
}

static void try_purge(struct subject *subject)
{
	unsigned long wanted = 0;

	for (unsigned int i = 0; i < AREAS; i++) {
		struct subject *each = &subjects[i];

		wanted += model_purge(&each->model, 0, PAGES);
		for (unsigned long j = 0; j < PAGES; j++)
			if (each->pages[j].unpinned)
				each->content[j] = 0;
	}
	must_be(engine->purge_all(subject->area.fd), wanted);
	check_content(subject);
}

static void (*const operations[])(struct subject *) = {
	try_pin, try_pin, try_unpin, try_unpin, try_status, try_write,
	try_write,
};

static void random_operations(void)
{
	state = seed;
	for (unsigned int i = 0; i < AREAS; i++) {
		subjects[i].area = area_make(PAGES);
		subjects[i].model.pages = subjects[i].pages;
		subjects[i].model.count = PAGES;
	}
	for (unsigned int step = 0; step < STEPS; step++) {
		struct subject *subject =
			&subjects[random_below(&state, AREAS)];

		if (!random_below(&state, 12))
			try_purge(subject);
		else
			operations[random_below(&state,
				sizeof(operations) / sizeof(operations[0]))]
				(subject);
	}
	for (unsigned int i = 0; i < AREAS; i++)
		check_content(&subjects[i]);
}

static const struct test tests[] = {
	{ "4 model: 20000 random operations answer as the model does",
	  random_operations, { need_purge_all } },
};

const struct test_group model_tests = TEST_GROUP(tests);
