// SPDX-License-Identifier: MIT
package android.system;

import ashmem.jni.NativeLibrary;

/**
 * A function of the system, or of libashmem, has failed.
 *
 * <pre>{@code
 * try {
 * 	memory.map(OsConstants.PROT_READ, 1, 16);
 * } catch (ErrnoException e) {
 * 	if (e.errno != OsConstants.EINVAL)
 * 		throw e;
 * 	System.out.println(e.getMessage());
 * }
 * }</pre>
 */
public final class ErrnoException extends Exception {
	private static final long serialVersionUID = 1;

	/** What went wrong: one of the constants of {@link OsConstants}. */
	public final int errno;

	/** Of the function that failed. */
	private final String functionName;

	/**
	 * Makes an exception without a cause.
	 *
	 * @param functionName of the function that failed
	 * @param errno        one of {@link OsConstants}
	 */
	public ErrnoException(String functionName, int errno) {
		this(functionName, errno, null);
	}

	/**
	 * Makes an exception with a cause.
	 *
	 * @param functionName of the function that failed
	 * @param errno        one of {@link OsConstants}
	 * @param cause        what led to it; may be null
	 */
	public ErrnoException(String functionName, int errno, Throwable cause) {
		super(cause);
		this.functionName = functionName;
		this.errno = errno;
	}

	/**
	 * Says which function has failed, and why.
	 *
	 * @return such as "mmap failed: EINVAL (Invalid argument)"
	 */
	@Override
	public String getMessage() {
		String name = OsConstants.errnoName(errno);

		NativeLibrary.load();
		return functionName + " failed: "
			+ (name != null ? name : "errno " + errno)
			+ " (" + describe(errno) + ")";
	}

	private static native String describe(int errno);
}
