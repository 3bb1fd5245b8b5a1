/* SPDX-License-Identifier: MIT */
/*
 * Areas as most tests want them. What cannot be made fails the test: these
 * are the steps that other lines of the contract are about.
 */
#ifndef ASHMEM_TESTS_CONFORMANCE_AREA_H
#define ASHMEM_TESTS_CONFORMANCE_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct area - an area that is mapped whole, shared, readable and writable
 * @fd:    its descriptor
 * @at:    where it is mapped
 * @pages: its size
 */
struct area {
	int fd;
	char *at;
	size_t pages;
};

int area_open(void);
void area_close(int fd);
int area_open_sized(size_t size);
struct area area_make(size_t pages);
char *area_map(int fd, size_t length, int prot, int flags);
long area_try_map(int fd, size_t length, int prot, int flags, off_t offset);
unsigned long long area_id(int fd);
size_t area_pages_present(int fd, size_t size);

void page_fill(char *area, size_t number, int byte);
bool page_holds(const char *area, size_t number, int byte);
void pages_fill(char *area, size_t start, size_t end, int byte);
bool pages_hold(const char *area, size_t start, size_t end, int byte);

#endif /* ASHMEM_TESTS_CONFORMANCE_AREA_H */
