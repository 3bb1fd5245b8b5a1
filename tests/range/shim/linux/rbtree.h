/* SPDX-License-Identifier: MIT */
/*
 * A binary search tree under the names of the kernel's <linux/rbtree.h>.
 *
 * It is never balanced: the tests judge what is kept in the tree, not how high
 * it grows. It asks of its users what the kernel's asks, and checks more.
 */
#ifndef SHIM_LINUX_RBTREE_H
#define SHIM_LINUX_RBTREE_H

#include <linux/bug.h>
#include <linux/container_of.h>
#include <linux/types.h>

struct rb_node {
	struct rb_node *rb_up;
	struct rb_node *rb_left;
	struct rb_node *rb_right;
};

struct rb_root {
	struct rb_node *rb_node;
};

#define RB_ROOT (struct rb_root){ NULL }

/*
 * Where a node points that was taken out: whoever takes it out again or walks
 * on from it ends the test.
 */
#define SHIM_RB_ERASED ((struct rb_node *)8)

#define rb_entry(pointer, type, member) container_of(pointer, type, member)

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	BUG_ON(*link);
	BUG_ON(parent && link != &parent->rb_left &&
	       link != &parent->rb_right);
	node->rb_up = parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

static inline void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	BUG_ON(!node->rb_up && root->rb_node != node);
}

/* The place from which @node hangs. */
static inline struct rb_node **shim_rb_link(const struct rb_node *node,
					    struct rb_root *root)
{
	struct rb_node *up = node->rb_up;
	struct rb_node **link = !up ? &root->rb_node :
		up->rb_left == node ? &up->rb_left : &up->rb_right;

	BUG_ON(*link != node);
	return link;
}

/* Hangs @child, which may be none, where @node hangs. */
static inline void shim_rb_hang(struct rb_node *child,
				const struct rb_node *node,
				struct rb_root *root)
{
	*shim_rb_link(node, root) = child;
	if (child)
		child->rb_up = node->rb_up;
}

static inline void shim_rb_replace(struct rb_node *old, struct rb_node *node,
				   struct rb_root *root)
{
	shim_rb_hang(node, old, root);
	node->rb_left = old->rb_left;
	node->rb_right = old->rb_right;
	if (node->rb_left)
		node->rb_left->rb_up = node;
	if (node->rb_right)
		node->rb_right->rb_up = node;
}

static inline struct rb_node *shim_rb_leftmost(struct rb_node *node)
{
	while (node && node->rb_left)
		node = node->rb_left;
	return node;
}

static inline struct rb_node *shim_rb_rightmost(struct rb_node *node)
{
	while (node && node->rb_right)
		node = node->rb_right;
	return node;
}

static inline struct rb_node *rb_first(const struct rb_root *root)
{
	return shim_rb_leftmost(root->rb_node);
}

static inline struct rb_node *rb_next(const struct rb_node *node)
{
	BUG_ON(node->rb_up == SHIM_RB_ERASED);
	if (node->rb_right)
		return shim_rb_leftmost(node->rb_right);
	while (node->rb_up && node->rb_up->rb_right == node)
		node = node->rb_up;
	return node->rb_up;
}

static inline struct rb_node *rb_prev(const struct rb_node *node)
{
	BUG_ON(node->rb_up == SHIM_RB_ERASED);
	if (node->rb_left)
		return shim_rb_rightmost(node->rb_left);
	while (node->rb_up && node->rb_up->rb_left == node)
		node = node->rb_up;
	return node->rb_up;
}

static inline void rb_erase(struct rb_node *node, struct rb_root *root)
{
	BUG_ON(node->rb_up == SHIM_RB_ERASED);
	if (node->rb_left && node->rb_right) {
		struct rb_node *heir = shim_rb_leftmost(node->rb_right);

		shim_rb_hang(heir->rb_right, heir, root);
		shim_rb_replace(node, heir, root);
	} else {
		shim_rb_hang(node->rb_left ? node->rb_left : node->rb_right,
			     node, root);
	}
	node->rb_up = SHIM_RB_ERASED;
	node->rb_left = SHIM_RB_ERASED;
	node->rb_right = SHIM_RB_ERASED;
}

#endif /* SHIM_LINUX_RBTREE_H */
