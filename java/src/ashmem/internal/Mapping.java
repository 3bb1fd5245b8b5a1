// SPDX-License-Identifier: MIT
package ashmem.internal;

import ashmem.jni.NativeLibrary;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Mapped memory, as a direct buffer. It is unmapped when that, and all its
 * slices and duplicates, have become unreachable.
 *
 * Before that it can be retired: its memory is given back, but its addresses
 * stay taken, by a file without content. Who then still uses the buffer, or a
 * slice of it, meets the end of a file, of which the JVM makes an InternalError,
 * there or soon after; had it been unmapped, somebody else's memory might be
 * there by now.
 */
public final class Mapping {
	private static final Cleaner CLEANER = Cleaner.create();

	/** By the buffer that was handed out for it. */
	private static final Map<Identity, Mapping> HANDED_OUT =
		new ConcurrentHashMap<>();

	/**
	 * Each retired mapping takes one of the 65530 that a process can have.
	 * So often the garbage collector is asked to look for them.
	 */
	private static final int RETIRED_BETWEEN_COLLECTIONS = 4096;
	private static final AtomicInteger RETIRED = new AtomicInteger();

	static {
		NativeLibrary.load();
	}

	private final long address;
	private final long length;
	private boolean retired;
	private Cleaner.Cleanable cleanable;

	private Mapping(long address, long length) {
		this.address = address;
		this.length = length;
	}

	/** Makes a buffer of what was mapped, and sees to its end. */
	static ByteBuffer handOut(long address, int length, boolean writable) {
		Mapping mapping = new Mapping(address, length);
		ByteBuffer whole;

		try {
			whole = wrap(address, length);
		} catch (Throwable e) {
			unmap(address, length);
			throw e;
		}
		/* Slices, duplicates and read-only views keep this one alive. */
		ByteBuffer buffer = writable ? whole : whole.asReadOnlyBuffer();
		Identity identity = new Identity(buffer);

		HANDED_OUT.put(identity, mapping);
		mapping.cleanable = CLEANER.register(whole, () -> {
			HANDED_OUT.remove(identity);
			mapping.end();
		});
		return buffer;
	}

	/**
	 * Unmaps a buffer that nobody uses any more. Returns false if it was not
	 * handed out, or not any more.
	 */
	public static boolean unmap(ByteBuffer buffer) {
		Mapping mapping = HANDED_OUT.remove(new Identity(buffer));

		if (mapping == null)
			return false;
		mapping.cleanable.clean();
		return true;
	}

	/** The same of a buffer that somebody may use. */
	public static boolean retire(ByteBuffer buffer) {
		Mapping mapping = HANDED_OUT.remove(new Identity(buffer));

		if (mapping == null)
			return false;
		mapping.retire();
		Reference.reachabilityFence(buffer);
		return true;
	}

	/** Where the system refuses, it stays until it is unreachable. */
	private void retire() {
		if (!retire(address, length))
			return;
		retired = true;
		if (RETIRED.incrementAndGet() % RETIRED_BETWEEN_COLLECTIONS == 0)
			System.gc();
	}

	private void end() {
		unmap(address, length);
		if (retired)
			RETIRED.decrementAndGet();
	}

	private static native ByteBuffer wrap(long address, long length);

	private static native void unmap(long address, long length);

	private static native boolean retire(long address, long length);

	/** Buffers are equal if their content is; these only if it is the same. */
	private static final class Identity extends WeakReference<ByteBuffer> {
		private final int hash;

		Identity(ByteBuffer buffer) {
			super(buffer);
			hash = System.identityHashCode(buffer);
		}

		@Override
		public int hashCode() {
			return hash;
		}

		@Override
		public boolean equals(Object other) {
			if (this == other)
				return true;
			if (!(other instanceof Identity))
				return false;
			ByteBuffer buffer = get();
			return buffer != null && buffer == ((Identity) other).get();
		}
	}
}
