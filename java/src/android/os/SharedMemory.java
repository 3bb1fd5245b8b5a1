// SPDX-License-Identifier: MIT
package android.os;

import android.system.ErrnoException;
import android.system.OsConstants;
import ashmem.internal.Face;
import ashmem.internal.Mapping;
import ashmem.internal.Region;
import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * Anonymous shared memory, as Android has it. Whoever has the region maps it
 * into direct buffers, and all see the same bytes; {@link ashmem.RegionSocket}
 * hands it to other processes. Here it is not {@code Parcelable}, as there is
 * no {@code Parcel}.
 *
 * <pre>{@code
 * try (SharedMemory memory = SharedMemory.create("greeting", 4096)) {
 * 	ByteBuffer writer = memory.mapReadWrite();
 * 	ByteBuffer reader = memory.mapReadOnly();
 *
 * 	writer.put(0, "hello".getBytes(UTF_8));
 * 	System.out.println(UTF_8.decode(reader.slice(0, 5)));
 * 	SharedMemory.unmap(reader);
 * 	SharedMemory.unmap(writer);
 * }
 * }</pre>
 *
 * All methods may be called by any number of threads. Memory and descriptor of
 * an object that is unreachable, and was not closed, are given back some time
 * later.
 */
public final class SharedMemory implements Closeable {
	private static final int PROTECTIONS = OsConstants.PROT_READ
		| OsConstants.PROT_WRITE | OsConstants.PROT_EXEC;

	static {
		Face.put(SharedMemory.class, SharedMemory::new,
			 memory -> memory.region);
	}

	private final Region region;

	private SharedMemory(Region region) {
		this.region = region;
	}

	/**
	 * Makes a region, filled with zeros.
	 *
	 * @param name what /proc/PID/maps shows of it; null for a default. Of a
	 *             longer one no more than 249 bytes of UTF-8 are sure to be
	 *             kept
	 * @param size in bytes, at least 1
	 * @return the new region; {@link #close} gives it back
	 * @throws IllegalArgumentException if the size is not greater than zero
	 * @throws ErrnoException if there is no memory, or no descriptor, for
	 *         it
	 */
	public static SharedMemory create(String name, int size)
			throws ErrnoException {
		if (size <= 0)
			throw new IllegalArgumentException(
				"Size must be greater than zero, is " + size);
		return new SharedMemory(Region.create(name, size));
	}

	/**
	 * Maps all of it, to be read and written.
	 *
	 * @return as {@link #map} does
	 * @throws IllegalStateException if this was closed
	 * @throws ErrnoException as {@link #map} does
	 */
	public ByteBuffer mapReadWrite() throws ErrnoException {
		return map(OsConstants.PROT_READ | OsConstants.PROT_WRITE, 0,
			   getSize());
	}

	/**
	 * Maps all of it, to be read only.
	 *
	 * @return as {@link #map} does
	 * @throws IllegalStateException if this was closed
	 * @throws ErrnoException as {@link #map} does
	 */
	public ByteBuffer mapReadOnly() throws ErrnoException {
		return map(OsConstants.PROT_READ, 0, getSize());
	}

	/**
	 * Maps a part of it. Each call makes a new mapping, which stays valid
	 * when this is closed, until {@link #unmap}, or until neither the
	 * buffer nor a slice or duplicate of it is reachable.
	 *
	 * @param prot   PROT_READ, PROT_WRITE and PROT_EXEC of {@link
	 *               OsConstants}, or PROT_NONE. A buffer that is neither
	 *               for reading nor for writing is of no use, as after
	 *               {@link #unmap}
	 * @param offset in bytes from the start, a multiple of the page size
	 * @param length in bytes, at least 1; with the offset not more than the
	 *               size
	 * @return a direct buffer over exactly these bytes; read-only without
	 *         PROT_WRITE
	 * @throws IllegalStateException if this was closed
	 * @throws IllegalArgumentException if one of the numbers is out of
	 *         range
	 * @throws ErrnoException if the system refuses: EINVAL if the offset is
	 *         not at a page, EPERM or EACCES for a protection that was
	 *         taken away, ENOMEM if there is no room
	 */
	public ByteBuffer map(int prot, int offset, int length)
			throws ErrnoException {
		checkOpen();
		checkProtection(prot);
		if (offset < 0)
			throw new IllegalArgumentException(
				"Offset must be >= 0, is " + offset);
		if (length <= 0)
			throw new IllegalArgumentException(
				"Length must be > 0, is " + length);
		if (length > region.size() - offset)
			throw new IllegalArgumentException("Offset " + offset
				+ " + length " + length + " must not exceed the"
				+ " size of " + region.size());
		return region.map(prot, offset, length);
	}

	/**
	 * Gives the memory of a mapping back at once. Nobody may use the
	 * buffer, its slices and duplicates any more. Who does finds no memory
	 * there: the JVM throws InternalError in that thread, there or soon
	 * after, as for a file that has become shorter.
	 *
	 * @param buffer what {@link #map} has returned, itself: not a slice or
	 *               a duplicate
	 * @throws IllegalArgumentException if it is something else, or was
	 *         unmapped before
	 */
	public static void unmap(ByteBuffer buffer) {
		if (buffer == null || !Mapping.retire(buffer))
			throw new IllegalArgumentException("The buffer was not"
				+ " returned by map(), or has been unmapped");
	}

	/**
	 * Takes protections away, for everybody who has the region, and for
	 * good. What is mapped already stays as it is.
	 *
	 * @param prot what is left, of PROT_READ, PROT_WRITE and PROT_EXEC of
	 *             {@link OsConstants}; or PROT_NONE
	 * @return true if that is what is left now; false if it cannot be: it
	 *         would add one that was taken away, or the region was made by
	 *         another user, or received read-only
	 * @throws IllegalStateException if this was closed
	 * @throws IllegalArgumentException if it is no such protection
	 */
	public boolean setProtect(int prot) {
		checkOpen();
		checkProtection(prot);
		try {
			region.setProtection(prot);
			return true;
		} catch (ErrnoException e) {
			return false;
		}
	}

	/**
	 * Tells its size.
	 *
	 * @return the size in bytes, as it was created with
	 * @throws IllegalStateException if this was closed
	 */
	public int getSize() {
		checkOpen();
		return (int) region.size();
	}

	/**
	 * Gives its descriptor back. Mappings stay valid, and the memory stays
	 * as long as somebody has a mapping or a descriptor. To close it again
	 * changes nothing.
	 */
	@Override
	public void close() {
		region.close();
	}

	private void checkOpen() {
		if (region.isClosed())
			throw new IllegalStateException(
				"SharedMemory is closed");
	}

	private static void checkProtection(int prot) {
		if ((prot & ~PROTECTIONS) != 0)
			throw new IllegalArgumentException(
				"Not a protection: 0x"
				+ Integer.toHexString(prot));
	}
}
