// SPDX-License-Identifier: MIT
#include "screen.h"

#include <curses.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

/* Lines above the regions, and the last of them, with the headings. */
#define HEAD_LINES	4
#define HEADING_LINE	3

#define COLOUR_PURGING	1

/**
 * struct column - of the table
 * @key:   by which it is sorted
 * @width: what the two wide ones get beside that, see lay_out()
 * @right: stands to the right
 */
static const struct column {
	const char *title;
	enum ranking_key key;
	int width;
	bool right;
} columns[] = {
	{ "ID", RANKING_ID, 10, false },
	{ "NAME", RANKING_NAME, 14, false },
	{ "SIZE", RANKING_SIZE, 6, true },
	{ "RES", RANKING_RESIDENT, 6, true },
	{ "UNPIN", RANKING_UNPINNED, 6, true },
	{ "PURGED", RANKING_PURGED, 6, true },
	{ "PURGE/s", RANKING_RATE, 7, true },
	{ "HELD BY", RANKING_HOLDERS, 18, false },
};

#define COLUMNS		(sizeof(columns) / sizeof(columns[0]))
#define NAME_COLUMN	1
#define HOLDERS_COLUMN	(COLUMNS - 1)

static const char *const keys[] = {
	"q            quit",
	"<  >         sort by the column to the left, to the right",
	"r            sort the other way round",
	"/            show only what has this in its id, name or processes:",
	"             type it, then Enter; Esc takes the filter away",
	"Up Down      scroll, as do PageUp, PageDown, Home and End",
	"Space        look again now",
	"+  -         look less, more often",
	"h  ?         this; any key leads back",
	"",
	"RES is what has memory. UNPIN may be purged, or was. PURGED was, and",
	"nobody has pinned it since. PURGE/s is how fast that happens.",
	NULL,
};

bool screen_begin(void)
{
	const char *no = getenv("NO_COLOR");

	if (!newterm(NULL, stdout, stdin))
		return false;
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	set_escdelay(50);
	if (has_colors() && !(no && *no)) {
		start_color();
		use_default_colors();
		init_pair(COLOUR_PURGING, COLOR_RED, -1);
	}
	return true;
}

void screen_end(void)
{
	endwin();
}

size_t screen_rows(void)
{
	return LINES > HEAD_LINES ? LINES - HEAD_LINES : 0;
}

/* How wide each column is: the terminal's width beyond 80 goes to the name and
 * the holders, half each; what is missing is taken from the holders. */
static void lay_out(int widths[COLUMNS])
{
	int sum = COLUMNS - 1, spare;

	for (size_t i = 0; i < COLUMNS; i++) {
		widths[i] = columns[i].width;
		sum += widths[i];
	}
	spare = COLS - sum;
	if (spare > 0)
		widths[NAME_COLUMN] += spare / 2;
	widths[HOLDERS_COLUMN] += spare > 0 ? spare - spare / 2 : spare;
	if (widths[HOLDERS_COLUMN] < 0)
		widths[HOLDERS_COLUMN] = 0;
}

/* As far as the terminal is wide. */
static void put_cell(int row, int column, int width, bool right, char *text)
{
	int padding;

	if (width > COLS - column)
		width = COLS - column;
	if (width <= 0)
		return;
	text_cut(text, width);
	padding = width - (int)text_columns(text);
	if (right)
		mvprintw(row, column, "%*s%s", padding, "", text);
	else
		mvprintw(row, column, "%s%*s", text, padding, "");
}

/* A line of text, of which no more is shown than fits. */
__attribute__((format(printf, 3, 4)))
static void put_line(int row, int column, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	text_cut(line, COLS > column ? COLS - column : 0);
	mvaddstr(row, column, line);
}

static void draw_headings(const struct ranking *ranking,
			  const int widths[COLUMNS])
{
	char title[16];
	int column = 0;

	mvhline(HEADING_LINE, 0, ' ' | A_REVERSE, COLS);
	for (size_t i = 0; i < COLUMNS; i++) {
		attron(A_REVERSE);
		if (columns[i].key == ranking->key)
			attron(A_BOLD | A_UNDERLINE);
		strcpy(title, columns[i].title);
		put_cell(HEADING_LINE, column, widths[i], columns[i].right,
			 title);
		attroff(A_REVERSE | A_BOLD | A_UNDERLINE);
		column += widths[i] + 1;
	}
}

static void format_pages(bool known, uint64_t pages, char *text)
{
	strcpy(text, "-");
	if (known)
		text_format_bytes(pages * sysconf(_SC_PAGESIZE), text);
}

static void format_holders(const struct found *found, char *text, size_t size)
{
	char command[FOUND_COMMAND_LEN * 4];
	size_t length = snprintf(text, size, "%zu", found->holder_count);

	for (size_t i = 0; i < found->holder_count; i++) {
		text_escape(found->holders[i].command, command,
			    sizeof(command));
		if (length + strlen(command) + 2 >= size)
			break;
		length += snprintf(text + length, size - length, "%s%s",
				   i ? "," : " ", command);
	}
}

