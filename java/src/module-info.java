// SPDX-License-Identifier: MIT
/**
 * Anonymous shared memory whose pages can be given back: Android's classes over
 * libashmem, and sockets that hand regions over.
 */
module ashmem {
	exports android.os;
	exports android.system;
	exports ashmem;
}
