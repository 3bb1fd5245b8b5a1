// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Counts descriptors of regions and sockets, so that none is leaked. */
final class Descriptors {
	private static final Duration LIMIT = Duration.ofSeconds(60);

	static {
		try {
			// Then the JVM opens a socket for itself, and keeps it.
			Files.readString(Path.of("/proc/self/maps"));
		} catch (IOException e) {
			throw new ExceptionInInitializerError(e);
		}
	}

	private Descriptors() {
	}

	static long count() throws IOException {
		return open().size();
	}

	/** What they lead to. */
	static List<String> open() throws IOException {
		try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
			return all.map(Descriptors::targetOf)
				.filter(Descriptors::isOurs).sorted()
				.collect(Collectors.toList());
		}
	}

	private static String targetOf(Path descriptor) {
		try {
			return Files.readSymbolicLink(descriptor).toString();
		} catch (IOException e) {
			return ""; // of this listing itself
		}
	}

	private static boolean isOurs(String target) {
		return target.startsWith("/memfd:")
			|| target.startsWith("/dev/ashmem")
			|| target.startsWith("socket:");
	}

	/** Has unreachable objects cleaned, until there are no more than so. */
	static void awaitNoMoreThan(long wanted) throws IOException {
		long start = System.nanoTime();

		while (count() > wanted) {
			if (System.nanoTime() - start > LIMIT.toNanos())
				fail(count() + " descriptors, not " + wanted);
			System.gc();
			Thread.yield();
		}
	}
}
