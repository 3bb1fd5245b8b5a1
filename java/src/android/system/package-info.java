// SPDX-License-Identifier: MIT
/** Android's errors of the system, and its constants. */
package android.system;
