// SPDX-License-Identifier: MIT
package ashmem.internal;

import android.system.ErrnoException;
import android.system.OsConstants;
import java.util.function.LongSupplier;

/**
 * Descriptors and mappings that belong to unreachable objects are of no use to
 * anybody, but the garbage collector does not know that they are scarce. So it
 * is asked to look when they run out, as it is for direct buffers.
 */
final class Shortage {
	private static final int TRIES = 6;

	private Shortage() {
	}

	/** Returns what the call does, if that is not the negative of errno. */
	static long retry(String function, LongSupplier call)
			throws ErrnoException {
		long result = call.getAsLong();

		for (int tries = 0; tries < TRIES && isShortage(result); tries++) {
			System.gc();
			pause(1L << tries);
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

	/** Lets the cleaner's thread come in between. */
	private static void pause(long milliseconds) {
		try {
			Thread.sleep(milliseconds);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
