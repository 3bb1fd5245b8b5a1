// SPDX-License-Identifier: MIT
// prints: EPERM

import android.os.SharedMemory;
import android.system.ErrnoException;
import android.system.OsConstants;

/** Some of the system's numbers. */
final class OsConstantsExample {
	private OsConstantsExample() {
	}

	public static void main(String[] arguments) throws ErrnoException {
		SharedMemory memory = SharedMemory.create("data", 4096);

		memory.setProtect(OsConstants.PROT_READ | OsConstants.PROT_WRITE);
		System.out.println(OsConstants.errnoName(OsConstants.EPERM));
		memory.close();
	}
}
