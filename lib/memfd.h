/* SPDX-License-Identifier: MIT */
/*
 * Making memfds, whatever the machine says of executing them.
 *
 * From Linux 6.3 on, who makes a memfd says whether it can be executed, and
 * vm.memfd_noexec says what holds for those who do not say, or forbids those
 * that can (2). Earlier kernels know neither flag. All that the library and
 * ashmemd make are made here, and so on any of these machines.
 */
#ifndef ASHMEM_LIB_MEMFD_H
#define ASHMEM_LIB_MEMFD_H

/**
 * memfd_make - a memfd for what nobody executes
 * @name: up to MEMFD_NAME_MAX bytes (memfdname.h)
 *
 * It is sealed against being made executable, and nothing in its mode allows to
 * execute it, where the kernel knows such a seal (6.3). Before, its mode is
 * that of any memfd.
 *
 * Returns a descriptor, closed on exec, of a file of no size that can be
 * sealed; or -1 with errno set.
 */
int memfd_make(const char *name);

/**
 * memfd_make_executable - likewise, and its mode allows all to execute it
 *
 * Where the machine forbids that, what comes is as from memfd_make(): the mode
 * tells. It can be mapped to be executed all the same, as any memfd.
 */
int memfd_make_executable(const char *name);

#endif /* ASHMEM_LIB_MEMFD_H */
