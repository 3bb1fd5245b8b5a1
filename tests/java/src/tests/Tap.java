// SPDX-License-Identifier: MIT
package tests;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the classes that are named, and reports in the Test Anything Protocol.
 */
final class Tap implements TestExecutionListener {
	private final PrintStream out;
	private int count;
	private boolean failed;

	private Tap(PrintStream out) {
		this.out = out;
	}

	public static void main(String[] classes) {
		Tap tap = new Tap(System.out);
		LauncherDiscoveryRequest request =
			LauncherDiscoveryRequestBuilder.request()
			.selectors(Arrays.stream(classes)
				.map(name -> selectClass("tests." + name))
				.collect(Collectors.toList()))
			.build();

		LauncherFactory.create().execute(request, tap);
		tap.out.println("1.." + tap.count);
		tap.out.flush();
		System.exit(tap.failed || tap.count == 0 ? 1 : 0);
	}

	@Override
	public void executionSkipped(TestIdentifier test, String reason) {
		report("ok", test, " # SKIP " + reason);
	}

	/** A class that cannot be set up counts as a test that has failed. */
	@Override
	public void executionFinished(TestIdentifier test,
				      TestExecutionResult result) {
		switch (result.getStatus()) {
		case SUCCESSFUL:
			if (test.isTest())
				report("ok", test, "");
			break;
		case ABORTED:
			report("ok", test, " # SKIP " + result.getThrowable()
				.map(Throwable::getMessage).orElse(""));
			break;
		default:
			failed = true;
			report("not ok", test, "");
			result.getThrowable().ifPresent(this::remark);
		}
	}

	private synchronized void report(String verdict, TestIdentifier test,
					 String remark) {
		count++;
		out.println(verdict + " " + count + " - " + nameOf(test)
			+ remark);
		out.flush();
	}

	/** "memory file: close twice" of MemoryFileTest.closeTwice(). */
	private static String nameOf(TestIdentifier test) {
		String name = test.getSource().map(source ->
			source instanceof MethodSource
			? ((MethodSource) source).getClassName() + ":"
			  + ((MethodSource) source).getMethodName()
			: ((ClassSource) source).getClassName())
			.orElse(test.getDisplayName());

		return name.replaceAll(".*\\.|Test", "").replace(":", ": ")
			.replaceAll("(?<=.)(?=[A-Z])(?<! )", " ")
			.toLowerCase();
	}

	private void remark(Throwable thrown) {
		StringWriter text = new StringWriter();

		thrown.printStackTrace(new PrintWriter(text, true));
		text.toString().lines().filter(line -> !line.contains("org.junit"))
			.limit(30).forEach(line -> out.println("# " + line));
	}
}
