// SPDX-License-Identifier: MIT
#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "ranking.h"
#include "screen.h"
#include "verb.h"

#define DEFAULT_DELAY	2.0
#define SHORTEST_DELAY	0.1
#define LONGEST_DELAY	3600.0

#define KEY_ESCAPE	27
#define KEY_DELETE	127

/**
 * struct top - all of it
 * @due:     when it is looked again, in milliseconds
 * @signals: those that end this, as a descriptor
 * @waiting: those that are blocked while it waits
 */
struct top {
	struct ranking ranking;
	struct screen screen;
	struct host host;
	int64_t due;
	int signals;
	sigset_t waiting;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void clear_filter(struct top *top)
{
	*top->ranking.filter = '\0';
	top->screen.typing = false;
	ranking_sort(&top->ranking);
}

/* While the filter is typed, it is in force at once. */
static void type(struct top *top, int key)
{
	char *filter = top->ranking.filter;
	size_t length = strlen(filter);

	if (key == KEY_ESCAPE) {
		clear_filter(top);
	} else if (key == '\n' || key == KEY_ENTER) {
		top->screen.typing = false;
	} else if (key == KEY_BACKSPACE || key == KEY_DELETE || key == '\b') {
		/* All bytes of a character. */
		while (length && (filter[--length] & 0xc0) == 0x80)
			continue;
		filter[length] = '\0';
	} else if (key >= ' ' && key < 256 &&
		   length + 1 < sizeof(top->ranking.filter)) {
		filter[length] = key;
		filter[length + 1] = '\0';
	}
	top->screen.first = 0;
	ranking_sort(&top->ranking);
}

static void sort_by(struct top *top, int step)
{
	int key = top->ranking.key + step;

	if (key >= 0 && key < RANKING_KEYS)
		top->ranking.key = key;
	ranking_sort(&top->ranking);
}

/* The end of the list is found when it is drawn. */
static void scroll_by(struct top *top, int rows)
{
	if (rows < 0 && top->screen.first < (size_t)-rows)
		top->screen.first = 0;
	else
		top->screen.first += rows;
}

static void change_delay(struct top *top, double factor)
{
	double delay = top->screen.delay * factor;

	if (delay >= SHORTEST_DELAY && delay <= LONGEST_DELAY)
		top->screen.delay = delay;
	top->due = now() + top->screen.delay * 1000;
}

static void move_by_key(struct top *top, int key)
{
	switch (key) {
	case KEY_UP:
		scroll_by(top, -1);
		break;
	case KEY_DOWN:
		scroll_by(top, 1);
		break;
	case KEY_PPAGE:
		scroll_by(top, -(int)screen_rows());
		break;
	case KEY_NPAGE:
		scroll_by(top, screen_rows());
		break;
	case KEY_HOME:
		top->screen.first = 0;
		break;
	case KEY_END:
		top->screen.first = top->ranking.shown;
		break;
	}
}

/* Returns false to quit. */
static bool press(struct top *top, int key)
{
	if (key == KEY_RESIZE)
		return true;
	if (top->screen.help) {
		top->screen.help = false;
		return key != 'q';
	}
	if (top->screen.typing) {
		type(top, key);
		return true;
	}
	switch (key) {
	case 'q':
		return false;
	case '<':
		sort_by(top, -1);
		break;
	case '>':
		sort_by(top, 1);
		break;
	case 'r':
		top->ranking.reverse = !top->ranking.reverse;
		ranking_sort(&top->ranking);
		break;
	case '/':
		top->screen.typing = true;
		break;
	case KEY_ESCAPE:
		clear_filter(top);
		break;
	case ' ':
		top->due = 0;
		break;
	case '+':
		change_delay(top, 2);
		break;
	case '-':
		change_delay(top, 0.5);
		break;
	case 'h':
	case '?':
		top->screen.help = true;
		break;
	default:
		move_by_key(top, key);
	}
	return true;
}

static int look(struct top *top)
{
	host_look(&top->host);
	top->due = now() + top->screen.delay * 1000;
	return ranking_look(&top->ranking);
}

/* A signal that ends this is read between two looks, so that the terminal is
 * given back. That its size changes is told while it waits, and never missed. */
static int take_signals(struct top *top)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	top->signals = signalfd(-1, &signals, SFD_CLOEXEC);
	if (top->signals < 0)
		return -1;
	sigprocmask(SIG_BLOCK, &signals, &top->waiting);
	for (int i = 1; i < NSIG; i++)
		if (sigismember(&signals, i) == 1)
			sigaddset(&top->waiting, i);
	sigdelset(&top->waiting, SIGWINCH);
	sigemptyset(&signals);
	sigaddset(&signals, SIGWINCH);
	return sigprocmask(SIG_BLOCK, &signals, NULL);
}

