// SPDX-License-Identifier: MIT
/* The system's errors and constants, for android.system. */
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <sys/mman.h>

#include "android_system_ErrnoException.h"
#include "android_system_OsConstants.h"

/* In Java they have to be constants when it is compiled. */
#define SAME(name)						\
	_Static_assert(android_system_OsConstants_##name == name,	\
		       #name " is another number on this machine")

SAME(PROT_NONE);
SAME(PROT_READ);
SAME(PROT_WRITE);
SAME(PROT_EXEC);
SAME(MAP_SHARED);
SAME(MAP_PRIVATE);
SAME(E2BIG);
SAME(EACCES);
SAME(EADDRINUSE);
SAME(EADDRNOTAVAIL);
SAME(EAFNOSUPPORT);
SAME(EAGAIN);
SAME(EALREADY);
SAME(EBADF);
SAME(EBADMSG);
SAME(EBUSY);
SAME(ECANCELED);
SAME(ECHILD);
SAME(ECONNABORTED);
SAME(ECONNREFUSED);
SAME(ECONNRESET);
SAME(EDEADLK);
SAME(EDESTADDRREQ);
SAME(EDOM);
SAME(EDQUOT);
SAME(EEXIST);
SAME(EFAULT);
SAME(EFBIG);
SAME(EHOSTUNREACH);
SAME(EIDRM);
SAME(EILSEQ);
SAME(EINPROGRESS);
SAME(EINTR);
SAME(EINVAL);
SAME(EIO);
SAME(EISCONN);
SAME(EISDIR);
SAME(ELOOP);
SAME(EMFILE);
SAME(EMLINK);
SAME(EMSGSIZE);
SAME(EMULTIHOP);
SAME(ENAMETOOLONG);
SAME(ENETDOWN);
SAME(ENETRESET);
SAME(ENETUNREACH);
SAME(ENFILE);
SAME(ENOBUFS);
SAME(ENODATA);
SAME(ENODEV);
SAME(ENOENT);
SAME(ENOEXEC);
SAME(ENOLCK);
SAME(ENOLINK);
SAME(ENOMEM);
SAME(ENOMSG);
SAME(ENONET);
SAME(ENOPROTOOPT);
SAME(ENOSPC);
SAME(ENOSR);
SAME(ENOSTR);
SAME(ENOSYS);
SAME(ENOTCONN);
SAME(ENOTDIR);
SAME(ENOTEMPTY);
SAME(ENOTSOCK);
SAME(ENOTSUP);
SAME(ENOTTY);
SAME(ENXIO);
SAME(EOPNOTSUPP);
SAME(EOVERFLOW);
SAME(EPERM);
SAME(EPIPE);
SAME(EPROTO);
SAME(EPROTONOSUPPORT);
SAME(EPROTOTYPE);
SAME(ERANGE);
SAME(EROFS);
SAME(ESPIPE);
SAME(ESRCH);
SAME(ESTALE);
SAME(ETIME);
SAME(ETIMEDOUT);
SAME(ETXTBSY);
SAME(EXDEV);

/* In English, as on Android, whatever the language of the user. */
JNIEXPORT jstring JNICALL
Java_android_system_ErrnoException_describe(JNIEnv *env, jclass class,
					    jint number)
{
	locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	jstring text;

	(void)class;
	if (!plain)
		return NULL;
	text = (*env)->NewStringUTF(env, strerror_l(number, plain));
	freelocale(plain);
	return text;
}
