// SPDX-License-Identifier: MIT
package ashmem.internal;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a class that users see as a region lets the rest of this jar do with it:
 * make one of a region, and find the region of one. To users neither is public.
 */
public final class Face<T> {
	private static final Map<Class<?>, Face<?>> FACES =
		new ConcurrentHashMap<>();

	private final Maker<T> maker;
	private final Finder<T> finder;

	private Face(Maker<T> maker, Finder<T> finder) {
		this.maker = maker;
		this.finder = finder;
	}

	/** To be called by the class itself, when it is initialized. */
	public static <T> void put(Class<T> type, Maker<T> maker,
				   Finder<T> finder) {
		FACES.put(type, new Face<>(maker, finder));
	}

	@SuppressWarnings("unchecked") // put() keeps the two types together
	public static <T> Face<T> of(Class<T> type) {
		try {
			MethodHandles.lookup().ensureInitialized(type);
		} catch (IllegalAccessException e) {
			throw new AssertionError(e);
		}
		return (Face<T>) FACES.get(type);
	}

	/** Takes the region over, whether it fails or not. */
	public T make(Region region) throws IOException {
		return maker.make(region);
	}

	public Region regionOf(T object) throws IOException {
		return finder.regionOf(object);
	}

	/** As make(). */
	@FunctionalInterface
	public interface Maker<T> {
		T make(Region region) throws IOException;
	}

	/** As regionOf(). */
	@FunctionalInterface
	public interface Finder<T> {
		Region regionOf(T object) throws IOException;
	}
}
