/* SPDX-License-Identifier: MIT */
/*
 * What ashmemd has done and has, in Prometheus' text format over HTTP: GET
 * /metrics. Only with --metrics.
 */
#ifndef ASHMEM_DAEMON_METRICS_H
#define ASHMEM_DAEMON_METRICS_H

#include <systemd/sd-event.h>

struct metrics;
struct registry;

/**
 * metrics_start - begins to serve
 * @address: "ADDRESS:PORT", "[ADDRESS]:PORT" for one with colons, or "PORT"
 *           alone for 127.0.0.1. Numbers only; port 0 is any that is free
 *
 * Returns NULL after it has logged a line that says what is wrong and what to
 * do.
 */
struct metrics *metrics_start(sd_event *event, const char *address,
			      const struct registry *registry);

/* NULL is allowed. */
void metrics_stop(struct metrics *metrics);

#endif /* ASHMEM_DAEMON_METRICS_H */
