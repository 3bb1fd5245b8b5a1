// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import android.os.MemoryFile;
import android.os.SharedMemory;
import android.system.ErrnoException;
import android.system.OsConstants;
import ashmem.RegionListener;
import ashmem.RegionSocket;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Regions that go to other processes, in Java and in C, and come from there. */
final class HandOverTest {
	private static final int SIZE = 5000;

	private Path folder;
	private Path path;
	private RegionListener listener;
	private List<String> descriptors;

	/** The process keeps its connection to ashmemd, once it has one. */
	@BeforeAll
	static void connectToAshmemd() throws IOException {
		MemoryFile file = new MemoryFile("first", 1);

		file.allowPurging(true);
		file.close();
	}

	@BeforeEach
	void listen() throws IOException {
		descriptors = Descriptors.open();
		folder = Files.createTempDirectory("ashmem-test");
		path = folder.resolve("socket");
		listener = RegionListener.open(path);
	}

	@AfterEach
	void close() throws IOException {
		listener.close();
		assertFalse(Files.exists(path));
		Files.delete(folder);
		assertEquals(descriptors, Descriptors.open());
	}

	/** With what the other says when it has ended well. */
	private interface Conversation {
		void over(RegionSocket socket) throws Exception;
	}

	private String with(List<String> other, Conversation conversation)
			throws Exception {
		Process process = Programs.start(other);

		try (RegionSocket socket = listener.accept()) {
			conversation.over(socket);
		} catch (AssertionError e) {
			e.addSuppressed(new IOException("the other said: "
				+ Programs.await(process).output));
			throw e;
		}
		Programs.Ended ended = Programs.await(process);
		assertEquals(0, ended.status, ended.output);
		return ended.output;
	}

	private static int errnoOf(IOException e) {
		return ((ErrnoException) e.getCause()).errno;
	}

	/** A pair of sockets within this process. */
	private RegionSocket[] pair() throws IOException {
		RegionSocket one = RegionSocket.connect(path);

		return new RegionSocket[] { one, listener.accept() };
	}

	private static SharedMemory memoryOf(String text) throws ErrnoException {
		SharedMemory memory = SharedMemory.create("handed over", SIZE);
		ByteBuffer buffer = memory.mapReadWrite();

		buffer.put((text + '\0').getBytes());
		SharedMemory.unmap(buffer);
		return memory;
	}

	private static String textOf(SharedMemory memory) throws ErrnoException {
		ByteBuffer buffer = memory.mapReadOnly();
		String text = Probe.textOf(buffer);

		SharedMemory.unmap(buffer);
		return text;
	}

	@Test
	void fromJavaToCAndBack() throws Exception {
		try (SharedMemory memory = memoryOf("from Java")) {
			assertEquals("handed over 5000 writable from Java\n",
				with(Programs.peer(path, "take"),
				     socket -> socket.send(memory, false)));
			assertEquals("seen by C", textOf(memory));
		}
	}

	@Test
	void fromJavaToCReadOnly() throws Exception {
		try (SharedMemory memory = memoryOf("look")) {
			memory.setProtect(OsConstants.PROT_READ);
			assertEquals("handed over 5000 read-only look\n",
				with(Programs.peer(path, "take"),
				     socket -> socket.send(memory, true)));
			assertEquals("look", textOf(memory));
		}
	}

	@Test
	void fromCToJava() throws Exception {
		with(Programs.peer(path, "give", "made in C", SIZE, "from C"),
		     socket -> {
			try (SharedMemory memory = socket.receive()) {
				assertEquals(SIZE, memory.getSize());
				assertEquals("from C", textOf(memory));
				ByteBuffer buffer = memory.mapReadWrite();
				assertTrue(Files.readString(
					Path.of("/proc/self/maps"))
					.contains("made in C"));
				SharedMemory.unmap(buffer);
			}
		});
	}

	@Test
	void fromCToAMemoryFile() throws Exception {
		with(Programs.peer(path, "give", "f", SIZE, "from C"),
		     socket -> {
			MemoryFile file = socket.receiveMemoryFile();
			byte[] text = new byte[6];

			assertEquals(SIZE, file.length());
			assertFalse(file.isPurgingAllowed());
			file.readBytes(text, 0, 0, 6);
			assertEquals("from C", new String(text));
			file.writeBytes(text, 0, SIZE - 6, 6);
			file.close();
		});
	}

