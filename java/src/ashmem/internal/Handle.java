// SPDX-License-Identifier: MIT
package ashmem.internal;

import java.lang.ref.Cleaner;
import java.util.function.Supplier;

/**
 * Something native, that is freed when it has been closed and the last of those
 * who were using it is done. It does not know the object that owns it, so that
 * it can be closed when that becomes unreachable.
 */
abstract class Handle {
	private static final Cleaner CLEANER = Cleaner.create();

	private final long value;
	private int users;
	private boolean closed;

	Handle(long value) {
		this.value = value;
	}

	abstract void free(long value);

	/** Makes those return who wait with it, since it has been closed. */
	void interrupt(long value) {
	}

	/** Closes it when its owner becomes unreachable, or says clean(). */
	Cleaner.Cleanable ownedBy(Object owner) {
		return CLEANER.register(owner, this::close);
	}

	/** Until the use is closed, it is not freed. */
	synchronized <X extends Exception> Use use(Supplier<X> ifClosed)
			throws X {
		if (closed)
			throw ifClosed.get();
		users++;
		return new Use();
	}

	synchronized boolean isClosed() {
		return closed;
	}

	/** Returns false if it was closed before. */
	synchronized boolean close() {
		if (closed)
			return false;
		closed = true;
		if (users == 0)
			free(value);
		else
			interrupt(value);
		return true;
	}

	private synchronized void endUse() {
		users--;
		if (closed && users == 0)
			free(value);
	}

	/** To be closed once, by who has asked for it. */
	final class Use implements AutoCloseable {
		long value() {
			return value;
		}

		@Override
		public void close() {
			endUse();
		}
	}
}
