// SPDX-License-Identifier: MIT
package android.os;

import android.system.ErrnoException;
import android.system.OsConstants;
import ashmem.internal.Face;
import ashmem.internal.Mapping;
import ashmem.internal.Region;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Shared memory as a file of fixed length, as Android has it. If that is
 * allowed its content may be purged when memory gets tight; who reads or writes
 * next is told so by an IOException, once. From then on it reads as zeros until
 * written.
 *
 * <pre>{@code
 * MemoryFile file = new MemoryFile("thumbnails", 65536);
 *
 * draw(file);
 * file.allowPurging(true);
 * try {
 * 	file.readBytes(picture, 0, 0, picture.length);
 * } catch (IOException purged) {
 * 	draw(file);
 * 	file.readBytes(picture, 0, 0, picture.length);
 * }
 * file.close();
 * }</pre>
 *
 * All methods may be called by any number of threads: {@link #close} waits for
 * reads and writes that are under way. A file that is unreachable, and was not
 * closed, is closed some time later. {@link ashmem.RegionSocket} hands it to
 * other processes.
 */
public class MemoryFile {
	static {
		Face.put(MemoryFile.class, MemoryFile::new,
			 MemoryFile::openRegion);
	}

	private final Region region;
	private final ByteBuffer content;

	/**
	 * The read lock is held by whoever uses the content, the write lock by
	 * whoever closes the file or changes whether it may be purged.
	 */
	private final ReadWriteLock lock = new ReentrantReadWriteLock();
	private boolean closed;
	private volatile boolean purgingAllowed;

	/** Guards what follows: how many use the content, which is pinned. */
	private final Object pinning = new Object();
	private int users;
	private boolean purged;

	/**
	 * Makes a file filled with zeros, which is not purged.
	 *
	 * @param name   what /proc/PID/maps shows of it; null for a default
	 * @param length in bytes, at least 1
	 * @throws IllegalArgumentException if the length is not positive
	 * @throws IOException if it cannot be made: there is no memory, or no
	 *         descriptor, for it
	 */
	public MemoryFile(String name, int length) throws IOException {
		this(create(name, length));
	}

	private MemoryFile(Region region) throws IOException {
		this.region = region;
		try {
			content = map(region);
		} catch (ErrnoException e) {
			region.close();
			throw because(e);
		}
	}

	/** Who may not write can still read. */
	private static ByteBuffer map(Region region) throws ErrnoException {
		int length = (int) region.size();

		try {
			return region.map(OsConstants.PROT_READ
				| OsConstants.PROT_WRITE, 0, length);
		} catch (ErrnoException e) {
			if (e.errno != OsConstants.EACCES
			    && e.errno != OsConstants.EPERM)
				throw e;
			return region.map(OsConstants.PROT_READ, 0, length);
		}
	}

	private static Region create(String name, int length)
			throws IOException {
		if (length <= 0)
			throw new IllegalArgumentException(
				"Length must be positive, is " + length);
		try {
			return Region.create(name, length);
		} catch (ErrnoException e) {
			throw because(e);
		}
	}

	private static Region openRegion(MemoryFile file) throws IOException {
		Lock using = file.lock.readLock();

		using.lock();
		try {
			file.checkOpen();
			return file.region;
		} finally {
			using.unlock();
		}
	}

	/**
	 * Closes the file, once reads and writes that are under way have ended.
	 * Its memory is given back when everybody else who has it has closed it
	 * too. To close it again changes nothing.
	 */
	public void close() {
		Lock changing = lock.writeLock();

		changing.lock();
		try {
			closed = true;
			Mapping.unmap(content);
			region.close();
		} finally {
			changing.unlock();
		}
	}

	/**
	 * Tells its length.
	 *
	 * @return the length in bytes, as it was made with
	 * @throws IllegalStateException if it was closed
	 */
	public int length() {
		if (region.isClosed())
			throw new IllegalStateException("MemoryFile is closed");
		return (int) region.size();
	}

	/**
	 * Tells whether it may be purged.
	 *
	 * @return what {@link #allowPurging} was last told; false at first
	 */
	public boolean isPurgingAllowed() {
		return purgingAllowed;
	}

	/**
	 * Says whether it may be purged. That is a matter of the memory:
	 * whoever else has the file, and reads what may be purged, says so as
	 * well, so as to be told when it was. Who can only read the file is
	 * told at each use, until somebody who can write has used it.
	 *
	 * @param allowPurging true if the system may purge the content when
	 *                     memory gets tight
	 * @return what was said before
	 * @throws IOException if the file was closed, or the system refuses
	 */
	public synchronized boolean allowPurging(boolean allowPurging)
			throws IOException {
		Lock changing = lock.writeLock();

		changing.lock();
		try {
			boolean before = purgingAllowed;

			checkOpen();
			if (allowPurging && !before)
				region.unpin();
			else if (before && !allowPurging)
				purged |= region.pin();
			purgingAllowed = allowPurging;
			return before;
		} catch (ErrnoException e) {
			throw because(e);
		} finally {
			changing.unlock();
		}
	}

	/**
	 * Opens a stream that reads from the start of the file. It supports
	 * mark and reset; several streams do not know of one another.
	 *
	 * @return the stream. To close it leaves the file open
	 */
	public InputStream getInputStream() {
		return new MemoryInputStream();
	}

	/**
	 * Opens a stream that writes from the start of the file, and not beyond
	 * its end: what would go there throws IndexOutOfBoundsException, and
	 * none of it is written.
	 *
	 * @return the stream. To close it leaves the file open
	 */
	public OutputStream getOutputStream() {
		return new MemoryOutputStream();
	}

	/**
	 * Reads bytes.
	 *
	 * @param buffer     is given them
	 * @param srcOffset  in the file, of the first
	 * @param destOffset in the buffer, of the first
	 * @param count      how many
	 * @return how many, always all
	 * @throws IndexOutOfBoundsException if they do not all lie in the file,
	 *         and in the buffer
	 * @throws IOException if the file was closed; or was purged, which is
	 *         told once
	 */
	public int readBytes(byte[] buffer, int srcOffset, int destOffset,
			     int count) throws IOException {
		beginUse();
		try {
			checkRange(buffer, destOffset, srcOffset, count);
			pin();
			try {
				content.get(srcOffset, buffer, destOffset,
					    count);
			} finally {
				unpin();
			}
		} finally {
			endUse();
		}
		return count;
	}

	/**
	 * Writes bytes.
	 *
	 * @param buffer     has them
	 * @param srcOffset  in the buffer, of the first
	 * @param destOffset in the file, of the first
	 * @param count      how many
	 * @throws IndexOutOfBoundsException if they do not all lie in the file,
	 *         and in the buffer
	 * @throws IOException if the file was closed, or received read-only; or
	 *         was purged, which is told once: then nothing is written
	 */
	public void writeBytes(byte[] buffer, int srcOffset, int destOffset,
			       int count) throws IOException {
		beginUse();
		try {
			checkRange(buffer, srcOffset, destOffset, count);
			if (content.isReadOnly())
				throw new IOException(
					"MemoryFile is read-only");
			pin();
			try {
				content.put(destOffset, buffer, srcOffset,
					    count);
			} finally {
				unpin();
			}
		} finally {
			endUse();
		}
	}

	/** Until endUse() the file stays open, and as purgeable as it is. */
	private void beginUse() throws IOException {
		lock.readLock().lock();
		try {
			checkOpen();
		} catch (IOException e) {
			lock.readLock().unlock();
			throw e;
		}
	}

	private void endUse() {
		lock.readLock().unlock();
	}

	private void checkOpen() throws IOException {
		if (closed)
			throw new IOException("MemoryFile is closed");
	}

	private void checkRange(byte[] buffer, int inBuffer, int inFile,
				int count) {
		Objects.checkFromIndexSize(inBuffer, count, buffer.length);
		Objects.checkFromIndexSize(inFile, count, content.capacity());
	}

	/** The first of several who use the content at a time pins it. */
	private void pin() throws IOException {
		synchronized (pinning) {
			if (users == 0 && wasPurged()) {
				allowAgain();
				throw new IOException(
					"MemoryFile has been purged");
			}
			users++;
		}
	}

	/** The last of them unpins it. */
	private void unpin() throws IOException {
		synchronized (pinning) {
			users--;
			if (users == 0)
				allowAgain();
		}
	}

	/** From here on it is pinned; to be told once. */
	private boolean wasPurged() throws IOException {
		boolean told = purged;

		try {
			if (purgingAllowed)
				told |= region.pin();
		} catch (ErrnoException e) {
			throw because(e);
		}
		purged = false;
		return told;
	}

	private void allowAgain() throws IOException {
		try {
			if (purgingAllowed)
				region.unpin();
		} catch (ErrnoException e) {
			throw because(e);
		}
	}

	private static IOException because(ErrnoException e) {
		return new IOException(e.getMessage(), e);
	}

	/** Where one of its streams is; it knows no end but the file's. */
	private final class MemoryInputStream extends InputStream {
		private int position;
		private int mark;

		@Override
		public synchronized int available() throws IOException {
			beginUse();
			endUse();
			return content.capacity() - position;
		}

		@Override
		public boolean markSupported() {
			return true;
		}

		/** It stays marked, however far is read. */
		@Override
		public synchronized void mark(int readLimit) {
			mark = position;
		}

		/** To where it was marked, or to the start. */
		@Override
		public synchronized void reset() {
			position = mark;
		}

		@Override
		public int read() throws IOException {
			byte[] single = new byte[1];

			return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
		}

		@Override
		public synchronized int read(byte[] buffer, int offset,
					     int count) throws IOException {
			Objects.checkFromIndexSize(offset, count,
						   buffer.length);
			if (count == 0)
				return 0;
			int some = Math.min(count, available());
			if (some == 0)
				return -1;
			position += readBytes(buffer, position, offset, some);
			return some;
		}

		@Override
		public synchronized long skip(long count) throws IOException {
			long some = Math.min(Math.max(count, 0), available());

			position += (int) some;
			return some;
		}
	}

	/** Likewise. */
	private final class MemoryOutputStream extends OutputStream {
		private int position;

		@Override
		public void write(int single) throws IOException {
			write(new byte[] { (byte) single }, 0, 1);
		}

		@Override
		public synchronized void write(byte[] buffer, int offset,
					       int count) throws IOException {
			writeBytes(buffer, offset, position, count);
			position += count;
		}
	}
}
