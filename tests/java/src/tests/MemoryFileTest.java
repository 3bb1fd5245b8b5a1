// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.MemoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** android.os.MemoryFile, each line of its documentation but of purging. */
final class MemoryFileTest {
	private static final int LENGTH = 1000;

	/** What readBytes and writeBytes have to refuse of an array of 512. */
	private static final int[][] OUT_OF_RANGE = {
		// in the file, in the array, count
		{ 0, -1, 128 }, { 0, 1000, 128 }, { 0, 0, -1 },
		{ 0, 0, 1024 }, { -1, 0, 512 }, { 2000, 0, 512 },
		{ 0, 500, 13 }, { 989, 0, 12 }, { 1001, 0, 0 },
		{ Integer.MAX_VALUE, 0, 2 }, { 0, Integer.MAX_VALUE, 2 },
		{ Integer.MIN_VALUE, 0, 1 }, { 0, 0, Integer.MIN_VALUE },
	};

	private MemoryFile file;

	@BeforeEach
	void open() throws IOException {
		file = new MemoryFile("file", LENGTH);
	}

	@AfterEach
	void close() {
		file.close();
	}

	private static byte[] numbers(int count) {
		byte[] bytes = new byte[count];

		for (int i = 0; i < count; i++)
			bytes[i] = (byte) (i * 7 + 1);
		return bytes;
	}

	@Test
	void lengthIsAsItWasMade() throws IOException {
		assertEquals(LENGTH, file.length());
		MemoryFile huge = new MemoryFile(null, Integer.MAX_VALUE);
		assertEquals(Integer.MAX_VALUE, huge.length());
		huge.writeBytes(new byte[] { 1 }, 0, Integer.MAX_VALUE - 1, 1);
		huge.close();
	}

	@Test
	void lengthMustBePositive() {
		for (int length : new int[] { 0, -1, Integer.MIN_VALUE })
			assertThrows(IllegalArgumentException.class,
				     () -> new MemoryFile("length", length));
	}

	@Test
	void readsWhatWasWritten() throws IOException {
		byte[] source = numbers(512), target = new byte[20];

		file.writeBytes(source, 5, 990, 10);
		assertEquals(20, file.readBytes(target, 980, 0, 20));
		assertArrayEquals(new byte[10], Arrays.copyOf(target, 10));
		assertArrayEquals(Arrays.copyOfRange(source, 5, 15),
				  Arrays.copyOfRange(target, 10, 20));
	}

	@Test
	void leavesTheRestOfTheArrayAlone() throws IOException {
		byte[] target = numbers(30), before = target.clone();

		file.readBytes(target, 0, 10, 5);
		Arrays.fill(before, 10, 15, (byte) 0);
		assertArrayEquals(before, target);
	}

	@Test
	void countMayBeZero() throws IOException {
		assertEquals(0, file.readBytes(new byte[0], LENGTH, 0, 0));
		file.writeBytes(new byte[0], 0, LENGTH, 0);
	}

	@Test
	void readKnowsTheBounds() {
		for (int[] call : OUT_OF_RANGE)
			assertThrows(IndexOutOfBoundsException.class,
				() -> file.readBytes(new byte[512], call[0],
						     call[1], call[2]),
				Arrays.toString(call));
	}

	@Test
	void writeKnowsTheBounds() throws IOException {
		byte[] content = new byte[LENGTH];

		for (int[] call : OUT_OF_RANGE)
			assertThrows(IndexOutOfBoundsException.class,
				() -> file.writeBytes(numbers(512), call[1],
						      call[0], call[2]),
				Arrays.toString(call));
		file.readBytes(content, 0, 0, LENGTH);
		assertArrayEquals(new byte[LENGTH], content);
	}

	@Test
	void arrayMayNotBeNull() {
		assertThrows(NullPointerException.class,
			     () -> file.readBytes(null, 0, 0, 1));
		assertThrows(NullPointerException.class,
			     () -> file.writeBytes(null, 0, 0, 1));
	}

	@Test
	void allowPurgingReturnsWhatItWas() throws IOException {
		assertFalse(file.isPurgingAllowed());
		assertFalse(file.allowPurging(true));
		assertTrue(file.isPurgingAllowed());
		assertTrue(file.allowPurging(true));
		assertTrue(file.allowPurging(false));
		assertFalse(file.allowPurging(false));
		assertFalse(file.isPurgingAllowed());
	}