static void format_cell(const struct ranked *ranked, enum ranking_key key,
			char *text, size_t size)
{
	const struct found *found = ranked->found;

	switch (key) {
	case RANKING_NAME:
		text_escape(found->name, text, size);
		break;
	case RANKING_SIZE:
		strcpy(text, "-");
		if (found->pages)
			text_format_bytes(found->size, text);
		break;
	case RANKING_RESIDENT:
		format_pages(found->pages, found->resident, text);
		break;
	case RANKING_UNPINNED:
		format_pages(found->knows_pins, found->unpinned, text);
		break;
	case RANKING_PURGED:
		format_pages(found->knows_pins, found->purged, text);
		break;
	case RANKING_RATE:
		text_format_bytes(ranked->rate, text);
		break;
	case RANKING_HOLDERS:
		format_holders(found, text, size);
		break;
	default:
		snprintf(text, size, "%s", found->id);
	}
}

static void draw_region(int row, const struct ranked *ranked,
			const int widths[COLUMNS])
{
	char text[ASHMEM_NAME_LEN * 4];
	int column = 0;

	if (ranked->rate)
		attron(COLOR_PAIR(COLOUR_PURGING) | A_BOLD);
	for (size_t i = 0; i < COLUMNS; i++) {
		format_cell(ranked, columns[i].key, text, sizeof(text));
		put_cell(row, column, widths[i], columns[i].right, text);
		column += widths[i] + 1;
	}
	attroff(COLOR_PAIR(COLOUR_PURGING) | A_BOLD);
}

/**
 * struct sums - of all regions, in bytes
 */
struct sums {
	uint64_t resident;
	uint64_t unpinned;
	uint64_t purged;
	uint64_t rate;
};

static struct sums sum_up(const struct ranking *ranking)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	struct sums sums = { 0 };

	for (size_t i = 0; i < ranking->count; i++) {
		const struct ranked *ranked = &ranking->items[i];

		sums.resident += ranked->found->resident * page;
		sums.unpinned += ranked->found->unpinned * page;
		sums.purged += ranked->found->purged * page;
		sums.rate += ranked->rate;
	}
	return sums;
}

static void draw_title(const struct screen *screen,
		       const struct ranking *ranking)
{
	time_t now = time(NULL);
	struct tm local;
	char clock[16];

	localtime_r(&now, &local);
	strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	put_line(0, 0, "ashmem top %s, every %g s, by %s%s; h for help", clock,
		 screen->delay, ranking_names[ranking->key],
		 ranking->reverse ? " reversed" : "");
}

static void draw_sums(const struct ranking *ranking)
{
	struct sums sums = sum_up(ranking);
	text_bytes resident, unpinned, purged, rate;

	text_format_bytes(sums.resident, resident);
	text_format_bytes(sums.unpinned, unpinned);
	text_format_bytes(sums.purged, purged);
	text_format_bytes(sums.rate, rate);
	put_line(1, 0, "%zu region%s: %s resident, %s unpinned, %s purged, "
		 "purging %s/s", ranking->count,
		 ranking->count == 1 ? "" : "s", resident, unpinned, purged,
		 rate);
}

static void draw_host(const struct host *host)
{
	text_bytes available, total;

	text_format_bytes(host->available, available);
	text_format_bytes(host->total, total);
	if (host->knows_pressure)
		put_line(2, 0, "memory: %s of %s available; stalled %.1f%% "
			 "some, %.1f%% all, of 10 s", available, total,
			 host->some, host->full);
	else
		put_line(2, 0, "memory: %s of %s available; the kernel tells "
			 "nothing of stalls", available, total);
}

/* In place of the machine, as long as there is one. */
static void draw_filter(const struct screen *screen,
			const struct ranking *ranking)
{
	char filter[sizeof(ranking->filter) * 4];

	text_escape(ranking->filter, filter, sizeof(filter));
	if (screen->typing) {
		put_line(2, 0, "only with: %s", filter);
		addch('_' | A_BLINK);
	} else {
		put_line(2, 0, "only with: %s   (%zu of %zu; Esc for all)",
			 filter, ranking->shown, ranking->count);
	}
}

static void draw_help(void)
{
	for (int i = 0; keys[i]; i++)
		put_line(HEADING_LINE + i, 2, "%s", keys[i]);
}

static void draw_regions(struct screen *screen, const struct ranking *ranking)
{
	size_t rows = screen_rows();
	int widths[COLUMNS];

	lay_out(widths);
	if (screen->first + rows > ranking->shown)
		screen->first = ranking->shown > rows ?
				ranking->shown - rows : 0;
	draw_headings(ranking, widths);
	for (size_t i = 0; i < rows && screen->first + i < ranking->shown; i++)
		draw_region(HEAD_LINES + i,
			    &ranking->items[screen->first + i], widths);
}

void screen_draw(struct screen *screen, const struct ranking *ranking,
		 const struct host *host)
{
	erase();
	draw_title(screen, ranking);
	draw_sums(ranking);
	if (screen->typing || *ranking->filter)
		draw_filter(screen, ranking);
	else
		draw_host(host);
	if (screen->help)
		draw_help();
	else
		draw_regions(screen, ranking);
	refresh();
}
