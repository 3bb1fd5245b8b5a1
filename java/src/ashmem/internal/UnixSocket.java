// SPDX-License-Identifier: MIT
package ashmem.internal;

import android.system.ErrnoException;
import android.system.OsConstants;
import ashmem.jni.NativeLibrary;
import java.io.EOFException;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * A socket of AF_UNIX, for regions. Those of this class's own making keep
 * messages apart (SOCK_SEQPACKET). Closing it ends what others wait for.
 */
public final class UnixSocket {
	static {
		NativeLibrary.load();
	}

	private final Handle handle;
	private final Cleaner.Cleanable cleanable;

	private UnixSocket(int descriptor) {
		handle = new Descriptor(descriptor);
		cleanable = handle.ownedBy(this);
	}

	public static UnixSocket listen(Path path) throws IOException {
		return new UnixSocket(checkFor(path, "bind", listen(
			bytesOf(path))));
	}

	public static UnixSocket connect(Path path) throws IOException {
		return new UnixSocket(checkFor(path, "connect", connect(
			bytesOf(path))));
	}

	/** Takes the descriptor over, if it is of such a socket. */
	public static UnixSocket adopt(int descriptor) throws IOException {
		int result = examine(descriptor);

		if (result < 0)
			throw because(new ErrnoException("descriptor "
				+ descriptor + " is no Unix socket: getsockopt",
				-result));
		return new UnixSocket(descriptor);
	}

	/** As the file system sees it, ended by a NUL. */
	private static byte[] bytesOf(Path path) {
		Charset charset = Charset.forName(
			System.getProperty("sun.jnu.encoding"));

		return (path.toString() + '\0').getBytes(charset);
	}

	private static int checkFor(Path path, String function, int result)
			throws IOException {
		if (result < 0)
			throw because(new ErrnoException(path + ": " + function,
							 -result));
		return result;
	}

	public UnixSocket accept() throws IOException {
		return new UnixSocket((int) check("accept", use(
			socket -> accept(socket))));
	}

	public void send(Region region, boolean readOnly) throws IOException {
		int access = readOnly ? Region.ACCESS_READ_ONLY
				      : Region.ACCESS_WHOLE;

		try (Handle.Use use = region.use()) {
			check("ashmem_region_send", use(
				socket -> send(socket, use.value(), access)));
		}
	}

	/** Not one that is too large for a buffer. */
	public Region receive() throws IOException {
		Region region;

		try {
			region = new Region(check("ashmem_region_receive", use(
				socket -> receive(socket))));
		} catch (ErrnoException e) {
			throw because(e);
		}
		if (region.size() <= Integer.MAX_VALUE)
			return region;
		region.close();
		throw new IOException("a region of " + region.size()
			+ " bytes came, and a buffer has at most "
			+ Integer.MAX_VALUE);
	}

	/** Returns false if it was closed before. */
	public boolean close() {
		boolean first = handle.close();

		cleanable.clean();
		return first;
	}

	private long use(Call call) throws IOException {
		try (Handle.Use use = handle.use(ClosedChannelException::new)) {
			long result = call.with((int) use.value());

			if (result < 0 && handle.isClosed())
				throw new AsynchronousCloseException();
			return result;
		}
	}

	private static long check(String function, long result)
			throws IOException {
		if (result < 0)
			throw because(new ErrnoException(function,
							 (int) -result));
		return result;
	}

	private static IOException because(ErrnoException cause) {
		IOException e = cause.errno == OsConstants.ECONNRESET
			? new EOFException("the other end is closed")
			: new IOException(cause.getMessage());

		e.initCause(cause);
		return e;
	}

	/** Of the socket. */
	private static final class Descriptor extends Handle {
		Descriptor(int value) {
			super(value);
		}

		@Override
		void free(long value) {
			UnixSocket.close((int) value);
		}

		@Override
		void interrupt(long value) {
			UnixSocket.shutDown((int) value);
		}
	}

	@FunctionalInterface
	private interface Call {
		long with(int socket);
	}

	/*
	 * What fails returns the negative of errno.
	 */

	private static native int listen(byte[] path);

	private static native int connect(byte[] path);

	private static native int examine(int descriptor);

	private static native int accept(int socket);

	private static native int send(int socket, long region, int access);

	private static native long receive(int socket);

	private static native void shutDown(int socket);

	private static native void close(int socket);
}
