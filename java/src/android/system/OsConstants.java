// SPDX-License-Identifier: MIT
package android.system;

import java.lang.annotation.Native;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * The system's numbers that shared memory needs: protections, and errors. The
 * build compares them with those of the system.
 *
 * <pre>{@code
 * memory.setProtect(OsConstants.PROT_READ | OsConstants.PROT_WRITE);
 * System.out.println(OsConstants.errnoName(OsConstants.EPERM));
 * }</pre>
 */
public final class OsConstants {
	/** Pages that nobody can use. */
	@Native // so that there is a header, with all of these
	public static final int PROT_NONE = 0;
	/** Pages that can be read. */
	public static final int PROT_READ = 1;
	/** Pages that can be written. */
	public static final int PROT_WRITE = 2;
	/** Pages that can be executed. */
	public static final int PROT_EXEC = 4;

	/** A mapping whose changes all sharers see. */
	public static final int MAP_SHARED = 1;
	/** A mapping whose changes nobody else sees. */
	public static final int MAP_PRIVATE = 2;

	/** Argument list too long. */
	public static final int E2BIG = 7;
	/** Permission denied. */
	public static final int EACCES = 13;
	/** Address already in use. */
	public static final int EADDRINUSE = 98;
	/** Cannot assign requested address. */
	public static final int EADDRNOTAVAIL = 99;
	/** Address family not supported by protocol. */
	public static final int EAFNOSUPPORT = 97;
	/** Resource temporarily unavailable. */
	public static final int EAGAIN = 11;
	/** Operation already in progress. */
	public static final int EALREADY = 114;
	/** Bad file descriptor. */
	public static final int EBADF = 9;
	/** Bad message. */
	public static final int EBADMSG = 74;
	/** Device or resource busy. */
	public static final int EBUSY = 16;
	/** Operation canceled. */
	public static final int ECANCELED = 125;
	/** No child processes. */
	public static final int ECHILD = 10;
	/** Software caused connection abort. */
	public static final int ECONNABORTED = 103;
	/** Connection refused. */
	public static final int ECONNREFUSED = 111;
	/** Connection reset by peer. */
	public static final int ECONNRESET = 104;
	/** Resource deadlock avoided. */
	public static final int EDEADLK = 35;
	/** Destination address required. */
	public static final int EDESTADDRREQ = 89;
	/** Numerical argument out of domain. */
	public static final int EDOM = 33;
	/** Disk quota exceeded. */
	public static final int EDQUOT = 122;
	/** File exists. */
	public static final int EEXIST = 17;
	/** Bad address. */
	public static final int EFAULT = 14;
	/** File too large. */
	public static final int EFBIG = 27;
	/** No route to host. */
	public static final int EHOSTUNREACH = 113;
	/** Identifier removed. */
	public static final int EIDRM = 43;
	/** Invalid or incomplete multibyte or wide character. */
	public static final int EILSEQ = 84;
	/** Operation now in progress. */
	public static final int EINPROGRESS = 115;
	/** Interrupted system call. */
	public static final int EINTR = 4;
	/** Invalid argument. */
	public static final int EINVAL = 22;
	/** Input/output error. */
	public static final int EIO = 5;
	/** Transport endpoint is already connected. */
	public static final int EISCONN = 106;
	/** Is a directory. */
	public static final int EISDIR = 21;
	/** Too many levels of symbolic links. */
	public static final int ELOOP = 40;
	/** Too many open files. */
	public static final int EMFILE = 24;
	/** Too many links. */
	public static final int EMLINK = 31;
	/** Message too long. */
	public static final int EMSGSIZE = 90;
	/** Multihop attempted. */
	public static final int EMULTIHOP = 72;
	/** File name too long. */
	public static final int ENAMETOOLONG = 36;
	/** Network is down. */
	public static final int ENETDOWN = 100;
	/** Network dropped connection on reset. */
	public static final int ENETRESET = 102;
	/** Network is unreachable. */
	public static final int ENETUNREACH = 101;
	/** Too many open files in system. */
	public static final int ENFILE = 23;
	/** No buffer space available. */
	public static final int ENOBUFS = 105;
	/** No data available. */
	public static final int ENODATA = 61;
	/** No such device. */
	public static final int ENODEV = 19;
	/** No such file or directory. */
	public static final int ENOENT = 2;
	/** Exec format error. */
	public static final int ENOEXEC = 8;
	/** No locks available. */
	public static final int ENOLCK = 37;
	/** Link has been severed. */
	public static final int ENOLINK = 67;
	/** Cannot allocate memory. */
	public static final int ENOMEM = 12;
	/** No message of desired type. */
	public static final int ENOMSG = 42;
	/** Machine is not on the network. */
	public static final int ENONET = 64;
	/** Protocol not available. */
	public static final int ENOPROTOOPT = 92;
	/** No space left on device. */
	public static final int ENOSPC = 28;
	/** Out of streams resources. */
	public static final int ENOSR = 63;
	/** Device not a stream. */
	public static final int ENOSTR = 60;
	/** Function not implemented. */
	public static final int ENOSYS = 38;
	/** Transport endpoint is not connected. */
	public static final int ENOTCONN = 107;
	/** Not a directory. */
	public static final int ENOTDIR = 20;
	/** Directory not empty. */
	public static final int ENOTEMPTY = 39;
	/** Socket operation on non-socket. */
	public static final int ENOTSOCK = 88;
	/** Operation not supported. */
	public static final int ENOTSUP = 95;
	/** Inappropriate ioctl for device. */
	public static final int ENOTTY = 25;
	/** No such device or address. */
	public static final int ENXIO = 6;
	/** Operation not supported. */
	public static final int EOPNOTSUPP = 95;
	/** Value too large for defined data type. */
	public static final int EOVERFLOW = 75;
	/** Operation not permitted. */
	public static final int EPERM = 1;
	/** Broken pipe. */
	public static final int EPIPE = 32;
	/** Protocol error. */
	public static final int EPROTO = 71;
	/** Protocol not supported. */
	public static final int EPROTONOSUPPORT = 93;
	/** Protocol wrong type for socket. */
	public static final int EPROTOTYPE = 91;
	/** Numerical result out of range. */
	public static final int ERANGE = 34;
	/** Read-only file system. */
	public static final int EROFS = 30;
	/** Illegal seek. */
	public static final int ESPIPE = 29;
	/** No such process. */
	public static final int ESRCH = 3;
	/** Stale file handle. */
	public static final int ESTALE = 116;
	/** Timer expired. */
	public static final int ETIME = 62;
	/** Connection timed out. */
	public static final int ETIMEDOUT = 110;
	/** Text file busy. */
	public static final int ETXTBSY = 26;
	/** Invalid cross-device link. */
	public static final int EXDEV = 18;

	private OsConstants() {
	}

	/**
	 * Names an error.
	 *
	 * @param errno the error's number
	 * @return such as "EINVAL", or null if there is none of this number
	 */
	public static String errnoName(int errno) {
		return Names.OF_ERRORS.get(errno);
	}

	private static final class Names {
		static final Map<Integer, String> OF_ERRORS = ofErrors();

		/** Of two names for a number, the first in the alphabet. */
		private static Map<Integer, String> ofErrors() {
			Map<Integer, String> names = new HashMap<>();

			Arrays.stream(OsConstants.class.getFields())
				.filter(field -> field.getName().startsWith("E"))
				.sorted(Comparator.comparing(Field::getName))
				.forEach(field -> names.putIfAbsent(
					valueOf(field), field.getName()));
			return names;
		}

		private static int valueOf(Field constant) {
			try {
				return constant.getInt(null);
			} catch (IllegalAccessException e) {
				throw new AssertionError(e);
			}
		}
	}
}
