// SPDX-License-Identifier: MIT
#include "camera.h"

#include "picture.h"

#include "../telling.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int camera_take(struct camera *camera, struct screen *screen,
		const char *directory, const char *name)
{
	const struct canvas *canvas;

	errno = EBUSY;
	if (camera->pid)
		return -1;
	errno = EAGAIN;
	camera->buffer = screen_keep(screen);
	if (camera->buffer < 0)
		return -1;
	canvas = &screen->buffers[camera->buffer].canvas;
	snprintf(camera->path, sizeof(camera->path), "%s/%s.png", directory,
		 name);
	camera->pid = fork();
	if (camera->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(picture_write(canvas, camera->path) ? errno : 0);
	}
	if (camera->pid > 0)
		return 0;
	camera->pid = 0;
	screen_drop(screen, camera->buffer);
	return -1;
}

bool camera_done(struct camera *camera, struct screen *screen, bool wait)
{
	int status;
	pid_t pid;

	if (!camera->pid)
		return true;
	pid = waitpid(camera->pid, &status, wait ? 0 : WNOHANG);
	if (pid == 0)
		return false;
	camera->pid = 0;
	screen_drop(screen, camera->buffer);
	if (pid < 0 || !WIFEXITED(status))
		fail("%s: was not written", camera->path);
	if (WEXITSTATUS(status))
		fail("%s: %s: choose another directory with --frames",
		     camera->path, strerror(WEXITSTATUS(status)));
	return true;
}
