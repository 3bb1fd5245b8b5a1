// SPDX-License-Identifier: MIT
/* How ashmemd begins and ends. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "place.h"
#include "subject.h"
#include "tap.h"
#include "tests.h"

static bool exits(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static void test_options(struct subject *subject)
{
	char *help[] = { "ashmemd", "--help", NULL };
	char *version[] = { "ashmemd", "--version", NULL };
	char *unknown[] = { "ashmemd", "--colour", NULL };
	char *missing[] = { "ashmemd", "--socket", NULL };
	char *relative[] = { "ashmemd", "--socket", "here", NULL };
	char *config[] = { "ashmemd", "--config", "/nowhere/at/all", NULL };

	tap_ok(exits(subject_wait(subject_run(subject, help, "help")), 0) &&
	       subject_said(subject, "help", "--machine"), "--help");
	tap_ok(exits(subject_wait(subject_run(subject, version, "out")), 0) &&
	       subject_said(subject, "out", "ashmemd 0"), "--version");
	tap_ok(exits(subject_wait(subject_run(subject, unknown, "out")), 2) &&
	       subject_said(subject, "out", "'--colour' is no option"),
	       "an option that there is not: exit 2");
	tap_ok(exits(subject_wait(subject_run(subject, missing, "out")), 2) &&
	       subject_said(subject, "out", "needs a value"),
	       "an option without its value: exit 2");
	tap_ok(exits(subject_wait(subject_run(subject, relative, "out")), 1),
	       "a socket at no certain place: exit 1");
	tap_ok(exits(subject_wait(subject_run(subject, config, "out")), 1) &&
	       subject_said(subject, "out", "/nowhere/at/all"),
	       "settings that cannot be read: exit 1");
}

static void test_setting(struct subject *subject, const char *settings,
			 const char *message)
{
	tap_ok(!subject_start(subject, settings) &&
	       subject_said(subject, "log", message), "settings: %s", message);
	if (subject->pid)
		subject_end(subject, SIGKILL);
}

static void test_settings(struct subject *subject)
{
	test_setting(subject, "[limits]\nregions = 0\n",
		     "config:2: 'regions' cannot be '0'");
	test_setting(subject, "\n[limits]\n\nregions = many\n", "config:4:");
	test_setting(subject, "[purge]\nkeep-available = 101%\n",
		     "config:2: 'keep-available' cannot be '101%'");
	test_setting(subject, "[purge]\nstep = 64X\n", "config:2:");
	test_setting(subject, "[purge]\nstap = 64M\n",
		     "config:2: there is no setting 'stap'");
	test_setting(subject, "[purge]\nstep\n", "config:2: write it as");
	tap_ok(subject_start(subject, "# all\n[purge]\nkeep-available = 12.5%\n"
			     "step = 64M\nmost-per-second = 1G\n[limits]\n"
			     "connections-per-user = 10\nregions = 100\n"
			     "regions-per-process=10\npages-per-process=100\n"
			     "[daemon]\nidle-exit = 0\n"),
	       "settings: all of them");
	kill(subject->pid, SIGHUP);
	for (int i = 0; i < SUBJECT_PATIENCE &&
			!subject_said(subject, "log", "read anew"); i++)
		subject_pause();
	tap_ok(subject_said(subject, "log", "read anew"),
	       "SIGHUP: they are read anew");
	tap_ok(exits(subject_end(subject, SIGINT), 0), "SIGINT: exit 0");
}

static void test_places(struct subject *subject)
{
	char *again[] = { "ashmemd", "--socket", subject->socket, NULL };

	tap_ok(subject_start(subject, NULL), "it listens");
	tap_ok(exits(subject_wait(subject_run(subject, again, "out")), 1) &&
	       subject_said(subject, "out", "listens there already"),
	       "a second one at the same place: exit 1, and it says why");
	subject_end(subject, SIGKILL);
	tap_ok(access(subject->socket, F_OK) == 0 &&
	       subject_start(subject, NULL),
	       "a socket that a killed one left is no obstacle");
	tap_ok(exits(subject_end(subject, SIGTERM), 0) &&
	       access(subject->socket, F_OK) < 0,
	       "SIGTERM: exit 0, and no socket is left");
}

static void test_directory(struct subject *subject)
{
	char *plain[] = { "ashmemd", NULL };
	char path[100];

	setenv("XDG_RUNTIME_DIR", subject->directory, 1);
	snprintf(path, sizeof(path), "%s/ashmemd", subject->directory);
	mkdir(path, 0750);
	tap_ok(exits(subject_wait(subject_run(subject, plain, "out")), 1) &&
	       subject_said(subject, "out", "not to be trusted"),
	       "a directory that others can look into: exit 1");
	rmdir(path);
	tap_ok(symlink("/tmp", path) == 0 &&
	       exits(subject_wait(subject_run(subject, plain, "out")), 1),
	       "a directory that is a link: exit 1");
	unlink(path);
	unsetenv("XDG_RUNTIME_DIR");
}

static void test_idle(struct subject *subject)
{
	struct peer peer;
	pid_t pid;
	int status;

	tap_ok(subject_start(subject, "[daemon]\nidle-exit = 1\n"),
	       "it exits when it is idle for a second");
	peer_open(&peer, subject->socket);
	for (int i = 0; i < 2000; i++)
		subject_pause();
	tap_ok(waitpid(subject->pid, &status, WNOHANG) == 0,
	       "it stays while somebody is there");
	peer_close(&peer);
	pid = subject->pid;
	subject->pid = 0;
	tap_ok(exits(subject_wait(pid), 0) && access(subject->socket, F_OK) < 0,
	       "then it exits, and no socket is left");
}

/* As the library starts it: with a socket that listens. */
static void test_passed(struct subject *subject)
{
	struct place place;
	struct peer peer;
	char number[16];
	int fd;

	place_given(&place, subject->socket);
	fd = place_listen(&place);
	subject->pid = fork();
	if (!subject->pid) {
		dup2(fd, 3);
		snprintf(number, sizeof(number), "%d", getpid());
		setenv("LISTEN_PID", number, 1);
		setenv("LISTEN_FDS", "1", 1);
		execl(subject_program, "ashmemd", NULL);
		_exit(127);
	}
	close(fd);
	peer_open(&peer, subject->socket);
	tap_ok(lifesign_is_alive(peer.sign), "it serves a socket passed to it");
	tap_ok(exits(subject_end(subject, SIGTERM), 0) &&
	       access(subject->socket, F_OK) < 0,
	       "and leaves none behind");
	tap_ok(!lifesign_is_alive(peer.sign), "no sign of life after the end");
	peer_close(&peer);
}

void test_life(void)
{
	struct subject subject;

	subject_prepare(&subject);
	test_options(&subject);
	test_settings(&subject);
	test_places(&subject);
	test_directory(&subject);
	test_idle(&subject);
	test_passed(&subject);
	subject_remove(&subject);
}
