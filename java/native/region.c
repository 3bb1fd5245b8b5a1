// SPDX-License-Identifier: MIT
/* Regions of libashmem, for ashmem.internal.Region. */
#include <ashmem.h>
#include <errno.h>
#include <sys/mman.h>

#include "ashmem_internal_Region.h"
#include "mapping.h"

#define REGION(value) ((struct ashmem_region *)(intptr_t)(value))

_Static_assert(ashmem_internal_Region_ACCESS_WHOLE == ASHMEM_ACCESS_WHOLE &&
	       ashmem_internal_Region_ACCESS_READ_ONLY ==
	       ASHMEM_ACCESS_READ_ONLY &&
	       ashmem_internal_Region_WAS_PURGED == ASHMEM_WAS_PURGED,
	       "Region.java says the same as ashmem.h");

static int result_of(int result)
{
	return result < 0 ? -errno : result;
}

/* With a descriptor from the start: later there may be none left. */
static jlong create(const char *name, uint64_t size)
{
	struct ashmem_region *region;
	int error;

	if (ashmem_region_create(&region, name, size) < 0)
		return -errno;
	if (ashmem_region_descriptor(region) >= 0)
		return (intptr_t)region;
	error = errno;
	ashmem_region_close(region);
	return -error;
}

JNIEXPORT jlong JNICALL Java_ashmem_internal_Region_create(JNIEnv *env,
							    jclass class,
							    jbyteArray name,
							    jlong size)
{
	char bytes[ASHMEM_NAME_LEN] = "";
	jsize length;

	(void)class;
	if (!name)
		return create(NULL, size);
	length = (*env)->GetArrayLength(env, name);
	if (length >= ASHMEM_NAME_LEN)
		length = ASHMEM_NAME_LEN - 1;
	(*env)->GetByteArrayRegion(env, name, 0, length, (jbyte *)bytes);
	return create(bytes, size);
}

JNIEXPORT void JNICALL Java_ashmem_internal_Region_free(JNIEnv *env,
							 jclass class,
							 jlong region)
{
	(void)env;
	(void)class;
	ashmem_region_close(REGION(region));
}

JNIEXPORT jlong JNICALL Java_ashmem_internal_Region_size(JNIEnv *env,
							  jclass class,
							  jlong region)
{
	uint64_t size;

	(void)env;
	(void)class;
	if (ashmem_region_get_size(REGION(region), &size) < 0)
		return -errno;
	return size;
}

/* What can be neither read nor written may not be there for the JVM either: it
 * does not survive the signal. */
JNIEXPORT jlong JNICALL Java_ashmem_internal_Region_map(JNIEnv *env,
							 jclass class,
							 jlong region,
							 jint prot,
							 jlong offset,
							 jlong length)
{
	void *address = ashmem_region_map(REGION(region), length, prot,
					  MAP_SHARED, offset);
	int error;

	(void)env;
	(void)class;
	if (address == MAP_FAILED)
		return -errno;
	if (prot & (PROT_READ | PROT_WRITE) || mapping_retire(address, length))
		return (intptr_t)address;
	error = errno;
	munmap(address, length);
	return -error;
}

JNIEXPORT jint JNICALL Java_ashmem_internal_Region_setProtection(JNIEnv *env,
								  jclass class,
								  jlong region,
								  jint prot)
{
	(void)env;
	(void)class;
	return result_of(ashmem_region_set_protection(REGION(region), prot));
}

JNIEXPORT jint JNICALL Java_ashmem_internal_Region_pin(JNIEnv *env,
							jclass class,
							jlong region)
{
	(void)env;
	(void)class;
	return result_of(ashmem_region_pin(REGION(region), 0, 0));
}

JNIEXPORT jint JNICALL Java_ashmem_internal_Region_unpin(JNIEnv *env,
							  jclass class,
							  jlong region)
{
	(void)env;
	(void)class;
	return result_of(ashmem_region_unpin(REGION(region), 0, 0));
}
