// SPDX-License-Identifier: MIT
/* Mapped memory, for ashmem.internal.Mapping. */
#include "mapping.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ashmem_internal_Mapping.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL		0x0008U
#endif

#define ADDRESS(value) ((void *)(intptr_t)(value))

/* Some machines allow no other; kernels before 6.3 do not know it. */
static int file_without_pages(void)
{
	int fd = memfd_create("ashmem-unmapped", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd >= 0 || errno != EINVAL)
		return fd;
	return memfd_create("ashmem-unmapped", MFD_CLOEXEC);
}

/* A file that has no page: the JVM, which knows files that become shorter,
 * makes an InternalError of the signal that an access is answered with. */
bool mapping_retire(void *address, size_t length)
{
	int fd = file_without_pages();
	void *result;

	if (fd < 0)
		return false;
	result = mmap(address, length, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	return result != MAP_FAILED;
}

JNIEXPORT jobject JNICALL Java_ashmem_internal_Mapping_wrap(JNIEnv *env,
							     jclass class,
							     jlong address,
							     jlong length)
{
	(void)class;
	return (*env)->NewDirectByteBuffer(env, ADDRESS(address), length);
}

/* Not a call of the library, as the region may be closed by now. */
JNIEXPORT void JNICALL Java_ashmem_internal_Mapping_unmap(JNIEnv *env,
							   jclass class,
							   jlong address,
							   jlong length)
{
	(void)env;
	(void)class;
	munmap(ADDRESS(address), length);
}

JNIEXPORT jboolean JNICALL Java_ashmem_internal_Mapping_retire(JNIEnv *env,
								jclass class,
								jlong address,
								jlong length)
{
	(void)env;
	(void)class;
	return mapping_retire(ADDRESS(address), length);
}
