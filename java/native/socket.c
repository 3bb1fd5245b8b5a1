// SPDX-License-Identifier: MIT
/* Unix sockets, for ashmem.internal.UnixSocket. */
#include <ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ashmem_internal_UnixSocket.h"

#define BACKLOG		128

typedef int attach(int socket, const struct sockaddr *address,
		   socklen_t length);

/* As bind(), which makes the path, and listen() together. */
static int bind_and_listen(int socket, const struct sockaddr *address,
			   socklen_t length)
{
	const char *path = ((const struct sockaddr_un *)address)->sun_path;
	int error;

	if (bind(socket, address, length) < 0)
		return -1;
	if (listen(socket, BACKLOG) == 0)
		return 0;
	error = errno;
	unlink(path);
	errno = error;
	return -1;
}

/* A new socket that was attached to @address; or the negative of errno. */
static int open_at(const struct sockaddr_un *address, attach *attach)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	if (attach(fd, (const struct sockaddr *)address,
		   sizeof(*address)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* @path ends with a NUL. */
static int open_at_path(JNIEnv *env, jbyteArray path, attach *attach)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	jsize length = (*env)->GetArrayLength(env, path);

	if ((size_t)length > sizeof(address.sun_path))
		return -ENAMETOOLONG;
	(*env)->GetByteArrayRegion(env, path, 0, length,
				   (jbyte *)address.sun_path);
	return open_at(&address, attach);
}

JNIEXPORT jint JNICALL Java_ashmem_internal_UnixSocket_listen(JNIEnv *env,
							       jclass class,
							       jbyteArray path)
{
	(void)class;
	return open_at_path(env, path, bind_and_listen);
}

JNIEXPORT jint JNICALL Java_ashmem_internal_UnixSocket_connect(JNIEnv *env,
								jclass class,
								jbyteArray path)
{
	(void)class;
	return open_at_path(env, path, connect);
}

/* Programs that this one starts do not inherit it as well. */
JNIEXPORT jint JNICALL Java_ashmem_internal_UnixSocket_examine(JNIEnv *env,
								jclass class,
								jint socket)
{
	socklen_t length = sizeof(int);
	int domain;

	(void)env;
	(void)class;
	if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0)
		return -errno;
	if (domain != AF_UNIX)
		return -EAFNOSUPPORT;
	return fcntl(socket, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

JNIEXPORT jint JNICALL Java_ashmem_internal_UnixSocket_accept(JNIEnv *env,
							       jclass class,
							       jint socket)
{
	int fd;

	(void)env;
	(void)class;
	do
		fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	return fd < 0 ? -errno : fd;
}

JNIEXPORT jint JNICALL Java_ashmem_internal_UnixSocket_send(JNIEnv *env,
							     jclass class,
							     jint socket,
							     jlong region,
							     jint access)
{
	struct ashmem_region *sent = (struct ashmem_region *)(intptr_t)region;
	int result;

	(void)env;
	(void)class;
	do
		result = ashmem_region_send(sent, socket, access);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : 0;
}

JNIEXPORT jlong JNICALL Java_ashmem_internal_UnixSocket_receive(JNIEnv *env,
								 jclass class,
								 jint socket)
{
	struct ashmem_region *region;
	int result;

	(void)env;
	(void)class;
	do
		result = ashmem_region_receive(&region, socket);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : (intptr_t)region;
}

JNIEXPORT void JNICALL Java_ashmem_internal_UnixSocket_shutDown(JNIEnv *env,
								 jclass class,
								 jint socket)
{
	(void)env;
	(void)class;
	shutdown(socket, SHUT_RDWR);
}

JNIEXPORT void JNICALL Java_ashmem_internal_UnixSocket_close(JNIEnv *env,
							      jclass class,
							      jint socket)
{
	(void)env;
	(void)class;
	close(socket);
}
