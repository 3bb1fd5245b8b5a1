/* SPDX-License-Identifier: MIT */
/*
 * That pages of a region were purged, told by the region's own file.
 *
 * A pin map knows which ones; but it ends with the last process that is
 * attached, while the region may live on with others, who attach later. So
 * before the first page is purged the file gets a mark: the sticky bit of its
 * mode, which means nothing on a memfd. Whoever makes a new pin map for a file
 * with this mark takes every page that is without memory, or all zeros, for
 * purged. The mark goes when everybody has been told.
 *
 * Who changes the mode of the file locks LOCK_MODE (locks.h) meanwhile, so that
 * no change is lost.
 */
#ifndef ASHMEM_LIB_LOSS_H
#define ASHMEM_LIB_LOSS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "pinmap.h"

#define LOSS_MODE	S_ISVTX

/* Is there the mark? Without one nothing was purged that is not known. */
bool loss_is_noted(int fd);

/**
 * loss_note - sets the mark, or takes it away
 * @fd: of the file, with a description of its own, to write
 *
 * Returns 0, or -1 with errno set: EAGAIN while somebody else changes the mode
 * (who can only read cannot keep the mark from being set),
 * EPERM if the file belongs to another user.
 */
int loss_note(int fd, bool noted);

/**
 * loss_recall - takes pages without content for purged, if there is the mark
 * @fd:  any descriptor of the file
 * @map: a pin map that nobody is known to use; it may be full of nonsense
 *
 * Returns 0, or -1 with errno set.
 */
int loss_recall(int fd, const struct pinmap *map);

#endif /* ASHMEM_LIB_LOSS_H */
