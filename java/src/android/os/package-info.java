// SPDX-License-Identifier: MIT
/**
 * Android's classes for shared memory, so that code written for Android
 * compiles unchanged. There is no {@code Parcel} outside Android: {@link
 * ashmem.RegionSocket} hands regions to other processes instead.
 */
package android.os;