	@Test
	void allowPurgingIsSynchronized() throws ReflectiveOperationException {
		assertTrue(Modifier.isSynchronized(MemoryFile.class
			.getMethod("allowPurging", boolean.class)
			.getModifiers()));
	}

	@Test
	void nothingWorksAfterClose() throws IOException {
		InputStream in = file.getInputStream();
		OutputStream out = file.getOutputStream();

		file.close();
		assertThrows(IOException.class,
			     () -> file.readBytes(new byte[1], 0, 0, 1));
		assertThrows(IOException.class,
			     () -> file.writeBytes(new byte[1], 0, 0, 1));
		assertThrows(IOException.class, () -> file.allowPurging(true));
		assertThrows(IOException.class, () -> file.allowPurging(false));
		assertThrows(IllegalStateException.class, file::length);
		assertThrows(IOException.class, in::read);
		assertThrows(IOException.class, in::available);
		assertThrows(IOException.class, () -> in.skip(1));
		assertThrows(IOException.class, () -> out.write(1));
		file.close();
	}

	@Test
	void streamReadsAllAndThenEnds() throws IOException {
		byte[] content = numbers(LENGTH);

		file.writeBytes(content, 0, 0, LENGTH);
		try (InputStream in = file.getInputStream()) {
			assertEquals(LENGTH, in.available());
			assertArrayEquals(content, in.readAllBytes());
			assertEquals(0, in.available());
			assertEquals(-1, in.read());
			assertEquals(-1, in.read(new byte[3]));
		}
		assertEquals(LENGTH, file.length());
	}

	@Test
	void streamReadsBytesThatAreNotNegative() throws IOException {
		file.writeBytes(new byte[] { -1, -128, 127 }, 0, 0, 3);
		InputStream in = file.getInputStream();
		assertEquals(255, in.read());
		assertEquals(128, in.read());
		assertEquals(127, in.read());
	}

	@Test
	void streamMarksAndResets() throws IOException {
		file.writeBytes(numbers(LENGTH), 0, 0, LENGTH);
		InputStream in = file.getInputStream();

		assertTrue(in.markSupported());
		int first = in.read();
		in.mark(1);
		int second = in.read();
		in.readAllBytes();
		in.reset();
		assertEquals(second, in.read());
		InputStream other = file.getInputStream();
		other.read();
		other.reset();
		assertEquals(first, other.read());
	}

	@Test
	void streamSkipsNoFurtherThanTheEnd() throws IOException {
		InputStream in = file.getInputStream();

		assertEquals(0, in.skip(-5));
		assertEquals(400, in.skip(400));
		assertEquals(LENGTH - 400, in.available());
		assertEquals(LENGTH - 400, in.skip(Long.MAX_VALUE));
		assertEquals(0, in.skip(1));
		assertEquals(-1, in.read());
	}

	@Test
	void streamReadsNothingIntoNothing() throws IOException {
		InputStream in = file.getInputStream();

		assertEquals(0, in.read(new byte[5], 5, 0));
		in.skip(LENGTH);
		assertEquals(0, in.read(new byte[0]));
	}

	@Test
	void streamKnowsTheBoundsOfTheArray() {
		InputStream in = file.getInputStream();
		int[][] wrong = { { -1, 5 }, { 5, -1 }, { 11, 1 }, { 10, 1 },
				  { 5, Integer.MAX_VALUE } };

		for (int[] call : wrong)
			assertThrows(IndexOutOfBoundsException.class,
				() -> in.read(new byte[10], call[0], call[1]));
	}

	@Test
	void streamWritesInOrder() throws IOException {
		byte[] content = new byte[6];
		OutputStream out = file.getOutputStream();

		out.write(0x1ff);
		out.write(new byte[] { 1, 2, 3 });
		out.write(new byte[] { 9, 4, 5, 9 }, 1, 2);
		file.readBytes(content, 0, 0, 6);
		assertArrayEquals(new byte[] { -1, 1, 2, 3, 4, 5 }, content);
	}

	@Test
	void streamDoesNotWriteBeyondTheEnd() throws IOException {
		OutputStream out = file.getOutputStream();

		out.write(new byte[LENGTH - 1]);
		assertThrows(IndexOutOfBoundsException.class,
			     () -> out.write(new byte[2]));
		out.write(5);
		assertThrows(IndexOutOfBoundsException.class,
			     () -> out.write(5));
		assertEquals(5, file.getInputStream().readAllBytes()[LENGTH - 1]);
	}
}
