// SPDX-License-Identifier: MIT
package tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import android.os.MemoryFile;
import android.os.SharedMemory;
import android.system.ErrnoException;
import ashmem.RegionSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** What another JVM does in these tests, and says on standard output. */
final class Probe {
	private Probe() {
	}

	public static void main(String[] arguments)
			throws IOException, ErrnoException {
		switch (arguments[0]) {
		case "load":
			load();
			break;
		case "take":
			take(Path.of(arguments[1]));
			break;
		case "give":
			give(Path.of(arguments[1]), arguments[2]);
			break;
		case "inherit":
			inherit(Integer.parseInt(arguments[1]));
			break;
		default:
			throw new IllegalArgumentException(arguments[0]);
		}
	}

	/** Says where the native library is mapped from. */
	private static void load() throws IOException, ErrnoException {
		SharedMemory.create("probe", 1).close();
		Files.readString(Path.of("/proc/self/maps")).lines()
			.filter(line -> line.contains("libashmem-jni"))
			.map(line -> line.replaceAll("^[^/]*", ""))
			.distinct().forEach(System.out::println);
	}

	private static void take(Path path) throws IOException, ErrnoException {
		try (RegionSocket socket = RegionSocket.connect(path);
		     SharedMemory memory = socket.receive()) {
			answer(memory);
		}
	}

	private static void inherit(int descriptor)
			throws IOException, ErrnoException {
		try (RegionSocket socket = RegionSocket.adopt(descriptor);
		     SharedMemory memory = socket.receive()) {
			answer(memory);
		}
	}

	/** Says size and text, and writes another if it may. */
	private static void answer(SharedMemory memory) throws ErrnoException {
		System.out.println(memory.getSize() + " "
			+ textOf(memory.mapReadOnly()));
		try {
			memory.mapReadWrite().put("seen by Java\0".getBytes());
		} catch (ErrnoException e) {
			System.out.println(e.getMessage());
		}
	}

	static String textOf(ByteBuffer buffer) {
		int end = 0;

		while (buffer.get(end) != 0)
			end++;
		return UTF_8.decode(buffer.slice(0, end)).toString();
	}

	private static void give(Path path, String text) throws IOException {
		byte[] bytes = (text + '\0').getBytes(UTF_8);
		MemoryFile file = new MemoryFile("given", 10000);

		file.writeBytes(bytes, 0, 0, bytes.length);
		try (RegionSocket socket = RegionSocket.connect(path)) {
			socket.send(file, false);
		}
		file.close();
	}
}
