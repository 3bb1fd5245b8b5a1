/* SPDX-License-Identifier: MIT */
/*
 * libashmem: anonymous shared memory whose pages can be given back.
 *
 * A *region* is shared memory without a file name. Its descriptor can be handed
 * to other processes, and all who map it see the same pages. Pages whose
 * content can be made anew are *unpinned*: from then on they may be *purged*
 * when memory gets tight, least recently unpinned first. *Pinning* them again
 * tells whether that happened.
 *
 * Two engines serve regions. The device is the kernel module behind
 * /dev/ashmem. The portable engine needs no module and no privilege: a memfd,
 * and ashmemd(8), which is started when a process first unpins something. Which
 * one makes a new region is chosen once for a process, by ASHMEM_ENGINE in its
 * environment: "device", "portable", or "auto", the device where it can be
 * opened. A region that is imported is served by the engine that made it.
 *
 * Functions that return int answer -1 and set errno when they fail. The library
 * prints nothing, installs no signal handler and starts no thread. All
 * functions may be called by any number of threads, on the same region as well,
 * except that closing it comes last. After fork() the child may go
 * on using its regions; holds stay with the parent.
 *
 * Offsets and lengths are in bytes. Those of pages (pin, unpin, hold and their
 * like) have to be multiples of the page size, and a length of 0 means up to
 * the end of the region.
 */
#ifndef ASHMEM_H
#define ASHMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A region as one process knows it; made by create, import or receive. */
struct ashmem_region;

/* What a pin or a hold answers. */
#define ASHMEM_NOT_PURGED	0
#define ASHMEM_WAS_PURGED	1

/* What the pin status is. */
#define ASHMEM_IS_UNPINNED	0
#define ASHMEM_IS_PINNED	1

/* Bytes of a name with its terminating NUL, whatever the engine. */
#define ASHMEM_NAME_LEN		256

enum ashmem_engine {
	ASHMEM_ENGINE_DEVICE	= 1,
	ASHMEM_ENGINE_PORTABLE	= 2,
};

/**
 * ashmem_region_create - makes a new region
 * @region: is given the region; ashmem_region_close() gives it back
 * @name:   what /proc/PID/maps shows; NULL for the default "dev/ashmem". Cut
 *          after 255 bytes (249 on the portable engine)
 * @size:   in bytes, any number; 0 to set it later
 *
 * Returns 0, or -1 with errno: ENOMEM; EINVAL if the size is larger than a file
 * can be, or if ASHMEM_ENGINE is none of its words; ENODEV if that asks for a
 * device that is not there. On the device also EMFILE, ENFILE, and what else
 * opening it can fail with; the portable engine opens nothing before the first
 * map, or ashmem_region_descriptor().
 */
int ashmem_region_create(struct ashmem_region **region, const char *name,
			 uint64_t size);

/**
 * ashmem_region_import - takes up a region from its descriptor
 * @region: is given the region; ashmem_region_close() gives it back
 * @fd:     of a region, of either engine. It stays the caller's: the library
 *          makes one of its own
 *
 * Returns 0, or -1 with errno: EBADF, ENOMEM, EMFILE; EINVAL if @fd is of no
 * region.
 */
int ashmem_region_import(struct ashmem_region **region, int fd);

/**
 * ashmem_region_close - gives a region back
 *
 * Its mappings stay until they are unmapped; holds taken through it are given
 * back. NULL is allowed. errno is kept.
 */
void ashmem_region_close(struct ashmem_region *region);

/**
 * ashmem_region_descriptor - the region's descriptor, to be sent to others
 *
 * It belongs to the region, and is closed with it. From here on name and size
 * of a region of the portable engine are frozen. Returns -1 with errno: EINVAL
 * while there is no size yet; on the portable engine, where this or the first
 * map makes the file, ENOMEM, EMFILE, ENFILE, and EFBIG past RLIMIT_FSIZE.
 */
int ashmem_region_descriptor(struct ashmem_region *region);

/* What whoever is handed a region may do with it. */
enum ashmem_access {
	/* All that is not taken from its protections. */
	ASHMEM_ACCESS_WHOLE	= 1,
	/* Read, hold and ask. */
	ASHMEM_ACCESS_READ_ONLY	= 2,
};

