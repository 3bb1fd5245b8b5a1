/* SPDX-License-Identifier: MIT */
/* Each argument is evaluated once, and both must be of one type. */
#ifndef SHIM_LINUX_MINMAX_H
#define SHIM_LINUX_MINMAX_H

#define SHIM_PICK(x, y, comparison) ({					\
	__typeof__(x) first_ = (x);					\
	__typeof__(y) second_ = (y);					\
	_Static_assert(							\
		__builtin_types_compatible_p(__typeof__(first_),	\
					     __typeof__(second_)),	\
		"different types");					\
	first_ comparison second_ ? first_ : second_;			\
})

#define min(x, y) SHIM_PICK(x, y, <)
#define max(x, y) SHIM_PICK(x, y, >)

#endif /* SHIM_LINUX_MINMAX_H */
