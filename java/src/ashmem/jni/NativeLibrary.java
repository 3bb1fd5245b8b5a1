// SPDX-License-Identifier: MIT
package ashmem.jni;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The native half of this jar, which it brings along. A library in
 * java.library.path comes first, so that a distribution can install one.
 */
public final class NativeLibrary {
	private static final String NAME = "ashmem-jni";

	private static final int WRITABLE_TO_OTHERS = 0022;
	private static final int STICKY = 01000;

	static {
		try {
			System.loadLibrary(NAME);
		} catch (UnsatisfiedLinkError notThere) {
			loadOwn(notThere);
		}
	}

	private NativeLibrary() {
	}

	/** Loads it, unless it is loaded. */
	public static void load() {
	}

	private static void loadOwn(UnsatisfiedLinkError notThere) {
		StringBuilder refusals = new StringBuilder();

		for (Path folder : folders()) {
			try {
				loadThrough(folder);
				return;
			} catch (IOException | UnsatisfiedLinkError error) {
				refusals.append("\n  ").append(folder)
					.append(": ").append(error);
			}
		}
		UnsatisfiedLinkError error = new UnsatisfiedLinkError(
			"ashmem.jar cannot unpack its native library where"
			+ " programs may be executed; name such a directory,"
			+ " with -Djava.io.tmpdir=DIRECTORY. Tried:"
			+ refusals);
		error.addSuppressed(notThere);
		throw error;
	}

	private static Set<Path> folders() {
		Set<Path> folders = new LinkedHashSet<>();
		String runtime = System.getenv("XDG_RUNTIME_DIR");

		folders.add(Path.of(System.getProperty("java.io.tmpdir")));
		if (runtime != null && !runtime.isEmpty())
			folders.add(Path.of(runtime));
		folders.add(Path.of(System.getProperty("user.home")));
		return folders;
	}

	/**
	 * In a directory of its own, which only this user can enter. Once it is
	 * loaded nobody needs the file any more.
	 */
	private static void loadThrough(Path folder) throws IOException {
		checkNobodyElseRenames(folder);
		Path own = Files.createTempDirectory(folder.toAbsolutePath(),
			"ashmem-", PosixFilePermissions.asFileAttribute(
				PosixFilePermissions.fromString("rwx------")));
		Path file = own.resolve(System.mapLibraryName(NAME));

		try {
			unpack(file);
			System.load(file.toString());
		} finally {
			Files.deleteIfExists(file);
			Files.delete(own);
		}
	}

	private static void checkNobodyElseRenames(Path folder)
			throws IOException {
		int mode = (int) Files.getAttribute(folder, "unix:mode");

		if ((mode & WRITABLE_TO_OTHERS) != 0 && (mode & STICKY) == 0)
			throw new IOException(
				"others could exchange files there");
	}

	private static void unpack(Path file) throws IOException {
		String machine = System.getProperty("os.arch");
		String name = machine + "/" + System.mapLibraryName(NAME);

		try (InputStream library =
		     NativeLibrary.class.getResourceAsStream(name)) {
			if (library == null)
				throw new UnsatisfiedLinkError(
					"this ashmem.jar was not built for "
					+ machine
					+ "; `make java` builds one there");
			Files.copy(library, file);
		}
	}
}
