// SPDX-License-Identifier: MIT
// prints: hello
// prints: a page: 4096 of 8192 bytes
// prints: read-only: true

import static java.nio.charset.StandardCharsets.UTF_8;

import android.os.SharedMemory;
import android.system.ErrnoException;
import android.system.OsConstants;
import java.nio.ByteBuffer;

/** A region, mapped in several ways. */
final class SharedMemoryExample {
	private SharedMemoryExample() {
	}

	public static void main(String[] arguments) throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("greeting", 4096)) {
			ByteBuffer writer = memory.mapReadWrite();
			ByteBuffer reader = memory.mapReadOnly();

			writer.put(0, "hello".getBytes(UTF_8));
			System.out.println(UTF_8.decode(reader.slice(0, 5)));
			SharedMemory.unmap(reader);
			SharedMemory.unmap(writer);
		}
		mapPart();
	}

	/** And takes the right to write away. */
	private static void mapPart() throws ErrnoException {
		SharedMemory memory = SharedMemory.create("pages", 8192);
		ByteBuffer page = memory.map(OsConstants.PROT_READ, 4096, 4096);

		System.out.println("a page: " + page.capacity() + " of "
			+ memory.getSize() + " bytes");
		System.out.println("read-only: "
			+ memory.setProtect(OsConstants.PROT_READ));
		memory.close();
	}
}
