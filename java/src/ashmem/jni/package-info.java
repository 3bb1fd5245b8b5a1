// SPDX-License-Identifier: MIT
/** How the native library gets into the process; the ground floor. */
package ashmem.jni;
