// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Counts descriptors of regions and sockets, so that none is leaked. */
final class Descriptors {
	private static final Duration LIMIT = Duration.ofSeconds(60);

	private Descriptors() {
	}

	static long count() throws IOException {
		try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
			return all.filter(Descriptors::isOurs).count();
		}
	}

	private static boolean isOurs(Path descriptor) {
		try {
			String target = Files.readSymbolicLink(descriptor)
				.toString();

			return target.startsWith("/memfd:")
				|| target.startsWith("/dev/ashmem")
				|| target.startsWith("socket:");
		} catch (IOException e) {
			return false; // of this listing itself
		}
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