/**
 * ashmem_region_duplicate - a descriptor of the region, to be handed on
 *
 * By any road: a socket, binder, fork(2) and execve(2). It is the caller's to
 * close, and closed on exec. With ASHMEM_ACCESS_WHOLE it is a duplicate of
 * ashmem_region_descriptor().
 *
 * On the portable engine one with ASHMEM_ACCESS_READ_ONLY is opened for reading.
 * From then on no process of another user can open the region's file anew for
 * writing, so who has this descriptor can neither write nor unpin. (A process of
 * the same user can open it.) Neither can the ashmemd of a third user: of other
 * users, who has the whole region can map and write it, but pin it only where
 * one ashmemd serves them all.
 *
 * Returns the descriptor, or -1 with errno as ashmem_region_descriptor(), and
 * EINVAL for another access; EMFILE.
 *
 * With ASHMEM_ACCESS_WHOLE also EPERM, if this process itself can only read.
 *
 * With ASHMEM_ACCESS_READ_ONLY, on the device, where all share one open file,
 * ENOTSUP unless ashmem_region_set_protection() has taken PROT_WRITE away. On
 * the portable engine EPERM if the region was made by another user who has not
 * handed it out so, EAGAIN if somebody keeps changing its mode, ENOENT without
 * /proc, EACCES if PROT_READ was taken away by another user.
 */
int ashmem_region_duplicate(struct ashmem_region *region,
			    enum ashmem_access access);

/**
 * ashmem_region_send - sends the region over a socket
 * @socket: of AF_UNIX: SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM, connected
 *
 * One message, for ashmem_region_receive(): descriptor, name and size. The
 * region may be closed once it is sent. On a stream it may be sent in between
 * other data.
 *
 * Returns 0, or -1 with errno, and then nothing was sent: as
 * ashmem_region_duplicate() and sendmsg(2), of which EAGAIN if @socket is
 * non-blocking and full, EPIPE if the other end is closed (SIGPIPE is not
 * raised), ETOOMANYREFS for too many descriptors on their way; EAFNOSUPPORT if
 * @socket is not of AF_UNIX. Where a stream takes the message in parts, an error
 * after the first, ETIMEDOUT for SO_SNDTIMEO, leaves a part behind.
 */
int ashmem_region_send(struct ashmem_region *region, int socket,
		       enum ashmem_access access);

/**
 * ashmem_region_receive - receives a region that was sent
 * @region: is given the region; ashmem_region_close() gives it back
 * @socket: as for ashmem_region_send()
 *
 * The sender is not trusted: what it says is compared with its descriptor. What
 * comes after the message, on a stream, stays there. Credentials that @socket
 * was told to receive are left out of account. Without /proc the name cannot be
 * compared on the portable engine, and is not.
 *
 * On a stream, who sends but a part of a message can make the caller wait for
 * the rest until SO_RCVTIMEO, which here is the limit of the whole message, or
 * for ever without. If @socket is non-blocking the part stays there, and
 * poll(2) goes on telling that there is something to read: wait for more with
 * EPOLLET, and close @socket after a time of your own. A thread may be
 * cancelled while it waits, with nothing left behind.
 *
 * Returns 0, or -1 with errno, and then no descriptor is left behind:
 *
 *   EAGAIN	@socket is non-blocking, and there is no message, or not yet all
 *		of it; or SO_RCVTIMEO passed before one came; nothing was taken
 *   ECONNRESET	the other end was closed before, or within, a message
 *   ETIMEDOUT	SO_RCVTIMEO passed within a message
 *   EBADMSG	what came is no such message, or not a whole one
 *   EPROTONOSUPPORT it is one of a later version
 *   ENODATA	no descriptor came with it
 *   E2BIG	several did
 *   EMFILE	this process has no room for the one that did
 *   EINVAL	that is of no region
 *   EPROTO	it is of one, but size, name or access are not as the message
 *		says. On the device they can be changed until it is mapped
 *   EAFNOSUPPORT @socket is not of AF_UNIX
 *
 * And others of recvmsg(2) and ashmem_region_import().
 * After EBADMSG, EPROTONOSUPPORT, ENODATA, E2BIG, EMFILE, EINVAL and EPROTO a
 * packet was taken; on a stream so many bytes as a message has, or fewer, and
 * where the next begins is not known any more: close it.
 */
