/* SPDX-License-Identifier: MIT */
/* The colours of the demo. */
#ifndef DEMO_WINDOW_PALETTE_H
#define DEMO_WINDOW_PALETTE_H

#define BAR_TOP		0x171c2c
#define BAR_BOTTOM	0x10141f
#define PANEL_TOP	0x1a2032
#define PANEL_BOTTOM	0x12172a
#define LINE		0x2c354c
#define BRIGHT		0xeef2fb
#define NORMAL		0xc3cbdd
#define MUTED		0x8791aa
#define ALARM		0xf0616d
#define CALM		0x58d6a9

/* What is in caches, by enum cache_kind. */
#define PICTURES	0x4fb3f6
#define ICONS		0xf6b451
#define GLYPHS		0xc48cf4

#endif /* DEMO_WINDOW_PALETTE_H */
