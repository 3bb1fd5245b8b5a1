// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A thread that does the same until it meets what was unmapped. The JVM's error
 * may come some calls after the access, so only the end of a thread is sure to
 * see it.
 */
final class FaultingThread extends Thread {
	private volatile Throwable end;

	FaultingThread(Runnable access) {
		super(() -> {
			while (true) {
				access.run();
				Thread.yield(); // where it comes at the latest
			}
		});
		setUncaughtExceptionHandler((thread, error) -> end = error);
		start();
	}

	/** Where a second error came before it was noted, there is none. */
	void awaitFault() throws InterruptedException {
		join();
		assertTrue(end == null || end instanceof InternalError, () ->
			   "ended by " + end);
	}
}
