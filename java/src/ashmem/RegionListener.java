// SPDX-License-Identifier: MIT
package ashmem;

import ashmem.internal.UnixSocket;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Unix socket that others connect to, to be sent regions or to send some. Who
 * can enter its directory, and write the socket, can connect; nobody is asked
 * for more.
 *
 * <pre>{@code
 * try (RegionListener listener = RegionListener.open(path)) {
 * 	Thread sender = new Thread(() -> send(path));
 *
 * 	sender.start();
 * 	try (RegionSocket socket = listener.accept();
 * 	     SharedMemory memory = socket.receive()) {
 * 		System.out.println(memory.getSize());
 * 	}
 * 	sender.join();
 * }
 * }</pre>
 */
public final class RegionListener implements Closeable {
	private final UnixSocket socket;
	private final Path path;

	private RegionListener(UnixSocket socket, Path path) {
		this.socket = socket;
		this.path = path;
	}

	/**
	 * Makes a socket and listens there.
	 *
	 * @param path of the new socket, at most 107 bytes; nothing may be
	 *             there yet
	 * @return the listening socket
	 * @throws IOException if it cannot be made
	 */
	public static RegionListener open(Path path) throws IOException {
		return new RegionListener(UnixSocket.listen(path), path);
	}

	/**
	 * Waits until somebody connects.
	 *
	 * @return this end of the connection
	 * @throws IOException if this is closed, before or meanwhile, or there
	 *         is no descriptor left
	 */
	public RegionSocket accept() throws IOException {
		return new RegionSocket(socket.accept());
	}

	/**
	 * Stops listening, and removes the socket's path. Connections stay. To
	 * close it again changes nothing.
	 *
	 * @throws IOException if the path cannot be removed
	 */
	@Override
	public void close() throws IOException {
		if (socket.close())
			Files.deleteIfExists(path);
	}
}
