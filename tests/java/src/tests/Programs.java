// SPDX-License-Identifier: MIT
package tests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The other processes of these tests. */
final class Programs {
	/** tests/java/peer.c. */
	static final String PEER = System.getProperty("tests.peer");

	private Programs() {
	}

	/** A program that has ended. */
	static final class Ended {
		final int status;
		final String output;

		Ended(int status, String output) {
			this.status = status;
			this.output = output;
		}
	}

	static Process start(List<String> command) throws IOException {
		return new ProcessBuilder(command).redirectErrorStream(true)
			.start();
	}

	/** Takes what it says on both outputs. */
	static Ended await(Process process)
			throws IOException, InterruptedException {
		String output = new String(
			process.getInputStream().readAllBytes());

		return new Ended(process.waitFor(), output);
	}

	static Ended run(List<String> command)
			throws IOException, InterruptedException {
		return await(start(command));
	}

	static List<String> peer(Object... arguments) {
		List<String> command = new ArrayList<>(List.of(PEER));

		Arrays.stream(arguments).map(Object::toString)
			.forEach(command::add);
		return command;
	}

	/** Another JVM, with Probe, and options before it. */
	static List<String> probe(List<String> options, Object... arguments) {
		List<String> command = new ArrayList<>(List.of(
			Path.of(System.getProperty("java.home"), "bin/java")
				.toString(),
			"-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp",
			System.getProperty("java.class.path")));

		command.addAll(options);
		command.add("tests.Probe");
		Arrays.stream(arguments).map(Object::toString)
			.forEach(command::add);
		return command;
	}

	/** Purges what this user has unpinned, as if memory were tight. */
	static void purge() throws IOException, InterruptedException {
		Ended ended = run(peer("purge"));

		if (ended.status != 0)
			throw new IOException(ended.output);
	}
}
