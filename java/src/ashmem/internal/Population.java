// SPDX-License-Identifier: MIT
package ashmem.internal;

/**
 * How many there are of something that a process can only have so many of, with
 * those that belong to unreachable objects. The garbage collector does not know
 * that these are scarce; it is asked to look for them long before the JVM itself
 * would lack some, which it does not always survive.
 */
final class Population {
	private static final int UNNOTICED = 4096;

	private int count;
	private int collectAt = UNNOTICED;

	void grow() {
		synchronized (this) {
			count++;
			if (count < collectAt)
				return;
			collectAt = Integer.MAX_VALUE;
		}
		Shortage.collect(10);
		synchronized (this) {
			collectAt = count + UNNOTICED;
		}
	}

	synchronized void shrink() {
		count--;
	}
}
