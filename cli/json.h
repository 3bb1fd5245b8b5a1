/* SPDX-License-Identifier: MIT */
/* What is found, as JSON. Sizes are in bytes, unless a name says pages; what is
 * not known is null. */
#ifndef ASHMEM_CLI_JSON_H
#define ASHMEM_CLI_JSON_H

#include <jansson.h>

#include "found.h"

/* A text of any bytes: those that are no UTF-8 are shown as U+FFFD. NULL
 * without memory, as for all of jansson's. */
json_t *json_text(const char *text);

/* One region; NULL without memory. */
json_t *json_region(const struct found *found);

/* Prints a value, which is given up, and the end of a line. Returns @status, or
 * STATUS_FAILED, also if @value is NULL for want of memory. */
int json_print(json_t *value, size_t flags, int status);

#endif /* ASHMEM_CLI_JSON_H */
