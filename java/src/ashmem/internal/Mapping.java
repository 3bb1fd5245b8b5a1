// SPDX-License-Identifier: MIT
package ashmem.internal;

import ashmem.jni.NativeLibrary;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Mapped memory, as a direct buffer. It is unmapped when that, and all its
 * slices and duplicates, have become unreachable.
 *
 * Before that it can be retired: its memory is given back, but its addresses
 * stay taken, by a file without content. Who then still uses the buffer, or a
 * slice of it, meets the end of a file, of which the JVM makes an
 * InternalError, there or soon after; had it been unmapped, somebody else's
 * memory might be there by now.
 */
public final class Mapping {
	private static final Cleaner CLEANER = Cleaner.create();

	/** By the buffer that was handed out for it. */
	private static final Map<Identity, Mapping> HANDED_OUT =
		new ConcurrentHashMap<>();

	/** A process can have 65530, those that are retired among them. */
	private static final Population ALL = new Population();

	static {
		NativeLibrary.load();
	}

	private final long address;
	private final long length;
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
		/* Its slices, duplicates and views keep it alive. */
		ByteBuffer buffer = writable ? whole : whole.asReadOnlyBuffer();
		Identity identity = new Identity(buffer);

		HANDED_OUT.put(identity, mapping);
		ALL.grow();
		mapping.cleanable = CLEANER.register(whole, () -> {
			HANDED_OUT.remove(identity);
			mapping.end();
		});
		return buffer;
	}

	/**
	 * Unmaps a buffer that nobody uses any more. Returns false if it was
	 * not handed out, or not any more.
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
		/* If the system refuses, it stays until it is unreachable. */
		retire(mapping.address, mapping.length);
		Reference.reachabilityFence(buffer);
		return true;
	}

	private void end() {
		unmap(address, length);
		ALL.shrink();
	}

	private static native ByteBuffer wrap(long address, long length);

	private static native void unmap(long address, long length);

	private static native boolean retire(long address, long length);

	/** Buffers are equal if their content is; these if they are the same. */
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
			return buffer != null
				&& buffer == ((Identity) other).get();
		}
	}
}