int ashmem_region_receive(struct ashmem_region **region, int socket);

/* Which engine serves the region. */
enum ashmem_engine ashmem_region_engine(const struct ashmem_region *region);

/**
 * ashmem_region_map - maps pages of the region
 * @length: in bytes; 0 for all from @offset on
 * @prot:   as for mmap(2)
 * @flags:  MAP_SHARED or MAP_PRIVATE, and whatever else mmap(2) knows but
 *          MAP_FIXED
 * @offset: a multiple of the page size
 *
 * Returns the address, or MAP_FAILED with errno: EINVAL past the end of the
 * last page, or without a size; EPERM for a protection that was taken away; or
 * another of mmap(2) or of ashmem_region_descriptor(). The first map freezes
 * name and size.
 */
void *ashmem_region_map(struct ashmem_region *region, size_t length, int prot,
			int flags, uint64_t offset);

/* Unmaps what ashmem_region_map() gave; as munmap(2). */
int ashmem_region_unmap(struct ashmem_region *region, void *address,
			size_t length);

/**
 * ashmem_region_pin - pins pages
 *
 * Returns ASHMEM_WAS_PURGED if one of them was purged since it was unpinned: it
 * reads as zeros until written, and all of this run has to be made anew. Returns
 * ASHMEM_NOT_PURGED if none was. Waits for a purge that is under way.
 *
 * Returns -1 with errno, and then the pages may not be relied upon: EINVAL for
 * a run that is not of whole pages, or past the end; EINVAL before any process
 * has mapped the region, or, on the portable engine, asked for its descriptor;
 * ENOMEM. On the portable engine also, of attaching to it:
 *
 *   EBUSY	an ashmemd serves the region that this process cannot reach, or,
 *		of a first hold, not any more
 *   EAGAIN	ashmemd has just been started anew, and does not know the
 *		region yet
 *   EACCES	its protections keep out this user, or ashmemd
 *   EFBIG	it has more pages than ashmemd serves to a process
 *   EMFILE	too many descriptors, or regions, of this process
 *   ENFILE	too many regions of all processes
 *   EINVAL	its descriptor was opened for writing only
 *   ENOENT	/proc is not there
 *   EPROTO	ashmemd is of another version
 *
 * To pin through a read-only descriptor of the portable engine means to hold.
 */
int ashmem_region_pin(struct ashmem_region *region, uint64_t offset,
		      uint64_t length);

/**
 * ashmem_region_unpin - lets pages be purged
 *
 * To unpin what is unpinned changes nothing. Returns 0, or -1 with errno as
 * ashmem_region_pin(), and EPERM on the device where only the process that made
 * the region may do so, write having been taken away. Where no ashmemd can be
 * reached or started nothing is purged, and all else works; but the pin state is
 * this process's own, and stays so until it closes the region.
 */
int ashmem_region_unpin(struct ashmem_region *region, uint64_t offset,
			uint64_t length);

/* ASHMEM_IS_UNPINNED if any of the pages is, else ASHMEM_IS_PINNED; or -1 with
 * errno as ashmem_region_pin(). */
int ashmem_region_pin_status(struct ashmem_region *region, uint64_t offset,
			     uint64_t length);

/**
 * ashmem_region_hold - keeps pages from being purged, whatever their pin state
 *
 * A hold belongs to this process, and to the handle through which it was taken;
 * it is counted, and ends with either, however that ends. It can be taken
 * through a read-only descriptor. On the portable engine only.
 *
 * Returns ASHMEM_WAS_PURGED if one of the pages was purged and has not been
 * renewed: it is held all the same. Returns ASHMEM_NOT_PURGED if none was.
 *
 * Returns -1 with errno, and nothing was held: as ashmem_region_pin(); ENOTSUP
 * on the device; EOVERFLOW if a page is held 65535 times through this handle;
 * ENOMEM also if this process has no room left for counts.
 */
