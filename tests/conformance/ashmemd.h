/* SPDX-License-Identifier: MIT */
/*
 * The ashmemd of a test: started by libashmem at the first unpin, below a
 * directory that only this test knows, and ended with it. So nobody else's
 * areas are purged or counted.
 */
#ifndef ASHMEM_TESTS_CONFORMANCE_ASHMEMD_H
#define ASHMEM_TESTS_CONFORMANCE_ASHMEMD_H

/* Has libashmem find the program: that of $ASHMEMD, or of the same build.
 * Returns NULL, or what is missing. */
const char *ashmemd_find(void);

/* For the next test; and after it, all its processes being gone. */
void ashmemd_prepare(void);
void ashmemd_clear(void);

#endif /* ASHMEM_TESTS_CONFORMANCE_ASHMEMD_H */
