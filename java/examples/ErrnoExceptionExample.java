// SPDX-License-Identifier: MIT
// prints: mmap failed: EINVAL (Invalid argument)

import android.os.SharedMemory;
import android.system.ErrnoException;
import android.system.OsConstants;

/** An error that is told from others. */
final class ErrnoExceptionExample {
	private ErrnoExceptionExample() {
	}

	public static void main(String[] arguments) throws ErrnoException {
		SharedMemory memory = SharedMemory.create("small", 4096);

		try {
			memory.map(OsConstants.PROT_READ, 1, 16);
		} catch (ErrnoException e) {
			if (e.errno != OsConstants.EINVAL)
				throw e;
			System.out.println(e.getMessage());
		}
		memory.close();
	}
}
