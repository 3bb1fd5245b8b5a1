/* SPDX-License-Identifier: MIT */
/* The panel beside the picture: the caches over time, what is in them, and what
 * has happened. */
#ifndef DEMO_WINDOW_PANEL_H
#define DEMO_WINDOW_PANEL_H

#include "canvas.h"
#include "glyphs.h"
#include "history.h"

struct panel {
	struct glyphs title;
	struct glyphs text;
	struct glyphs small;
};

/* All return 0, or -1 with errno. */
int panel_create(struct panel *panel);
int panel_draw(struct panel *panel, const struct canvas *canvas,
	       const struct history *history);

#endif /* DEMO_WINDOW_PANEL_H */