int ashmem_region_hold(struct ashmem_region *region, uint64_t offset,
		       uint64_t length);

/**
 * ashmem_region_release - gives back one hold of each page
 *
 * Returns 0, or -1 with errno as ashmem_region_pin(): EINVAL also if not all of
 * them are held through this handle, and then nothing is given back; ENOTSUP on
 * the device.
 */
int ashmem_region_release(struct ashmem_region *region, uint64_t offset,
			  uint64_t length);

/**
 * ashmem_region_renew - says that purged pages have been written anew
 *
 * For who holds them: from here on pin and hold no longer answer
 * ASHMEM_WAS_PURGED for these pages, to anybody.
 *
 * Returns 0, or -1 with errno as ashmem_region_pin(): EINVAL also if not all of
 * them are held through this handle; EPERM through a read-only descriptor;
 * ENOTSUP on the device.
 */
int ashmem_region_renew(struct ashmem_region *region, uint64_t offset,
			uint64_t length);

/**
 * ashmem_region_set_name - names the region
 * @name: not NULL; empty for the default
 *
 * Returns 0, or -1 with errno EINVAL once it is mapped, or, on the portable
 * engine, has a descriptor.
 */
int ashmem_region_set_name(struct ashmem_region *region, const char *name);

/* Copies the name, cut to @size - 1 bytes and terminated. Returns 0, or -1 with
 * errno EINVAL if @size is 0. */
int ashmem_region_get_name(struct ashmem_region *region, char *name,
			   size_t size);

/* Sets the size in bytes; returns 0, or -1 with errno EINVAL once it is mapped,
 * or, on the portable engine, has a descriptor, or if no file can be as large. */
int ashmem_region_set_size(struct ashmem_region *region, uint64_t size);

/* Gives the size in bytes, as it was set; 0 if it was not. Returns 0, or -1 with
 * errno. */
int ashmem_region_get_size(struct ashmem_region *region, uint64_t *size);

/**
 * ashmem_region_set_protection - takes protections away
 * @prot: what stays, of PROT_READ, PROT_WRITE and PROT_EXEC
 *
 * For everybody who has the region, and for mappings that are made from here
 * on. Returns 0, or -1 with errno: EINVAL if @prot has a bit that was taken away
 * before, or another; on the portable engine EPERM if the region was made by
 * another user, or to take PROT_WRITE away through a read-only descriptor;
 * EAGAIN if somebody keeps changing its mode, EMFILE.
 *
 * On the portable engine a region that has lost PROT_WRITE is no longer purged,
 * and PROT_EXEC is refused by ashmem_region_map() only. Where the machine
 * forbids memfds that can be executed, PROT_EXEC is gone from the first map on.
 */
int ashmem_region_set_protection(struct ashmem_region *region, int prot);

/* The protections that are left, or -1 with errno. */
int ashmem_region_get_protection(struct ashmem_region *region);

/**
 * struct ashmem_information - a region in numbers
 * @size:       in bytes
 * @pages:      all of them
 * @resident:   pages that have memory
 * @unpinned:   pages that may be purged, or were
 * @purged:     pages that were, since they were unpinned
 */
struct ashmem_information {
	uint64_t size;
	uint64_t pages;
	uint64_t resident;
	uint64_t unpinned;
	uint64_t purged;
};

/**
 * ashmem_region_information - counts the pages of a region
 * @bytes: sizeof(struct ashmem_information), so that it can grow
 *
 * Before any process has mapped it, only size and pages are not 0. Returns 0,
 * or -1 with errno EINVAL if @bytes is less than the structure ever was, or as
 * ashmem_region_pin_status(); on the device ENOENT where there is no /proc.
 */
int ashmem_region_information(struct ashmem_region *region,
			      struct ashmem_information *information,
			      size_t bytes);

/* Gives the inode number of the region's memory. Returns 0, or -1 with errno
 * EINVAL before there is any; EOVERFLOW on the device, if it does not fit into
 * the 32 bits of the caller. */
int ashmem_region_file_id(struct ashmem_region *region, uint64_t *id);

