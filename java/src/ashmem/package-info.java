// SPDX-License-Identifier: MIT
/** Handing regions to other processes, in Java or not. */
package ashmem;
