// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.SharedMemory;
import android.system.ErrnoException;
import android.system.OsConstants;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** android.os.SharedMemory, each line of its documentation. */
final class SharedMemoryTest {
	private static final int PAGE = 4096;
	private static final int READ_WRITE =
		OsConstants.PROT_READ | OsConstants.PROT_WRITE;

	private static void assertErrno(int errno, Failing call) {
		ErrnoException e = assertThrows(ErrnoException.class,
						call::call);

		assertEquals(OsConstants.errnoName(errno),
			     OsConstants.errnoName(e.errno));
	}

	private interface Failing {
		void call() throws ErrnoException;
	}

	private static void assertFaults(Runnable access)
			throws InterruptedException {
		new FaultingThread(access).awaitFault();
	}

	private static boolean isMapped(String name) throws IOException {
		return Files.readString(Path.of("/proc/self/maps"))
			.contains(name);
	}

	@Test
	void isFilledWithZeros() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("zeros", 5000)) {
			ByteBuffer buffer = memory.mapReadOnly();
			byte[] content = new byte[5000];

			buffer.get(content);
			assertArrayEquals(new byte[5000], content);
		}
	}

	@Test
	void mappingsShareTheirBytes() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("shared", 5000)) {
			ByteBuffer writer = memory.mapReadWrite();
			ByteBuffer reader = memory.mapReadOnly();

			writer.put(4999, (byte) 7);
			assertEquals(7, reader.get(4999));
		}
	}

	@Test
	void buffersAreDirectAndOfExactlyTheLength() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("exact", 5001)) {
			ByteBuffer all = memory.mapReadWrite();
			ByteBuffer part = memory.map(OsConstants.PROT_READ,
						     PAGE, 3);

			assertTrue(all.isDirect());
			assertEquals(5001, all.capacity());
			assertEquals(3, part.capacity());
			all.put(PAGE + 2, (byte) 9);
			assertEquals(9, part.get(2));
			assertThrows(IndexOutOfBoundsException.class,
				     () -> part.get(3));
		}
	}

	@Test
	void buffersWithoutWriteAreReadOnly() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("reader", PAGE)) {
			ByteBuffer reader = memory.mapReadOnly();

			assertTrue(reader.isReadOnly());
			assertThrows(ReadOnlyBufferException.class,
				     () -> reader.put(0, (byte) 1));
		}
	}

	@Test
	void nameStandsInMaps() throws ErrnoException, IOException {
		try (SharedMemory memory = SharedMemory.create("Zürich", PAGE)) {
			ByteBuffer buffer = memory.mapReadOnly();

			assertTrue(isMapped("Zürich"));
			SharedMemory.unmap(buffer);
		}
	}

	@Test
	void nameMayBeNullEmptyAndLong() throws ErrnoException {
		SharedMemory.create(null, PAGE).close();
		SharedMemory.create("", PAGE).close();
		try (SharedMemory memory = SharedMemory.create("n".repeat(1000),
							       PAGE)) {
			assertEquals(0, memory.mapReadOnly().get(0));
		}
	}

	@Test
	void sizeMustBePositive() {
		for (int size : new int[] { 0, -1, Integer.MIN_VALUE })
			assertThrows(IllegalArgumentException.class,
				     () -> SharedMemory.create("size", size));
	}

	@Test
	void sizeReachesTwoGibibytes() throws ErrnoException {
		int size = Integer.MAX_VALUE;

		try (SharedMemory memory = SharedMemory.create("huge", size)) {
			ByteBuffer buffer = memory.mapReadWrite();

			assertEquals(size, memory.getSize());
			buffer.put(size - 1, (byte) 3);
			assertEquals(3, memory.map(OsConstants.PROT_READ,
				size / PAGE * PAGE, PAGE - 1).get(PAGE - 2));
		}
	}

	@Test
	void mapChecksItsNumbers() throws ErrnoException {
		int[][] wrong = {
			{ OsConstants.PROT_READ, -1, 1 },
			{ OsConstants.PROT_READ, 0, 0 },
			{ OsConstants.PROT_READ, 0, -1 },
			{ OsConstants.PROT_READ, 0, 2 * PAGE + 1 },
			{ OsConstants.PROT_READ, PAGE, PAGE + 1 },
			{ OsConstants.PROT_READ, 2 * PAGE, 1 },
			{ OsConstants.PROT_READ, PAGE, Integer.MAX_VALUE },
			{ OsConstants.PROT_READ, Integer.MAX_VALUE, 1 },
			{ 8, 0, PAGE },
			{ -1, 0, PAGE },
		};

		try (SharedMemory memory = SharedMemory.create("map", 2 * PAGE)) {
			for (int[] call : wrong)
				assertThrows(IllegalArgumentException.class,
					() -> memory.map(call[0], call[1],
							 call[2]));
		}
	}

	@Test
	void mapWantsWholePages() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("map", 2 * PAGE)) {
			assertErrno(OsConstants.EINVAL, () -> memory.map(
				OsConstants.PROT_READ, 1, PAGE));
		}
	}

	@Test
	void whatHasNoProtectionCannotBeUsed() throws Exception {
		try (SharedMemory memory = SharedMemory.create("none", PAGE)) {
			for (int prot : new int[] { OsConstants.PROT_NONE,
						    OsConstants.PROT_EXEC }) {
				ByteBuffer none = memory.map(prot, 0, PAGE);

				assertFaults(() -> none.get(0));
			}
		}
	}

	@Test
	void protectionsCanOnlyBeTakenAway() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("prot", PAGE)) {
			assertTrue(memory.setProtect(READ_WRITE));
			assertFalse(memory.setProtect(READ_WRITE
						      | OsConstants.PROT_EXEC));
			assertTrue(memory.setProtect(OsConstants.PROT_READ));
			assertTrue(memory.setProtect(OsConstants.PROT_READ));
			assertFalse(memory.setProtect(READ_WRITE));
			assertTrue(memory.setProtect(OsConstants.PROT_NONE));
			assertFalse(memory.setProtect(OsConstants.PROT_READ));
		}
	}

	@Test
	void whatWasTakenAwayCannotBeMapped() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("prot", PAGE)) {
			assertTrue(memory.setProtect(OsConstants.PROT_READ));
			assertErrno(OsConstants.EPERM, memory::mapReadWrite);
			assertEquals(0, memory.mapReadOnly().get(0));
			assertTrue(memory.setProtect(OsConstants.PROT_NONE));
			assertErrno(OsConstants.EPERM, memory::mapReadOnly);
		}
	}

	@Test
	void whatIsMappedKeepsItsProtection() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("prot", PAGE)) {
			ByteBuffer writer = memory.mapReadWrite();

			assertTrue(memory.setProtect(OsConstants.PROT_READ));
			writer.put(0, (byte) 5);
			assertEquals(5, memory.mapReadOnly().get(0));
		}
	}

	@Test
	void setProtectKnowsWhatIsNone() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("prot", PAGE)) {
			for (int prot : new int[] { 8, -1, 0x01000000 })
				assertThrows(IllegalArgumentException.class,
					() -> memory.setProtect(prot));
		}
	}

	@Test
	void unmapGivesTheMemoryBack() throws ErrnoException, IOException {
		try (SharedMemory memory = SharedMemory.create("unmapped",
							       PAGE)) {
			ByteBuffer writer = memory.mapReadWrite();
			ByteBuffer reader = memory.mapReadOnly();

			SharedMemory.unmap(writer);
			assertEquals(0, reader.get(0));
			SharedMemory.unmap(reader);
			assertFalse(isMapped("memfd:unmapped")
				    || isMapped("dev/ashmem/unmapped"));
		}
	}

	@Test
	void unmapWantsWhatMapReturned() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("unmap", PAGE)) {
			ByteBuffer buffer = memory.mapReadWrite();
			ByteBuffer reader = memory.mapReadOnly();
			ByteBuffer[] wrong = {
				buffer.slice(), buffer.duplicate(),
				buffer.asReadOnlyBuffer(), reader.duplicate(),
				ByteBuffer.allocateDirect(PAGE),
				ByteBuffer.allocate(PAGE), null,
			};

			for (ByteBuffer other : wrong)
				assertThrows(IllegalArgumentException.class,
					() -> SharedMemory.unmap(other));
			assertEquals(0, buffer.get(0));
		}
	}

	@Test
	void unmapTwiceIsRefused() throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create("twice", PAGE)) {
			ByteBuffer buffer = memory.mapReadWrite();

			SharedMemory.unmap(buffer);
			assertThrows(IllegalArgumentException.class,
				     () -> SharedMemory.unmap(buffer));
		}
	}

	@Test
	void useAfterUnmapThrows() throws Exception {
		try (SharedMemory memory = SharedMemory.create("after", PAGE)) {
			ByteBuffer buffer = memory.mapReadWrite();
			ByteBuffer slice = buffer.slice(16, 16);

			SharedMemory.unmap(buffer);
			assertFaults(() -> buffer.get(0));
			assertFaults(() -> slice.put(0, (byte) 1));
			assertFaults(() -> buffer.get(0, new byte[PAGE]));
		}
	}

	@Test
	void mappingsOutliveIt() throws ErrnoException {
		SharedMemory memory = SharedMemory.create("outlived", PAGE);
		ByteBuffer writer = memory.mapReadWrite();
		ByteBuffer reader = memory.mapReadOnly();

		memory.close();
		writer.put(0, (byte) 11);
		assertEquals(11, reader.get(0));
		SharedMemory.unmap(writer);
		SharedMemory.unmap(reader);
	}

	@Test
	void nothingWorksAfterClose() throws ErrnoException {
		SharedMemory memory = SharedMemory.create("closed", PAGE);

		memory.close();
		assertThrows(IllegalStateException.class, memory::getSize);
		assertThrows(IllegalStateException.class, memory::mapReadOnly);
		assertThrows(IllegalStateException.class, memory::mapReadWrite);
		assertThrows(IllegalStateException.class,
			     () -> memory.map(OsConstants.PROT_READ, 0, 1));
		assertThrows(IllegalStateException.class,
			     () -> memory.setProtect(OsConstants.PROT_READ));
		memory.close();
	}

	@Test
	void errorsSayWhatFailed() throws ErrnoException {
		assertEquals("create failed: EINVAL (Invalid argument)",
			new ErrnoException("create", OsConstants.EINVAL)
			.getMessage());
		assertEquals("f failed: errno 9999 (Unknown error 9999)",
			new ErrnoException("f", 9999).getMessage());
		assertEquals("f failed: ENOTSUP (Operation not supported)",
			new ErrnoException("f", OsConstants.EOPNOTSUPP)
			.getMessage());
		IOException cause = new IOException("cause");
		assertEquals(cause, new ErrnoException("f", 1, cause).getCause());
		assertEquals(null, OsConstants.errnoName(0));
	}
}
