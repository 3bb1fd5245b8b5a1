/* SPDX-License-Identifier: MIT */
#ifndef DEMO_WINDOW_CONTENT_H
#define DEMO_WINDOW_CONTENT_H

/* The picture that the content is sent, row after row in a region. */
#define SOURCE_WIDTH	1280
#define SOURCE_HEIGHT	1024

#endif /* DEMO_WINDOW_CONTENT_H */
