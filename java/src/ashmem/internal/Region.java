// SPDX-License-Identifier: MIT
package ashmem.internal;

import android.system.ErrnoException;
import android.system.OsConstants;
import ashmem.jni.NativeLibrary;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A region of libashmem. All may be called by any number of threads, close() as
 * well: what is under way then is finished.
 */
public final class Region {
	/** ASHMEM_ACCESS_WHOLE and ASHMEM_ACCESS_READ_ONLY. */
	static final int ACCESS_WHOLE = 1;
	static final int ACCESS_READ_ONLY = 2;

	private static final int WAS_PURGED = 1;

	/** Each has a descriptor. */
	private static final Population ALL = new Population();

	static {
		NativeLibrary.load();
	}

	private final Handle handle;
	private final Cleaner.Cleanable cleanable;
	private final long size;

	/** Takes over a region of libashmem. */
	Region(long region) throws ErrnoException {
		handle = new Pointer(region);
		ALL.grow();
		cleanable = handle.ownedBy(this);
		try {
			size = check("ashmem_region_get_size",
				Region.size(region));
		} catch (ErrnoException e) {
			close();
			throw e;
		}
	}

	/** Makes a region, which has its memory file already. */
	public static Region create(String name, long size)
			throws ErrnoException {
		byte[] bytes = name == null
			? null : name.getBytes(StandardCharsets.UTF_8);

		return new Region(Shortage.retry("ashmem_region_create",
			() -> Region.create(bytes, size)));
	}

	private static long check(String function, long result)
			throws ErrnoException {
		if (result < 0)
			throw new ErrnoException(function, (int) -result);
		return result;
	}

	public void close() {
		cleanable.clean();
	}

	public boolean isClosed() {
		return handle.isClosed();
	}

	public long size() {
		return size;
	}

	/** What Mapping.retire() or Mapping.unmap() gives back. */
	public ByteBuffer map(int prot, long offset, int length)
			throws ErrnoException {
		try (Handle.Use use = use()) {
			long address = Shortage.retry("mmap",
				() -> map(use.value(), prot, offset, length));
			boolean writable = (prot & OsConstants.PROT_WRITE) != 0;

			return Mapping.handOut(address, length, writable);
		}
	}

	public void setProtection(int prot) throws ErrnoException {
		try (Handle.Use use = use()) {
			check("ashmem_region_set_protection",
				setProtection(use.value(), prot));
		}
	}

	/** Pins all of it; has it been purged? */
	public boolean pin() throws ErrnoException {
		try (Handle.Use use = use()) {
			return check("ashmem_region_pin", pin(use.value()))
				== WAS_PURGED;
		}
	}

	/** Unpins all of it. */
	public void unpin() throws ErrnoException {
		try (Handle.Use use = use()) {
			check("ashmem_region_unpin", unpin(use.value()));
		}
	}

	Handle.Use use() {
		return handle.use(() ->
			new IllegalStateException("The region is closed"));
	}

	/** To the region of libashmem. */
	private static final class Pointer extends Handle {
		Pointer(long value) {
			super(value);
		}

		@Override
		void free(long value) {
			Region.free(value);
			ALL.shrink();
		}
	}

	/*
	 * What fails returns the negative of errno.
	 */

	private static native long create(byte[] name, long size);

	private static native void free(long region);

	private static native long size(long region);

	private static native long map(long region, int prot, long offset,
				       long length);

	private static native int setProtection(long region, int prot);

	private static native int pin(long region);

	private static native int unpin(long region);
}
