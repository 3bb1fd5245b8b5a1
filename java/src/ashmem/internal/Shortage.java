// SPDX-License-Identifier: MIT
package ashmem.internal;

import android.system.ErrnoException;
import android.system.OsConstants;
import java.util.function.LongSupplier;

/**
 * When descriptors or mappings run out the garbage collector is asked to look
 * for those of unreachable objects, as it is for direct buffers.
 */
final class Shortage {
	/** With pauses that double, a second in all. */
	private static final int TRIES = 10;

	private Shortage() {
	}

	/** Returns what the call does, if that is not the negative of errno. */
	static long retry(String function, LongSupplier call)
			throws ErrnoException {
		long result = call.getAsLong();

		for (int i = 0; i < TRIES && isShortage(result); i++) {
			collect(1L << i);
			result = call.getAsLong();
		}
		if (result < 0)
			throw new ErrnoException(function, (int) -result);
		return result;
	}

	private static boolean isShortage(long result) {
		return result == -OsConstants.EMFILE
			|| result == -OsConstants.ENFILE
			|| result == -OsConstants.ENOMEM;
	}

	/** And lets the cleaner's thread come in between. */
	static void collect(long milliseconds) {
		System.gc();
		try {
			Thread.sleep(milliseconds);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
