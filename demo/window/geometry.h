/* SPDX-License-Identifier: MIT */
/* The screen of the demo, and its windows. */
#ifndef DEMO_WINDOW_GEOMETRY_H
#define DEMO_WINDOW_GEOMETRY_H

#define SCREEN_WIDTH		960
#define SCREEN_HEIGHT		600
#define STATUS_HEIGHT		36
#define NAVIGATION_HEIGHT	52
#define CONTENT_HEIGHT		(SCREEN_HEIGHT - STATUS_HEIGHT - \
				 NAVIGATION_HEIGHT)

/* The windows, by number. */
enum {
	STATUS,
	CONTENT,
	NAVIGATION,
};

#endif /* DEMO_WINDOW_GEOMETRY_H */
