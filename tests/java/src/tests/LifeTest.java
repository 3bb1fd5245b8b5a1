// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.MemoryFile;
import android.os.SharedMemory;
import android.system.ErrnoException;
import com.example.thumbnails.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** When memory and descriptors are given back, and when they are not. */
final class LifeTest {
	/** More than a process may have descriptors, or mappings. */
	private static final int DESCRIPTORS = 25000;
	private static final int MAPPINGS = 70000;

	private static final int ROUNDS = 300;
	private static final int FAULTING_ROUNDS = 30;
	private static final int THREADS = 4;
	private static final int LENGTH = 1 << 16;

	private static long mappings(String name) throws IOException {
		return Files.readString(Path.of("/proc/self/maps")).lines()
			.filter(line -> line.contains(name)).count();
	}

	@Test
	void closeGivesDescriptorsBackAtOnce() throws Exception {
		long before = Descriptors.count();
		SharedMemory memory = SharedMemory.create("life", LENGTH);
		MemoryFile file = new MemoryFile("life", LENGTH);

		assertEquals(before + 2, Descriptors.count());
		memory.close();
		file.close();
		assertEquals(before, Descriptors.count());
	}

	@Test
	void closeOfAFileUnmapsIt() throws IOException {
		MemoryFile file = new MemoryFile("closed-file", LENGTH);

		assertEquals(1, mappings("closed-file"));
		file.close();
		assertEquals(0, mappings("closed-file"));
	}

	@Test
	void nothingStaysOfWhatIsUnreachable() throws Exception {
		long before = Descriptors.count();

		forget();
		Descriptors.awaitNoMoreThan(before);
		while (mappings("forgotten") > 0)
			System.gc();
	}

	private static void forget() throws ErrnoException, IOException {
		for (int i = 0; i < 100; i++) {
			SharedMemory.create("forgotten", LENGTH).mapReadWrite();
			new MemoryFile("forgotten", LENGTH);
		}
	}

	@Test
	void moreCanBeMadeThanAProcessMayHave() throws IOException {
		for (int i = 0; i < DESCRIPTORS; i++)
			new MemoryFile("many", 1).writeBytes(new byte[1], 0, 0,
							     1);
	}

	@Test
	void moreCanBeUnmappedThanAProcessMayHave() throws Exception {
		try (SharedMemory memory = SharedMemory.create("many", 1)) {
			for (int i = 0; i < MAPPINGS; i++)
				SharedMemory.unmap(memory.mapReadOnly());
		}
		assertTrue(mappings("") < MAPPINGS / 2);
	}

	/** At the limit the JVM could not start a thread any more. */
	@Test
	void moreCanBeMappedThanAProcessMayHave() throws Exception {
		try (SharedMemory memory = SharedMemory.create("many", 1)) {
			for (int i = 0; i < MAPPINGS; i++)
				memory.mapReadOnly();
		}
		assertTrue(mappings("") < MAPPINGS / 2);
	}

	@Test
	void sliceKeepsItsMappingAlive() throws ErrnoException, IOException {
		ByteBuffer slice = sliceOfNew("sliced");

		for (int i = 0; i < 5; i++)
			System.gc();
		assertEquals(77, slice.get(3));
		assertEquals(1, mappings("sliced"));
	}

	private static ByteBuffer sliceOfNew(String name) throws ErrnoException {
		try (SharedMemory memory = SharedMemory.create(name, LENGTH)) {
			ByteBuffer buffer = memory.mapReadWrite();

			buffer.put(13, (byte) 77);
			return buffer.slice(10, 10).asReadOnlyBuffer();
		}
	}

	/** All start together, and all have to end without an error. */
	private static void together(List<Callable<Void>> tasks)
			throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(
			tasks.size());
		CyclicBarrier start = new CyclicBarrier(tasks.size());
		List<Future<Void>> all = new ArrayList<>();

		for (Callable<Void> task : tasks)
			all.add(threads.submit(() -> {
				start.await();
				return task.call();
			}));
		for (Future<Void> one : all)
			one.get();
		threads.shutdown();
	}

	@Test
	void closeWhileOthersReadAndWriteIsHarmless() throws Exception {
		for (int round = 0; round < ROUNDS; round++) {
			MemoryFile file = new MemoryFile("race", LENGTH);
			List<Callable<Void>> tasks = new ArrayList<>();

			file.allowPurging(round % 2 == 0);
			for (int i = 0; i < THREADS; i++)
				tasks.add(() -> useUntilClosed(file));
			tasks.add(() -> {
				file.close();
				return null;
			});
			together(tasks);
		}
	}

	private static Void useUntilClosed(MemoryFile file) {
		byte[] bytes = new byte[LENGTH];

		try {
			while (true) {
				file.readBytes(bytes, 0, 0, LENGTH);
				file.writeBytes(bytes, 0, 0, LENGTH);
				file.getInputStream().skip(1);
				file.allowPurging(!file.isPurgingAllowed());
			}
		} catch (IOException closed) {
			return null;
		}
	}

	@Test
	void closeWhileOthersMapIsHarmless() throws Exception {
		for (int round = 0; round < ROUNDS; round++) {
			SharedMemory memory = SharedMemory.create("race", LENGTH);
			List<Callable<Void>> tasks = new ArrayList<>();

			for (int i = 0; i < THREADS; i++)
				tasks.add(() -> mapUntilClosed(memory));
			tasks.add(() -> {
				memory.close();
				return null;
			});
			together(tasks);
		}
	}

	private static Void mapUntilClosed(SharedMemory memory)
			throws ErrnoException {
		try {
			while (true) {
				ByteBuffer buffer = memory.mapReadWrite();

				buffer.put(LENGTH - 1, (byte) 1);
				memory.setProtect(7);
				SharedMemory.unmap(buffer);
			}
		} catch (IllegalStateException closed) {
			return null;
		}
	}

	@Test
	void unmapWhileOthersReadThrowsThere() throws Exception {
		for (int round = 0; round < FAULTING_ROUNDS; round++) {
			SharedMemory memory = SharedMemory.create("race", LENGTH);
			ByteBuffer buffer = memory.mapReadWrite();
			List<FaultingThread> readers = new ArrayList<>();

			for (int i = 0; i < THREADS; i++)
				readers.add(new FaultingThread(
					() -> readAndWrite(buffer)));
			SharedMemory.unmap(buffer);
			for (FaultingThread reader : readers)
				reader.awaitFault();
			memory.close();
		}
	}

	private static void readAndWrite(ByteBuffer buffer) {
		byte[] bytes = new byte[LENGTH];
		long sum = 0;

		for (int i = 0; i < LENGTH; i += LENGTH / 16)
			sum += buffer.getLong(i);
		buffer.get(0, bytes);
		buffer.put(0, bytes);
		buffer.putLong(0, sum);
	}

	@Test
	void frameOfAnAndroidApplicationCanBeRead() throws ErrnoException {
		try (Frame frame = new Frame(64, 48, 0xff102030)) {
			assertEquals(0xff102030, frame.colorAt(63, 47));
			assertEquals(64 * 48 * 4, frame.getMemory().getSize());
		}
	}
}
