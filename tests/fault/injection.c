/* SPDX-License-Identifier: MIT */
#include "injection.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int nth_fd = -1;

static bool set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return done;
}

bool injection_prepare(void)
{
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	/*
	 * By default only allocations that must not wait can fail, and no
	 * single pages. The log would be full of reports that are expected.
	 */
	return nth_fd >= 0 &&
	       set("/sys/kernel/debug/failslab/ignore-gfp-wait", "N") &&
	       set("/sys/kernel/debug/failslab/verbose", "0") &&
	       set("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N") &&
	       set("/sys/kernel/debug/fail_page_alloc/min-order", "0") &&
	       set("/sys/kernel/debug/fail_page_alloc/verbose", "0");
}

void injection_arm(unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(nth_fd, text, (size_t)length, 0) != length) {
		perror("Bail out! cannot inject a fault");
		exit(1);
	}
}

static unsigned int injection_left(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) <= 0) {
		perror("Bail out! cannot read what was injected");
		exit(1);
	}
	return (unsigned int)strtoul(text, NULL, 10);
}

bool injection_disarm(void)
{
	unsigned int left = injection_left();

	injection_arm(0);
	return !left;
}

unsigned int injection_count(unsigned int nth)
{
	return nth - injection_left();
}
