// SPDX-License-Identifier: MIT
// prints: received 65536 bytes
// prints: and a file of 100

import android.os.MemoryFile;
import android.os.SharedMemory;
import ashmem.RegionListener;
import ashmem.RegionSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Regions from one end to the other. Here both are in one process; with an
 * argument, the other end is what another program has left open as this one's
 * descriptor of that number.
 */
final class RegionSocketExample {
	private RegionSocketExample() {
	}

	public static void main(String[] arguments) throws Exception {
		if (arguments.length > 0) {
			receive(RegionSocket.adopt(
				Integer.parseInt(arguments[0])));
			return;
		}
		Path path = Files.createTempDirectory("example").resolve("socket");

		try (RegionListener listener = RegionListener.open(path)) {
			send(path);
			receive(listener.accept());
			receiveFile(listener.accept());
		}
		Files.delete(path.getParent());
	}

	private static void send(Path path) throws Exception {
		try (RegionSocket socket = RegionSocket.connect(path);
		     SharedMemory memory = SharedMemory.create("picture", 65536)) {
			socket.send(memory, false);
		}
		try (RegionSocket socket = RegionSocket.connect(path)) {
			MemoryFile file = new MemoryFile("file", 100);

			socket.send(file, false);
			file.close();
		}
	}

	private static void receive(RegionSocket socket) throws IOException {
		try (socket; SharedMemory memory = socket.receive()) {
			System.out.println("received " + memory.getSize()
				+ " bytes");
		}
	}

	private static void receiveFile(RegionSocket socket)
			throws IOException {
		MemoryFile file = socket.receiveMemoryFile();

		System.out.println("and a file of " + file.length());
		file.close();
		socket.close();
	}
}
