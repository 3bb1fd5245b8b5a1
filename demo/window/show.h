/* SPDX-License-Identifier: MIT */
#ifndef DEMO_WINDOW_SHOW_H
#define DEMO_WINDOW_SHOW_H

/**
 * struct options
 * @picture: the file of the picture
 * @frames:  the directory that frames are written into
 * @viewer:  the program that shows the screen in a window, or NULL
 */
struct options {
	const char *picture;
	const char *frames;
	const char *viewer;
};

/* Shows it all, once. What fails ends the process. */
void show(const struct options *options);

#endif /* DEMO_WINDOW_SHOW_H */
