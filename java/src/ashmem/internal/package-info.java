// SPDX-License-Identifier: MIT
/**
 * What is native and has to be given back: regions, mappings and descriptors.
 * On it stand the classes that users see.
 */
package ashmem.internal;
