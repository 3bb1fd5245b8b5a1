// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctl calls of the device: decoding and dispatch.
 *
 * Copies from and to the caller are made here, with no lock held, since they
 * may fault on a mapping of the very area that they speak of.
 */
#include "ioctl.h"

#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/uaccess.h>

#include "area.h"
#include "pin.h"
#include "reclaim.h"

static long ashmem_ioctl_set_name(struct ashmem_area *area,
				  const char __user *from)
{
	char name[ASHMEM_NAME_LEN];
	long length;

	/* No more is read than the string, which may end where memory ends. */
	length = strncpy_from_user(name, from, sizeof(name) - 1);
	if (length < 0)
		return length;
	name[length] = '\0';
	return ashmem_area_set_name(area, name);
}

static long ashmem_ioctl_get_name(struct ashmem_area *area, char __user *to)
{
	char name[ASHMEM_NAME_LEN];

	ashmem_area_get_name(area, name);
	return copy_to_user(to, name, strlen(name) + 1) ? -EFAULT : 0;
}

static long ashmem_ioctl_get_file_id(struct ashmem_area *area,
				     unsigned long __user *to)
{
	if (!ashmem_area_backing(area))
		return -EINVAL;
	return put_user(ashmem_area_ino(area), to);
}

static long ashmem_ioctl_purge_all(void)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* The caller sees an int. */
	return min_t(unsigned long, ashmem_purge_all(), INT_MAX);
}

typedef int ashmem_pin_call(struct ashmem_area *area, u64 offset, u64 len);

static long ashmem_ioctl_pin(struct ashmem_area *area, ashmem_pin_call *call,
			     const struct ashmem_pin __user *from)
{
	struct ashmem_pin pin;

	if (copy_from_user(&pin, from, sizeof(pin)))
		return -EFAULT;
	return call(area, pin.offset, pin.len);
}

static long ashmem_ioctl_pin64(struct ashmem_area *area, ashmem_pin_call *call,
			       const struct ashmem_pin64 __user *from)
{
	struct ashmem_pin64 pin;

	if (copy_from_user(&pin, from, sizeof(pin)))
		return -EFAULT;
	return call(area, pin.offset, pin.len);
}

/**
 * ashmem_ioctl - ioctl of an area
 * @file:    the area
 * @command: one of include/linux/ashmem.h
 * @arg:     a value or a pointer, as the command has it
 *
 * Return: what the command returns; -ENOTTY for an unknown one; -EFAULT for a
 * bad pointer.
 */
long ashmem_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct ashmem_area *area = file->private_data;
	void __user *pointer = (void __user *)arg;

	switch (command) {
	case ASHMEM_SET_NAME:
		return ashmem_ioctl_set_name(area, pointer);
	case ASHMEM_GET_NAME:
		return ashmem_ioctl_get_name(area, pointer);
	case ASHMEM_SET_SIZE:
		return ashmem_area_set_size(area, arg);
	case ASHMEM_GET_SIZE:
		return ashmem_area_get_size(area);
	case ASHMEM_SET_PROT_MASK:
		return ashmem_area_set_prot_mask(area, arg);
	case ASHMEM_GET_PROT_MASK:
		return ashmem_area_get_prot_mask(area);
	case ASHMEM_PIN:
		return ashmem_ioctl_pin(area, ashmem_pin, pointer);
	case ASHMEM_UNPIN:
		return ashmem_ioctl_pin(area, ashmem_unpin, pointer);
	case ASHMEM_GET_PIN_STATUS:
		return ashmem_ioctl_pin(area, ashmem_pin_status, pointer);
	case ASHMEM_PURGE_ALL_CACHES:
		return ashmem_ioctl_purge_all();
	case ASHMEM_GET_FILE_ID:
		return ashmem_ioctl_get_file_id(area, pointer);
	case ASHMEM_PIN64:
		return ashmem_ioctl_pin64(area, ashmem_pin, pointer);
	case ASHMEM_UNPIN64:
		return ashmem_ioctl_pin64(area, ashmem_unpin, pointer);
	case ASHMEM_GET_PIN_STATUS64:
		return ashmem_ioctl_pin64(area, ashmem_pin_status, pointer);
	default:
		return -ENOTTY;
	}
}

#ifdef CONFIG_COMPAT
/* Commands whose number differs, since it has the size of the type in it. */
#define COMPAT_ASHMEM_SET_SIZE		_IOW(__ASHMEMIOC, 3, compat_size_t)
#define COMPAT_ASHMEM_SET_PROT_MASK	_IOW(__ASHMEMIOC, 5, compat_uint_t)
#define COMPAT_ASHMEM_GET_FILE_ID	_IOR(__ASHMEMIOC, 11, compat_ulong_t)

static long ashmem_compat_get_file_id(struct ashmem_area *area,
				      compat_ulong_t __user *to)
{
	unsigned long ino = ashmem_area_ino(area);

	if (!ashmem_area_backing(area))
		return -EINVAL;
	if (ino > U32_MAX)
		return -EOVERFLOW;
	return put_user((compat_ulong_t)ino, to);
}

/**
 * ashmem_compat_ioctl - ioctl of an area by a 32-bit process
 * @file:    the area
 * @command: one of include/linux/ashmem.h as a 32-bit process sees it
 * @arg:     a value or a pointer, as the command has it
 *
 * Return: as ashmem_ioctl().
 */
long ashmem_compat_ioctl(struct file *file, unsigned int command,
			 unsigned long arg)
{
	switch (command) {
	case COMPAT_ASHMEM_SET_SIZE:
		return ashmem_ioctl(file, ASHMEM_SET_SIZE, arg);
	case COMPAT_ASHMEM_SET_PROT_MASK:
		return ashmem_ioctl(file, ASHMEM_SET_PROT_MASK, arg);
	case COMPAT_ASHMEM_GET_FILE_ID:
		return ashmem_compat_get_file_id(file->private_data,
						 compat_ptr(arg));
	case ASHMEM_SET_SIZE:
	case ASHMEM_SET_PROT_MASK:
	case ASHMEM_GET_FILE_ID:
		/* With the width of a 64-bit process. */
		return -ENOTTY;
	case ASHMEM_GET_SIZE:
	case ASHMEM_GET_PROT_MASK:
	case ASHMEM_PURGE_ALL_CACHES:
		return ashmem_ioctl(file, command, arg);
	default:
		return ashmem_ioctl(file, command,
				    (unsigned long)compat_ptr(arg));
	}
}
#endif
