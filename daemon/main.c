// SPDX-License-Identifier: MIT
/*
 * ashmemd: frees unpinned pages when memory gets tight. See
 * docs/portable-engine.md.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "cgroup.h"
#include "chores.h"
#include "listener.h"
#include "log.h"
#include "metrics.h"
#include "options.h"
#include "pressure.h"
#include "purge.h"
#include "registry.h"
#include "server.h"
#include "settings.h"
#include "sign.h"

#define CONFIG		"/etc/ashmemd.conf"
#define CONFIG_NAME	"ashmemd.conf"

/**
 * struct daemon - all that there is
 */
struct daemon {
	struct options options;
	struct settings settings;
	struct listener listener;
	struct registry registry;
	struct server server;
	struct chores chores;
	struct metrics *metrics;
	sd_event *event;
};

static int read_settings(const struct options *options,
			 struct settings *settings)
{
	const char *home = secure_getenv("XDG_CONFIG_HOME");
	char own[4096];

	settings_default(settings);
	if (options->config)
		return settings_read(settings, options->config, true);
	if (settings_read(settings, CONFIG, false) < 0)
		return -1;
	if (options->machine || !home || home[0] != '/' ||
	    snprintf(own, sizeof(own), "%s/" CONFIG_NAME, home) >=
	    (int)sizeof(own))
		return 0;
	return settings_read(settings, own, false);
}

/* Is the client in that cgroup, or below it? */
struct scope {
	struct pressure *pressure;
	const char *cgroup;
};

static bool is_in_cgroup(void *context, const struct client *client)
{
	const struct scope *scope = context;
	const char *cgroup = pressure_cgroup_of(scope->pressure, client->pid);

	return cgroup && cgroup_contains(scope->cgroup, cgroup);
}

static uint64_t on_pressure(void *context, const char *cgroup, uint64_t bytes)
{
	struct daemon *daemon = context;
	struct scope scope = { daemon->server.pressure, cgroup };
	uint64_t freed = purge(&daemon->registry,
			       cgroup ? is_in_cgroup : NULL, &scope, bytes);

	log_debug("%ju of %ju bytes freed, for %s", (uintmax_t)freed,
		  (uintmax_t)bytes, cgroup ? cgroup : "the machine");
	chores_review(&daemon->chores);
	return freed;
}

static void on_change(void *context)
{
	struct daemon *daemon = context;

	chores_review(&daemon->chores);
}

static int on_idle(void *context)
{
	struct daemon *daemon = context;

	if (!listener_retire(&daemon->listener)) {
		chores_review(&daemon->chores);
		return 0;
	}
	log_info("nobody has needed it for %u s: it ends",
		 daemon->settings.idle_exit_seconds);
	return sd_event_exit(daemon->event, EXIT_SUCCESS);
}

static int on_end(sd_event_source *source,
		  const struct signalfd_siginfo *information, void *context)
{
	struct daemon *daemon = context;

	(void)source;
	log_info("it ends: %s", strsignal(information->ssi_signo));
	return sd_event_exit(daemon->event, EXIT_SUCCESS);
}

static int on_reload(sd_event_source *source,
		     const struct signalfd_siginfo *information, void *context)
{
	struct daemon *daemon = context;
	struct settings settings;

	(void)source;
	(void)information;
	sd_notify(0, "RELOADING=1");
	if (read_settings(&daemon->options, &settings) == 0) {
		daemon->settings = settings;
		log_info("its settings were read anew");
		chores_review(&daemon->chores);
	}
	sd_notify(0, "READY=1");
	return 0;
}

static int add_signals(struct daemon *daemon)
{
	sigset_t signals;
	int result;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	result = sd_event_add_signal(daemon->event, NULL, SIGTERM, on_end,
				     daemon);
	if (result >= 0)
		result = sd_event_add_signal(daemon->event, NULL, SIGINT,
					     on_end, daemon);
	if (result >= 0)
		result = sd_event_add_signal(daemon->event, NULL, SIGHUP,
					     on_reload, daemon);
	return result;
}

static int start_serving(struct daemon *daemon)
{
	daemon->server = (struct server){
		.event = daemon->event,
		.registry = &daemon->registry,
		.settings = &daemon->settings,
		.pressure = pressure_new(daemon->event, &daemon->settings,
					 on_pressure, daemon),
		.sign = sign_make(),
		.listener = daemon->listener.fd,
		.changed = on_change,
		.context = daemon,
	};
	daemon->chores = (struct chores){
		.event = daemon->event,
		.registry = &daemon->registry,
		.settings = &daemon->settings,
		.idle = on_idle,
		.context = daemon,
	};
	int result;

	if (!daemon->server.pressure || daemon->server.sign < 0)
		return -errno;
	result = chores_start(&daemon->chores);
	return result < 0 ? result : server_start(&daemon->server);
}

static void stop_serving(struct daemon *daemon)
{
	server_stop(&daemon->server);
	chores_stop(&daemon->chores);
	pressure_free(daemon->server.pressure);
	if (daemon->server.sign >= 0)
		close(daemon->server.sign);
}

/* Returns the status to exit with. */
static int serve(struct daemon *daemon)
{
	int result = start_serving(daemon);

	if (result >= 0) {
		sd_notify(0, "READY=1");
		log_info("serves %s at %s", daemon->options.machine ?
			 "the machine" : "one user",
			 daemon->listener.place.socket);
		result = sd_event_loop(daemon->event);
	}
	if (result < 0) {
		log_error("cannot go on: %s", strerror(-result));
		result = EXIT_FAILURE;
	}
	sd_notify(0, "STOPPING=1");
	stop_serving(daemon);
	return result;
}

/* The same, with the metrics if they are wanted. */
static int serve_with_metrics(struct daemon *daemon)
{
	const char *address = daemon->options.metrics;
	int status;

	if (!address)
		return serve(daemon);
	daemon->metrics = metrics_start(daemon->event, address,
					&daemon->registry);
	status = daemon->metrics ? serve(daemon) : EXIT_FAILURE;
	metrics_stop(daemon->metrics);
	return status;
}

/* The same, with all that is served. */
static int serve_registry(struct daemon *daemon)
{
	int status;

	if (!registry_start(&daemon->registry, &daemon->settings,
			    daemon->options.machine)) {
		log_error("cannot start: %m");
		return EXIT_FAILURE;
	}
	status = serve_with_metrics(daemon);
	registry_end(&daemon->registry);
	return status;
}

int main(int count, char **arguments)
{
	struct daemon daemon = { 0 };
	int status = options_parse(&daemon.options, count, arguments);

	if (status >= 0)
		return status;
	log_start(daemon.options.verbose);
	if (read_settings(&daemon.options, &daemon.settings) < 0 ||
	    listener_open(&daemon.listener, &daemon.options) < 0)
		return EXIT_FAILURE;
	status = sd_event_new(&daemon.event);
	if (status >= 0)
		status = add_signals(&daemon);
	if (status >= 0) {
		status = serve_registry(&daemon);
	} else {
		log_error("cannot start: %s", strerror(-status));
		status = EXIT_FAILURE;
	}
	listener_close(&daemon.listener);
	sd_event_unref(daemon.event);
	return status;
}
