// SPDX-License-Identifier: MIT
// prints: 4096

import android.os.SharedMemory;
import ashmem.RegionListener;
import ashmem.RegionSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Waits for a region; here another thread sends it. */
final class RegionListenerExample {
	private RegionListenerExample() {
	}

	public static void main(String[] arguments) throws Exception {
		Path path = Files.createTempDirectory("example").resolve("socket");

		try (RegionListener listener = RegionListener.open(path)) {
			Thread sender = new Thread(() -> send(path));

			sender.start();
			try (RegionSocket socket = listener.accept();
			     SharedMemory memory = socket.receive()) {
				System.out.println(memory.getSize());
			}
			sender.join();
		}
		Files.delete(path.getParent());
	}

	private static void send(Path path) {
		try (RegionSocket socket = RegionSocket.connect(path);
		     SharedMemory memory = SharedMemory.create("sent", 4096)) {
			socket.send(memory, false);
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
	}
}
