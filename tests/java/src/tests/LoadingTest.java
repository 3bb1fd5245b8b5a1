// SPDX-License-Identifier: MIT
package tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the native library gets into a JVM, and that nothing is left of it. */
final class LoadingTest {
	private static final String LIBRARY = "libashmem-jni.so";

	private Path folder;

	@BeforeEach
	void make() throws IOException {
		folder = Files.createTempDirectory("ashmem-test");
	}

	@AfterEach
	void remove() throws IOException {
		try (Stream<Path> left = Files.list(folder)) {
			assertEquals(0, left.count());
		}
		Files.delete(folder);
	}

	/** To unpack there, as the first of all. */
	private static String in(Object folder) {
		return "-Djava.io.tmpdir=" + folder;
	}

	/** In an environment in which no other directory is of use. */
	private static Programs.Ended loadOnlyThere(String... options)
			throws IOException, InterruptedException {
		List<String> all = Stream.concat(Stream.of(options),
				Stream.of("-Duser.home=/nonexistent/home"))
			.toList();
		ProcessBuilder builder = new ProcessBuilder(
			Programs.probe(all, "load")).redirectErrorStream(true);

		builder.environment().put("XDG_RUNTIME_DIR",
					  "/nonexistent/runtime");
		return Programs.await(builder.start());
	}

	@Test
	void isUnpackedAndDeletedAtOnce() throws Exception {
		Programs.Ended ended = loadOnlyThere(in(folder));

		assertEquals(0, ended.status, ended.output);
		assertTrue(ended.output.matches(folder + "/ashmem-\\d+/"
			+ LIBRARY + " \\(deleted\\)\n"), ended.output);
	}

	@Test
	void takesAnotherDirectoryIfItMust() throws Exception {
		ProcessBuilder builder = new ProcessBuilder(Programs.probe(
			List.of(in("/nonexistent/tmp")), "load"));

		builder.environment().put("XDG_RUNTIME_DIR", folder.toString());
		Programs.Ended ended = Programs.await(builder.start());
		assertTrue(ended.output.startsWith(folder.toString()),
			   ended.output);
	}

	@Test
	void saysSoIfThereIsNone() throws Exception {
		Programs.Ended ended = loadOnlyThere(in("/nonexistent/tmp"));

		assertNotEquals(0, ended.status);
		for (String said : List.of("UnsatisfiedLinkError",
				"-Djava.io.tmpdir=DIRECTORY",
				"/nonexistent/tmp: ", "/nonexistent/runtime: ",
				"/nonexistent/home: "))
			assertTrue(ended.output.contains(said), ended.output);
	}

	@Test
	void saysSoWhereNothingMayBeExecuted() throws Exception {
		Programs.Ended mounted = Programs.run(List.of("unshare",
			"--mount", "sh", "-c", "mount -t tmpfs -o noexec none "
			+ folder));

		assumeTrue(mounted.status == 0, "may not mount here");
		List<String> command = Programs.probe(List.of(in(folder),
			"-Duser.home=/nonexistent/home"), "load");
		Programs.Ended ended = Programs.run(List.of("unshare", "--mount",
			"sh", "-c", "export XDG_RUNTIME_DIR=/nonexistent/run;"
			+ "mount -t tmpfs -o noexec none " + folder + "; '"
			+ String.join("' '", command) + "'; status=$?; echo left:"
			+ " $(ls -A " + folder + "); exit $status"));
		assertNotEquals(0, ended.status);
		assertTrue(ended.output.contains(folder + ": "
			+ "java.lang.UnsatisfiedLinkError"), ended.output);
		assertTrue(ended.output.endsWith("left:\n"), ended.output);
	}

	@Test
	void isNotUnpackedWhereOthersCouldExchangeIt() throws Exception {
		Files.setAttribute(folder, "unix:mode", 0777);
		Programs.Ended ended = loadOnlyThere(in(folder));

		assertNotEquals(0, ended.status);
		assertTrue(ended.output.contains("others could exchange"),
			   ended.output);
	}

	@Test
	void libraryPathComesFirst() throws Exception {
		Path library = folder.resolve(LIBRARY);
		String machine = System.getProperty("os.arch");

		try (InputStream own = LoadingTest.class.getResourceAsStream(
				"/ashmem/jni/" + machine + "/" + LIBRARY)) {
			Files.copy(own, library);
		}
		Programs.Ended ended = loadOnlyThere(in("/nonexistent/tmp"),
			"-Djava.library.path=" + folder);
		assertEquals(library + "\n", ended.output);
		Files.delete(library);
	}

	/** As a module its inner packages are closed, and it works the same. */
	@Test
	void worksAsAModule() throws Exception {
		String jar = System.getProperty("tests.jar");
		Programs.Ended ended = Programs.run(Programs.probe(List.of(
			in(folder), "-p", jar, "--add-modules", "ashmem"),
			"load"));

		assertEquals(0, ended.status, ended.output);
	}
}
