/* SPDX-License-Identifier: MIT */
/*
 * A doubly linked ring under the names of the kernel's <linux/list.h>.
 *
 * Every change checks that the neighbours agree, and an entry that was taken
 * off loses its links, so that taking it off again ends the test.
 */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/bug.h>
#include <linux/container_of.h>
#include <linux/types.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->prev = head;
	head->next = head;
}

static inline void shim_list_join(struct list_head *left,
				  struct list_head *right)
{
	left->next = right;
	right->prev = left;
}

static inline void shim_list_insert(struct list_head *entry,
				    struct list_head *left,
				    struct list_head *right)
{
	BUG_ON(left->next != right || right->prev != left);
	BUG_ON(entry == left || entry == right);
	shim_list_join(left, entry);
	shim_list_join(entry, right);
}

static inline void shim_list_unlink(struct list_head *entry)
{
	BUG_ON(!entry->next || !entry->prev);
	BUG_ON(entry->next->prev != entry || entry->prev->next != entry);
	shim_list_join(entry->prev, entry->next);
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	shim_list_insert(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry,
				 struct list_head *head)
{
	shim_list_insert(entry, head->prev, head);
}

static inline void list_del(struct list_head *entry)
{
	shim_list_unlink(entry);
	entry->next = NULL;
	entry->prev = NULL;
}

static inline void list_del_init(struct list_head *entry)
{
	shim_list_unlink(entry);
	INIT_LIST_HEAD(entry);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	list_del(entry);
	list_add(entry, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

#define list_entry(pointer, type, member) container_of(pointer, type, member)

#define list_first_entry(head, type, member)				\
	list_entry((head)->next, type, member)

#define list_next_entry(position, member)				\
	list_entry((position)->member.next, __typeof__(*(position)), member)

#define list_entry_is_head(position, head, member)			\
	(&(position)->member == (head))

#define list_for_each_entry(position, head, member)			\
	for (position = list_first_entry(head, __typeof__(*position),	\
					 member);			\
	     !list_entry_is_head(position, head, member);		\
	     position = list_next_entry(position, member))

#define list_for_each_entry_safe(position, following, head, member)	\
	for (position = list_first_entry(head, __typeof__(*position),	\
					 member),			\
	     following = list_next_entry(position, member);		\
	     !list_entry_is_head(position, head, member);		\
	     position = following,					\
	     following = list_next_entry(following, member))

#endif /* SHIM_LINUX_LIST_H */
