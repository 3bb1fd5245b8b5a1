/* SPDX-License-Identifier: MIT */
/* What tests need of the machine and of the engine; see need_fn in test.h. */
#ifndef ASHMEM_TESTS_CONFORMANCE_NEED_H
#define ASHMEM_TESTS_CONFORMANCE_NEED_H

/* The machine. */
const char *need_root(void);
const char *need_cgroups(void);
const char *need_own_machine(void);
const char *need_executable_device(void);
const char *need_64_bit(void);
const char *need_32_bit(void);

/* The engine. */
const char *need_device(void);
const char *need_enforced_execute(void);
const char *need_read_only_purging(void);
const char *need_privileged_purge_all(void);
const char *need_synchronous_reclaim(void);
const char *need_holds(void);

#endif /* ASHMEM_TESTS_CONFORMANCE_NEED_H */
