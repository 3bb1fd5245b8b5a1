/* SPDX-License-Identifier: MIT */
/* What tests need of the machine and of the engine; see need_fn in test.h. */
#ifndef ASHMEM_TESTS_CONFORMANCE_NEED_H
#define ASHMEM_TESTS_CONFORMANCE_NEED_H

/* The machine. */
const char *need_root(void);
const char *need_cgroups(void);
const char *need_own_machine(void);
const char *need_quiet_machine(void);
const char *need_executable_device(void);
const char *need_64_bit(void);
const char *need_32_bit(void);

/* The engine. */
const char *need_device(void);
const char *need_device_file(void);
const char *need_fdinfo(void);
const char *need_file_from_open(void);
const char *need_no_writing(void);
const char *need_long_mask(void);
const char *need_cheap_private_writes(void);
const char *need_enforced_execute(void);
const char *need_enforced_read(void);
const char *need_enforced_privately(void);
const char *need_enforced_on_earlier(void);
const char *need_purge_all(void);
const char *need_age_of_each_page(void);
const char *need_purging_twice(void);
const char *need_lasting_state(void);
const char *need_pins_of_any_size(void);
const char *need_largest_pin_map(void);
const char *need_read_only_purging(void);
const char *need_sealing(void);
const char *need_privileged_purge_all(void);
const char *need_synchronous_reclaim(void);
const char *need_holds(void);
const char *need_no_holds(void);
const char *need_ashmemd(void);
const char *need_own_purge_all(void);

#endif /* ASHMEM_TESTS_CONFORMANCE_NEED_H */
