// SPDX-License-Identifier: MIT
#include "subject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *subject_program;

void subject_pause(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

void subject_prepare(struct subject *subject)
{
	*subject = (struct subject){ 0 };
	strcpy(subject->directory, "/tmp/ashmemd-test-XXXXXX");
	if (!mkdtemp(subject->directory)) {
		perror("mkdtemp");
		exit(2);
	}
	snprintf(subject->socket, sizeof(subject->socket), "%s/socket",
		 subject->directory);
}

void subject_remove(struct subject *subject)
{
	DIR *directory = opendir(subject->directory);
	struct dirent *entry;

	if (subject->pid)
		subject_end(subject, SIGKILL);
	while (directory && (entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
	rmdir(subject->directory);
}

static void path_in(const struct subject *subject, const char *name,
		    char *path, size_t size)
{
	snprintf(path, size, "%s/%s", subject->directory, name);
}

pid_t subject_run(const struct subject *subject, char *const arguments[],
		  const char *log)
{
	char path[128];
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	path_in(subject, log, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(fd, STDERR_FILENO);
	dup2(fd, STDOUT_FILENO);
	execv(subject_program, arguments);
	_exit(127);
}

static bool listens(const struct subject *subject)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool done;

	strcpy(address.sun_path, subject->socket);
	done = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return done;
}

/* That connection is no longer among those that it has. */
static bool forgets(const struct subject *subject)
{
	for (int i = 0; i < SUBJECT_PATIENCE; i++) {
		if (subject_said(subject, "log", "connection ends"))
			return true;
		subject_pause();
	}
	return false;
}

static void write_settings(const char *path, const char *settings)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fputs(settings ? settings : "", file);
	fclose(file);
}

bool subject_start(struct subject *subject, const char *settings)
{
	char config[128];
	char *arguments[] = { "ashmemd", "--socket", subject->socket,
			      "--config", config, "--verbose", NULL };

	path_in(subject, "config", config, sizeof(config));
	write_settings(config, settings);
	subject->pid = subject_run(subject, arguments, "log");
	for (int i = 0; i < SUBJECT_PATIENCE; i++) {
		if (listens(subject))
			return forgets(subject);
		if (waitpid(subject->pid, NULL, WNOHANG) == subject->pid) {
			subject->pid = 0;
			return false;
		}
		subject_pause();
	}
	return false;
}

int subject_wait(pid_t pid)
{
	int status;

	for (int i = 0; i < SUBJECT_PATIENCE; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		subject_pause();
	}
	return -1;
}

int subject_end(struct subject *subject, int signal)
{
	pid_t pid = subject->pid;

	subject->pid = 0;
	kill(pid, signal);
	return subject_wait(pid);
}

int subject_descriptors(const struct subject *subject)
{
	char path[64];
	DIR *directory;
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", subject->pid);
	directory = opendir(path);
	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count;
}

bool subject_said(const struct subject *subject, const char *log,
		  const char *text)
{
	char path[128], content[16384];
	size_t length;
	FILE *file;

	path_in(subject, log, path, sizeof(path));
	file = fopen(path, "r");
	if (!file)
		return false;
	length = fread(content, 1, sizeof(content) - 1, file);
	content[length] = '\0';
	fclose(file);
	return strstr(content, text);
}
