// SPDX-License-Identifier: MIT
// prints: 42
// prints: streams: 7
// prints: 10 bytes, purging allowed: false

import android.os.MemoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/** A cache of what can be drawn anew. */
final class MemoryFileExample {
	private static final byte[] PICTURE = new byte[1024];

	private MemoryFileExample() {
	}

	public static void main(String[] arguments) throws IOException {
		byte[] picture = new byte[PICTURE.length];

		Arrays.fill(PICTURE, (byte) 42);
		MemoryFile file = new MemoryFile("thumbnails", 65536);

		draw(file);
		file.allowPurging(true);
		try {
			file.readBytes(picture, 0, 0, picture.length);
		} catch (IOException purged) {
			draw(file);
			file.readBytes(picture, 0, 0, picture.length);
		}
		file.close();
		System.out.println(picture[0]);
		stream();
	}

	private static void draw(MemoryFile file) throws IOException {
		file.writeBytes(PICTURE, 0, 0, PICTURE.length);
	}

	private static void stream() throws IOException {
		MemoryFile file = new MemoryFile(null, 10);

		try (OutputStream out = file.getOutputStream();
		     InputStream in = file.getInputStream()) {
			out.write(7);
			System.out.println("streams: " + in.read());
		}
		System.out.println(file.length() + " bytes, purging allowed: "
			+ file.isPurgingAllowed());
		file.close();
	}
}
