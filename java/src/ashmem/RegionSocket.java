// SPDX-License-Identifier: MIT
package ashmem;

import android.os.MemoryFile;
import android.os.SharedMemory;
import ashmem.internal.Face;
import ashmem.internal.Region;
import ashmem.internal.UnixSocket;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One end of a Unix socket, over which regions go to another process and come
 * from there. That may be written in Java, or in C with ashmem_region_send()
 * and ashmem_region_receive(): a region arrives with its size and name,
 * whichever class it had here.
 *
 * <pre>{@code
 * try (RegionSocket socket = RegionSocket.connect(path);
 *      SharedMemory memory = SharedMemory.create("picture", 65536)) {
 * 	socket.send(memory, false);
 * }
 * }</pre>
 *
 * All methods may be called by any number of threads. Messages are packets
 * (SOCK_SEQPACKET) if the socket is of {@link #connect} or {@link
 * RegionListener}.
 */
public final class RegionSocket implements Closeable {
	private final UnixSocket socket;

	RegionSocket(UnixSocket socket) {
		this.socket = socket;
	}

	/**
	 * Connects to a {@link RegionListener}, or to another program's socket
	 * of SOCK_SEQPACKET.
	 *
	 * @param path of the socket, at most 107 bytes
	 * @return one end of the connection
	 * @throws IOException if there is no such socket, or nobody listens
	 */
	public static RegionSocket connect(Path path) throws IOException {
		return new RegionSocket(UnixSocket.connect(path));
	}

	/**
	 * Takes over a connected Unix socket that this process has inherited,
	 * of any type. It is closed with the object that is returned; until
	 * then nobody else may close it.
	 *
	 * @param descriptor the socket's number
	 * @return the socket
	 * @throws IOException if that is no Unix socket; then it is left alone
	 */
	public static RegionSocket adopt(int descriptor) throws IOException {
		return new RegionSocket(UnixSocket.adopt(descriptor));
	}

	/**
	 * Sends a region. Both sides have it then, and each can close it.
	 *
	 * @param memory   the region
	 * @param readOnly whether the receiver shall not be able to write. On
	 *                 the device that needs PROT_WRITE to be taken away
	 *                 first, by {@link SharedMemory#setProtect}
	 * @throws IllegalStateException if the memory was closed
	 * @throws IOException if it cannot be sent; its cause is an {@link
	 *         android.system.ErrnoException}, of EPIPE if the other end is
	 *         closed, ENOTSUP if the device cannot send it read-only
	 */
	public void send(SharedMemory memory, boolean readOnly)
			throws IOException {
		socket.send(Face.of(SharedMemory.class).regionOf(memory),
			    readOnly);
	}

	/**
	 * Sends a region. Both sides have it then, and each can close it.
	 * Whether it may be purged is not sent: see {@link
	 * MemoryFile#allowPurging}.
	 *
	 * @param file     the region
	 * @param readOnly whether the receiver shall not be able to write
	 * @throws IOException if the file was closed, or it cannot be sent, as
	 *         {@link #send(SharedMemory, boolean)}
	 */
	public void send(MemoryFile file, boolean readOnly)
			throws IOException {
		socket.send(Face.of(MemoryFile.class).regionOf(file), readOnly);
	}

	/**
	 * Waits for a region that the other end sends.
	 *
	 * @return the region, for this process to close
	 * @throws java.io.EOFException if the other end is closed
	 * @throws IOException if something else came, or a region of more than
	 *         2147483647 bytes; or if this was closed meanwhile. Where
	 *         libashmem has refused it, its cause is an {@link
	 *         android.system.ErrnoException}: EBADMSG if it was no message
	 *         of a region, ENODATA if no descriptor was with it, EINVAL if
	 *         that was of no region
	 */
	public SharedMemory receive() throws IOException {
		return Face.of(SharedMemory.class).make(socket.receive());
	}

	/**
	 * Waits for a region that the other end sends, as {@link #receive}
	 * does.
	 *
	 * @return the region as a file, for this process to close. It can only
	 *         be read if it was sent read-only
	 * @throws java.io.EOFException as {@link #receive} does
	 * @throws IOException as {@link #receive} does
	 */
	public MemoryFile receiveMemoryFile() throws IOException {
		return Face.of(MemoryFile.class).make(socket.receive());
	}

	/**
	 * Closes it. Who waits with it, in another thread, gets an
	 * AsynchronousCloseException. To close it again changes nothing.
	 */
	@Override
	public void close() {
		socket.close();
	}
}
