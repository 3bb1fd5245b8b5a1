// SPDX-License-Identifier: MIT
/*
 * The processes of the story. Each plays its role from top to bottom, and waits
 * for its cue before every step; the narrator gives the cues, one at a time,
 * and gets a report for each. So nothing depends on who is quicker.
 */
#include "actor.h"

#include "cgroup.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noreturn))
static void play_role(int stage, const char *cgroup, role *play,
		      const void *props)
{
	/* Whatever becomes of the narrator, nobody is left on the stage. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (cgroup && cgroup_join(cgroup))
		actor_fail(stage, "cannot join %s: %s", cgroup,
			   strerror(errno));
	play(stage, props);
	_exit(EXIT_SUCCESS);
}

/**
 * actor_start - starts the process of an actor
 * @actor:  who, with its name; the rest is filled in
 * @cgroup: where its memory is charged; NULL for the narrator's own
 * @play:   what it does
 * @props:  what it does this with
 *
 * Return: false, with errno, if there is no such process.
 */
bool actor_start(struct actor *actor, const char *cgroup, role *play,
		 const void *props)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	actor->stage = ends[0];
	actor->pid = fork();
	if (actor->pid == 0) {
		close(ends[0]);
		play_role(ends[1], cgroup, play, props);
	}
	close(ends[1]);
	if (actor->pid < 0) {
		close(ends[0]);
		actor->pid = 0;
		return false;
	}
	return true;
}

/**
 * actor_cue - has an actor do a step
 * @actor:  who
 * @cue:    which
 * @report: what it says of it, an error included
 *
 * Return: false if the actor has ended instead of reporting.
 */
bool actor_cue(const struct actor *actor, enum cue cue, struct report *report)
{
	char letter = (char)cue;

	return send(actor->stage, &letter, 1, MSG_NOSIGNAL) == 1 &&
	       recv(actor->stage, report, sizeof(*report), 0) ==
	       (ssize_t)sizeof(*report);
}

/* Whether its process has not ended yet. */
bool actor_lives(const struct actor *actor)
{
	siginfo_t info = { 0 };

	return actor->pid &&
	       !waitid(P_PID, (id_t)actor->pid, &info,
		       WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid == 0;
}

/* Lets an actor go, and returns the status that it ended with (see wait(2)). */
int actor_end(struct actor *actor)
{
	int status;

	/* Other actors have inherited this end; closing it would not tell. */
	shutdown(actor->stage, SHUT_RDWR);
	close(actor->stage);
	if (waitpid(actor->pid, &status, 0) != actor->pid)
		status = -1;
	actor->pid = 0;
	return status;
}

/* For an actor that cannot be let go in peace; also for one that never was. */
void actor_kill(struct actor *actor)
{
	if (!actor->pid)
		return;
	kill(actor->pid, SIGKILL);
	actor_end(actor);
}

/* Returns the next cue; ends the process if the narrator lets it go. */
enum cue actor_wait(int stage)
{
	char cue;

	if (recv(stage, &cue, 1, 0) != 1)
		_exit(EXIT_SUCCESS);
	return cue;
}

void actor_tell(int stage, const struct report *report)
{
	if (send(stage, report, sizeof(*report), MSG_NOSIGNAL) < 0)
		_exit(EXIT_FAILURE);
}

/* Reports an error, and ends the process. */
void actor_fail(int stage, const char *format, ...)
{
	struct report report = { 0 };
	va_list args;

	va_start(args, format);
	vsnprintf(report.error, sizeof(report.error), format, args);
	va_end(args);
	actor_tell(stage, &report);
	_exit(EXIT_FAILURE);
}

/* Copies a line without its line end; a run of blanks becomes one. */
static void squeeze_blanks(char *to, size_t room, const char *line)
{
	char last = '\0';

	for (; *line && *line != '\n' && room > 1; line++) {
		if (*line == ' ' && last == ' ')
			continue;
		*to++ = last = *line;
		room--;
	}
	*to = '\0';
}

/**
 * actor_show_maps - finds a mapping's line in /proc/self/maps
 * @stage:  the actor's socket, for errors
 * @area:   where the mapping starts
 * @report: whose @maps is filled in
 */
void actor_show_maps(int stage, const void *area, struct report *report)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[512];

	if (!maps)
		actor_fail(stage, "/proc/self/maps: %s", strerror(errno));
	while (!found && fgets(line, sizeof(line), maps))
		found = strtoumax(line, NULL, 16) == (uintptr_t)area;
	fclose(maps);
	if (!found)
		actor_fail(stage, "its mapping is not in /proc/self/maps");
	squeeze_blanks(report->maps, sizeof(report->maps), line);
}
