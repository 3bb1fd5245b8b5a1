/* SPDX-License-Identifier: MIT */
/* Signs of ASCII, for what is written in a picture. */
#ifndef ASHMEM_CLI_FONT_H
#define ASHMEM_CLI_FONT_H

#define FONT_WIDTH	5
#define FONT_HEIGHT	8

/* The rows of a sign, from the top, a bit a pixel, the left one the highest of
 * FONT_WIDTH. One that there is not is blank. */
const unsigned char *font_rows(char sign);

#endif /* ASHMEM_CLI_FONT_H */