	@Test
	void fromJavaToJavaAndBack() throws Exception {
		try (SharedMemory memory = memoryOf("from one")) {
			assertEquals("5000 from one\n",
				with(Programs.probe(List.of(), "take", path),
				     socket -> socket.send(memory, false)));
			assertEquals("seen by Java", textOf(memory));
		}
	}

	@Test
	void memoryFileFromJavaToJava() throws Exception {
		with(Programs.probe(List.of(), "give", path, "a file"),
		     socket -> {
			MemoryFile file = socket.receiveMemoryFile();
			byte[] text = new byte[6];

			file.readBytes(text, 0, 0, 6);
			assertEquals("a file", new String(text));
			file.writeBytes(new byte[] { 'A' }, 0, 0, 1);
			assertEquals('A', file.getInputStream().read());
			file.close();
		});
	}

	/** On the device they share one open file, so it refuses. */
	@Test
	void memoryFileThatCanOnlyBeRead() throws Exception {
		RegionSocket[] pair = pair();
		MemoryFile file = new MemoryFile("file", SIZE);

		file.writeBytes(new byte[] { 1, 2, 3 }, 0, 0, 3);
		if (isOnDevice()) {
			IOException e = assertThrows(IOException.class,
				() -> pair[0].send(file, true));
			assertEquals(OsConstants.ENOTSUP, errnoOf(e));
		} else {
			pair[0].send(file, true);
			MemoryFile reader = pair[1].receiveMemoryFile();
			assertEquals(1, reader.getInputStream().read());
			assertThrows(IOException.class, () ->
				reader.writeBytes(new byte[1], 0, 0, 1));
			reader.close();
		}
		file.close();
		pair[0].close();
		pair[1].close();
	}

	private static boolean isOnDevice() {
		return "device".equals(System.getenv("ASHMEM_ENGINE"));
	}

	@Test
	void javaInheritsASocketFromC() throws Exception {
		List<String> command = Programs.peer("parent");

		command.addAll(Programs.probe(List.of(), "inherit", 3));
		Programs.Ended ended = Programs.run(command);
		assertEquals("4096 from the parent\nseen by Java\n",
			     ended.output);
	}

	@Test
	void readOnlyCannotBeMappedToWrite() throws Exception {
		RegionSocket[] pair = pair();

		try (SharedMemory memory = memoryOf("protected")) {
			memory.setProtect(OsConstants.PROT_READ);
			pair[0].send(memory, true);
			try (SharedMemory received = pair[1].receive()) {
				assertEquals("protected", textOf(received));
				assertThrows(ErrnoException.class,
					     received::mapReadWrite);
			}
		}
		pair[0].close();
		pair[1].close();
	}

	@Test
	void receiverOfAFileIsToldOfItsPurge() throws Exception {
		RegionSocket[] pair = pair();
		MemoryFile file = new MemoryFile("purged", SIZE);

		file.writeBytes(new byte[] { 1, 2, 3 }, 0, 0, 3);
		pair[0].send(file, false);
		MemoryFile received = pair[1].receiveMemoryFile();
		received.allowPurging(true);
		byte[] three = new byte[3];
		received.readBytes(three, 0, 0, 3);
		assertArrayEquals(new byte[] { 1, 2, 3 }, three);
		Programs.purge();
		assertThrows(IOException.class,
			     () -> received.readBytes(three, 0, 0, 3));
		received.close();
		file.close();
		pair[0].close();
		pair[1].close();
	}

	@Test
	void regionsMayBeClosedOnceTheyAreSent() throws Exception {
		RegionSocket[] pair = pair();

		for (int i = 0; i < 3; i++) {
			try (SharedMemory memory = memoryOf("number " + i)) {
				pair[0].send(memory, false);
			}
		}
		for (int i = 0; i < 3; i++) {
			try (SharedMemory memory = pair[1].receive()) {
				assertEquals("number " + i, textOf(memory));
			}
		}
		pair[0].close();
		pair[1].close();
	}

	@Test
	void garbageIsRefused() throws Exception {
		with(Programs.peer(path, "garbage"), socket -> {
			IOException e = assertThrows(IOException.class,
						     socket::receive);
			assertEquals(OsConstants.EBADMSG, errnoOf(e));
		});
	}

