// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.MemoryFile;
import com.example.thumbnails.ThumbnailCache;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory files that may be purged, and are. */
final class PurgingTest {
	private static final int LENGTH = 40000;
	private static final int THREADS = 4;
	private static final int PURGES = 20;
	private static final byte[] ZEROS = new byte[LENGTH];
	private static final byte[] FULL = new byte[LENGTH];

	static {
		Arrays.fill(FULL, (byte) 42);
	}

	private MemoryFile file;

	@BeforeEach
	void fill() throws IOException {
		file = new MemoryFile("purged", LENGTH);
		file.writeBytes(FULL, 0, 0, LENGTH);
	}

	@AfterEach
	void close() {
		file.close();
	}

	private byte[] read() throws IOException {
		byte[] content = new byte[LENGTH];

		file.readBytes(content, 0, 0, LENGTH);
		return content;
	}

	@Test
	void isNotPurgedUnlessThatIsAllowed() throws Exception {
		Programs.purge();
		assertArrayEquals(FULL, read());
	}

	@Test
	void isNotPurgedOnceItIsForbidden() throws Exception {
		file.allowPurging(true);
		file.allowPurging(false);
		Programs.purge();
		assertArrayEquals(FULL, read());
	}

	@Test
	void staysWhileMemoryIsPlentiful() throws IOException {
		file.allowPurging(true);
		assertArrayEquals(FULL, read());
		assertArrayEquals(FULL, read());
	}

	@Test
	void readIsToldOnce() throws Exception {
		file.allowPurging(true);
		Programs.purge();
		assertThrows(IOException.class, this::read);
		assertArrayEquals(ZEROS, read());
	}

	@Test
	void writeIsToldOnceAndWritesNothing() throws Exception {
		file.allowPurging(true);
		Programs.purge();
		assertThrows(IOException.class,
			     () -> file.writeBytes(FULL, 0, 0, LENGTH));
		assertArrayEquals(ZEROS, read());
		file.writeBytes(FULL, 0, 0, LENGTH);
		assertArrayEquals(FULL, read());
	}

	@Test
	void streamsAreToldOnce() throws Exception {
		file.allowPurging(true);
		Programs.purge();
		assertThrows(IOException.class,
			     () -> file.getInputStream().read());
		assertEquals(0, file.getInputStream().read());
	}

	@Test
	void isPurgeableAgainAfterEachUse() throws Exception {
		file.allowPurging(true);
		for (int i = 0; i < 3; i++) {
			Programs.purge();
			assertThrows(IOException.class, this::read);
			file.writeBytes(FULL, 0, 0, LENGTH);
			assertArrayEquals(FULL, read());
		}
	}

	@Test
	void boundsAreCheckedBeforeItIsTold() throws Exception {
		file.allowPurging(true);
		Programs.purge();
		assertThrows(IndexOutOfBoundsException.class,
			() -> file.readBytes(new byte[1], LENGTH, 0, 1));
		assertThrows(IOException.class, this::read);
	}

	@Test
	void isToldAlsoWhenItIsForbiddenMeanwhile() throws Exception {
		file.allowPurging(true);
		Programs.purge();
		file.allowPurging(false);
		assertThrows(IOException.class, this::read);
		assertArrayEquals(ZEROS, read());
	}

	/** Each sees the content or zeros; zeros only if somebody is told. */
	@Test
	void threadsThatReadAtATimeSeeNoPurgeUntold() throws Exception {
		AtomicBoolean end = new AtomicBoolean();
		AtomicBoolean zeros = new AtomicBoolean();
		AtomicInteger told = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);

		file.allowPurging(true);
		List<Future<Void>> readers = IntStream.range(0, THREADS)
			.mapToObj(i -> threads.submit(
				() -> readUntil(end, zeros, told)))
			.collect(Collectors.toList());
		for (int i = 0; i < PURGES; i++)
			Programs.purge();
		end.set(true);
		for (Future<Void> reader : readers)
			reader.get();
		threads.shutdown();
		assertTrue(told.get() > 0 || !zeros.get());
	}

	private Void readUntil(AtomicBoolean end, AtomicBoolean zeros,
			       AtomicInteger told) {
		while (!end.get()) {
			byte[] content;

			try {
				content = read();
			} catch (IOException purged) {
				told.incrementAndGet();
				continue;
			}
			if (Arrays.equals(ZEROS, content))
				zeros.set(true);
			else
				assertArrayEquals(FULL, content);
		}
		return null;
	}

	@Test
	void cacheOfAnAndroidApplicationIsMadeAnew() throws Exception {
		ThumbnailCache cache = new ThumbnailCache(20, 3000,
			(number, pixels) -> Arrays.fill(pixels,
							(byte) number));
		byte[] expected = new byte[3000];

		Arrays.fill(expected, (byte) 13);
		assertArrayEquals(expected, cache.get(13));
		assertEquals(0, cache.getRepaints());
		Programs.purge();
		assertArrayEquals(expected, cache.get(13));
		assertEquals(1, cache.getRepaints());
		assertArrayEquals(new int[] { 20, 3000 }, cache.readHeader());
		cache.close();
	}
}