/* Waits for a key, a signal, or the time. Returns 1, 0 when it is to end, or -1
 * with errno set. */
static int wait_for_input(struct top *top)
{
	struct pollfd polled[] = {
		{ STDIN_FILENO, POLLIN, 0 },
		{ top->signals, POLLIN, 0 },
	};
	int64_t left = top->due - now();
	struct timespec time = { 0 };

	if (left > 0) {
		time.tv_sec = left / 1000;
		time.tv_nsec = left % 1000 * 1000000;
	}
	/* Of the screen's new size getch() tells. */
	if (ppoll(polled, 2, &time, &top->waiting) < 0)
		return errno == EINTR ? 1 : -1;
	if (polled[1].revents)
		return 0;
	if (!(polled[0].revents & ~POLLIN))
		return 1;
	errno = EIO;
	return -1;
}

/* Takes the keys that were pressed. Returns false to quit. */
static bool take_keys(struct top *top)
{
	int key;

	timeout(0);
	while ((key = getch()) != ERR)
		if (!press(top, key))
			return false;
	return true;
}

/* Returns 0 when it is to end, or -1 with errno set. */
static int follow(struct top *top)
{
	int result;

	do {
		if (top->due <= now() && look(top) < 0)
			return -1;
		screen_draw(&top->screen, &top->ranking, &top->host);
		result = wait_for_input(top);
		if (result <= 0)
			return result;
	} while (take_keys(top));
	return 0;
}

static int show(struct top *top)
{
	int result, error;

	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)) {
		complain("this is no terminal: use `ashmem ls'");
		return STATUS_FAILED;
	}
	if (take_signals(top) < 0) {
		complain("%s", strerror(errno));
		return STATUS_FAILED;
	}
	if (!screen_begin()) {
		complain("this terminal cannot be drawn on: is TERM right?");
		return STATUS_FAILED;
	}
	result = follow(top);
	error = errno;
	screen_end();
	close(top->signals);
	ranking_end(&top->ranking);
	if (result == 0)
		return STATUS_DONE;
	complain("%s", strerror(error));
	return STATUS_FAILED;
}

static bool find_key(const char *name, enum ranking_key *key)
{
	for (int i = 0; i < RANKING_KEYS; i++)
		if (!strcmp(ranking_names[i], name)) {
			*key = i;
			return true;
		}
	return false;
}

static bool parse_delay(const char *text, double *delay)
{
	char *end;

	*delay = strtod(text, &end);
	return end != text && !*end && *delay >= SHORTEST_DELAY &&
	       *delay <= LONGEST_DELAY;
}

static int run(int count, char **arguments)
{
	static const struct option known[] = {
		{ "delay", required_argument, NULL, 'd' },
		{ "sort", required_argument, NULL, 's' },
		{ 0 },
	};
	struct top top = {
		.ranking.key = RANKING_RESIDENT,
		.screen.delay = DEFAULT_DELAY,
	};
	int option;

	while ((option = next_option(count, arguments, "d:s:", known)) != -1) {
		if (option == '?')
			return STATUS_USAGE;
		if (option == 'd' && !parse_delay(optarg, &top.screen.delay))
			return misused("`%s' is no delay: say 0.1 to 3600 "
				       "seconds", optarg);
		if (option == 's' && !find_key(optarg, &top.ranking.key))
			return misused("`%s' is no column: say id, name, size, "
				       "resident, unpinned, purged, rate or "
				       "holders", optarg);
	}
	if (optind < count)
		return misused("what is `%s'?", arguments[optind]);
	return show(&top);
}

const struct verb verb_top = {
	.name = "top",
	.operands = "[-d SECONDS] [-s COLUMN]",
	.summary = "shows the regions live, as a full screen",
	.help =
"With how fast they are purged, and how short memory is. Keys: q quits, < and >\n"
"choose the column to sort by, r reverses, / filters, h shows the others.\n"
"\n"
"  -d, --delay SECONDS  between two looks; 2\n"
"  -s, --sort COLUMN    id, name, size, resident, unpinned, purged, rate or\n"
"                       holders; resident\n",
	.run = run,
};