	@Test
	void descriptorOfNoRegionIsRefused() throws Exception {
		with(Programs.peer(path, "pipe"), socket -> {
			IOException e = assertThrows(IOException.class,
				socket::receiveMemoryFile);
			assertEquals(OsConstants.EINVAL, errnoOf(e));
		});
	}

	@Test
	void regionThatIsTooLargeIsRefused() throws Exception {
		assumeFalse(isOnDevice(),
			    "the device tells no size of 2 GiB and more");
		with(Programs.peer(path, "give", "large", 1L << 31, "x"),
		     socket -> {
			IOException e = assertThrows(IOException.class,
						     socket::receive);
			assertTrue(e.getMessage().contains("2147483648 bytes"),
				   e::toString);
		});
		with(Programs.peer(path, "give", "large", 1L << 31, "x"),
		     socket -> assertThrows(IOException.class,
					    socket::receiveMemoryFile));
	}

	@Test
	void closedPeerIsTheEnd() throws Exception {
		with(Programs.peer(path, "nothing"), socket ->
		     assertThrows(EOFException.class, socket::receive));
	}

	@Test
	void sendingToAClosedPeerFails() throws Exception {
		RegionSocket[] pair = pair();

		pair[1].close();
		try (SharedMemory memory = memoryOf("nobody")) {
			IOException e = assertThrows(IOException.class,
				() -> pair[0].send(memory, false));
			assertEquals(OsConstants.EPIPE, errnoOf(e));
		}
		pair[0].close();
	}

	@Test
	void whatIsClosedCannotBeSent() throws Exception {
		RegionSocket[] pair = pair();
		SharedMemory memory = memoryOf("closed");
		MemoryFile file = new MemoryFile("closed", SIZE);

		memory.close();
		file.close();
		assertThrows(IllegalStateException.class,
			     () -> pair[0].send(memory, false));
		assertThrows(IOException.class,
			     () -> pair[0].send(file, false));
		pair[0].close();
		pair[1].close();
	}

	@Test
	void nothingWorksAfterClose() throws Exception {
		RegionSocket[] pair = pair();

		pair[0].close();
		pair[0].close();
		assertThrows(ClosedChannelException.class, pair[0]::receive);
		try (SharedMemory memory = memoryOf("closed")) {
			assertThrows(ClosedChannelException.class,
				     () -> pair[0].send(memory, false));
		}
		pair[1].close();
		listener.close();
		listener.close();
		assertThrows(ClosedChannelException.class, listener::accept);
	}

	@Test
	void closeEndsWhatOthersWaitFor() throws Exception {
		RegionSocket[] pair = pair();
		ExecutorService threads = Executors.newFixedThreadPool(2);
		Future<?> receiver = threads.submit(() -> assertThrows(
			ClosedChannelException.class, pair[0]::receive));
		Future<?> accepter = threads.submit(() -> assertThrows(
			ClosedChannelException.class, listener::accept));

		Thread.yield();
		pair[0].close();
		listener.close();
		receiver.get();
		accepter.get();
		threads.shutdown();
		pair[1].close();
	}

	@Test
	void pathsAreChecked() throws IOException {
		Path nowhere = folder.resolve("nowhere");
		IOException e = assertThrows(IOException.class,
			() -> RegionSocket.connect(nowhere));

		assertEquals(OsConstants.ENOENT, errnoOf(e));
		assertTrue(e.getMessage().contains(nowhere.toString()));
		assertEquals(OsConstants.EADDRINUSE, errnoOf(assertThrows(
			IOException.class, () -> RegionListener.open(path))));
		assertEquals(OsConstants.ENAMETOOLONG, errnoOf(assertThrows(
			IOException.class, () -> RegionListener.open(
				Path.of("/" + "x".repeat(107))))));
	}

	@Test
	void onlyUnixSocketsAreAdopted() {
		assertEquals(OsConstants.EBADF, errnoOf(assertThrows(
			IOException.class,
			() -> RegionSocket.adopt(Integer.MAX_VALUE))));
		assertEquals(OsConstants.ENOTSOCK, errnoOf(assertThrows(
			IOException.class, () -> RegionSocket.adopt(0))));
	}
}