/**
 * ashmem_purge_all - purges everything that is unpinned
 *
 * Of the engine of @region: on the device of all users, which needs
 * CAP_SYS_ADMIN; on the portable engine of the same user. Returns the number of
 * pages purged, or -1 with errno: EPERM on the device; on the portable engine
 * whatever keeps ashmemd from being reached and started, such as ENOENT.
 */
int64_t ashmem_purge_all(struct ashmem_region *region);

/*
 * A region that is read and written like a file, as Android's MemoryFile is.
 *
 * If its content may be purged, each read and write pins all of it before, and
 * unpins it afterwards. Pin state is the region's, the same for all who have it,
 * so processes that share one have to agree: each that uses it while another may
 * allow purging allows it too, or is not told; two do not use it at once; and of
 * a purge that one is told the others are not.
 */
struct ashmem_memory_file;

/**
 * ashmem_memory_file_open - makes a new one, of zeros
 * @file:   is given the file; ashmem_memory_file_close() gives it back
 * @name:   as for ashmem_region_create()
 * @length: in bytes; not 0
 *
 * Returns 0, or -1 with errno as ashmem_region_create() and ashmem_region_map():
 * EINVAL also for a length of 0.
 */
int ashmem_memory_file_open(struct ashmem_memory_file **file, const char *name,
			    uint64_t length);

/**
 * ashmem_memory_file_import - takes up a region as one
 * @file: is given the file; ashmem_memory_file_close() gives it back
 * @fd:   of a region that has a size. It stays the caller's: the library makes
 *        one of its own
 *
 * It can be written if the region can. Here it does not allow purging as yet,
 * whatever others do. Returns 0, or -1 with errno as ashmem_region_import() and
 * ashmem_region_map().
 */
int ashmem_memory_file_import(struct ashmem_memory_file **file, int fd);

/* Gives it back; the region stays as long as others have it. NULL is allowed.
 * errno is kept. */
void ashmem_memory_file_close(struct ashmem_memory_file *file);

/**
 * ashmem_memory_file_read - copies bytes out of the file
 * @buffer: for them; may be NULL if there are none
 * @count:  in bytes; may be 0
 * @offset: in bytes
 *
 * Returns 0 when all are copied, or -1 with errno, and then nothing is: ERANGE
 * if they are not all within the file; ENODATA if purging was allowed and
 * something of the file, here or elsewhere, was purged; or, with purging
 * allowed, another of ashmem_region_pin().
 *
 * A purge is told once, by ENODATA from one read or write. From then on what was
 * purged reads as zeros, and the rest as before: all of it has to be made anew.
 * If purging is no longer allowed, the next read or write tells of what was
 * purged until then. Through a read-only descriptor of the portable engine each
 * read fails until somebody who can write has pinned the pages, or renewed them.
 */
int ashmem_memory_file_read(struct ashmem_memory_file *file, void *buffer,
			    size_t count, uint64_t offset);

/* Copies bytes into the file. As ashmem_memory_file_read(), and EACCES if the
 * region can only be read. */
int ashmem_memory_file_write(struct ashmem_memory_file *file,
			     const void *buffer, size_t count,
			     uint64_t offset);

/**
 * ashmem_memory_file_allow_purging - says whether the content may be purged
 *
 * At first it may not. Between reads and writes all pages are unpinned if it
 * may, and pinned if not. Where the pages cannot be unpinned after a read or
 * write, they stay pinned until the next.
 *
 * Returns 1 if it was allowed before, 0 if not, or -1 with errno as
 * ashmem_region_pin() or ashmem_region_unpin(), and then nothing has changed.
 */
int ashmem_memory_file_allow_purging(struct ashmem_memory_file *file,
				     bool allow);

/* As it was said last. */
bool ashmem_memory_file_is_purging_allowed(struct ashmem_memory_file *file);

/* In bytes. */
uint64_t ashmem_memory_file_length(const struct ashmem_memory_file *file);

/* The region, to be handed on for instance. It stays the file's. */
struct ashmem_region *
ashmem_memory_file_region(struct ashmem_memory_file *file);

/* The region's descriptor. It stays the file's, and is closed with it. */
int ashmem_memory_file_descriptor(struct ashmem_memory_file *file);

#ifdef __cplusplus
}
#endif

#endif /* ASHMEM_H */
