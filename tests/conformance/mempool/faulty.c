/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * A mempool handler for the test of the conformance suite itself: a stack under a lock, right unless
 * the environment variable FAULT names a fault it shall have. faults.sh has the list.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rte_debug.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_spinlock.h>

struct entry {
	void *object;
	unsigned int lcore_id; /* The lcore that put it. */
};

struct stack {
	rte_spinlock_t lock;
	unsigned int n;
	unsigned int puts[RTE_MAX_LCORE]; /* By lcore. */
	struct entry entry[];
};

static bool
fault(const char *name)
{
	static const char *chosen;

	if (chosen == NULL)
		chosen = getenv("FAULT") != NULL ? getenv("FAULT") : "none";
	return strcmp(chosen, name) == 0;
}

static void
lock(struct stack *s)
{
	if (!fault("no-lock"))
		rte_spinlock_lock(&s->lock);
}

static void
unlock(struct stack *s)
{
	if (!fault("no-lock"))
		rte_spinlock_unlock(&s->lock);
}

/* The stack of a pool; the fault: one that all pools of the process share. */
static struct stack *
stack_of(const struct rte_mempool *mp)
{
	static struct stack *shared;

	if (!fault("one-for-all"))
		return mp->pool_data;
	if (shared == NULL)
		shared = mp->pool_data;
	return shared;
}

static int
faulty_alloc(struct rte_mempool *mp)
{
	struct stack *s;

	if (fault("odd-sizes") && mp->size % 64 == 1)
		return -EINVAL;
	if (fault("no-flags") && (mp->flags & RTE_MEMPOOL_F_NO_CACHE_ALIGN))
		return -EINVAL;
	if (fault("private-memory"))
		s = calloc(1, sizeof(*s) + mp->size * sizeof(s->entry[0]));
	else
		s = rte_zmalloc("faulty", sizeof(*s) + mp->size * sizeof(s->entry[0]), 0);
	if (s == NULL)
		return -ENOMEM;
	mp->pool_data = s;
	return 0;
}

static void
faulty_free(struct rte_mempool *mp)
{
	struct stack *s = mp->pool_data;

	if (fault("free-null"))
		s->n = 0;
	if (!fault("leak") && !fault("private-memory"))
		rte_free(s);
}

static int
faulty_enqueue(struct rte_mempool *mp, void *const *table, unsigned int n)
{
	struct stack *s = stack_of(mp);
	unsigned int lcore_id = rte_lcore_id();

	if (fault("lcores-only"))
		s->puts[lcore_id] += n;
	lock(s);
	for (unsigned int i = 0; i < n && s->n < mp->size; i++) {
		if (fault("link"))
			*(unsigned int *)table[i] = s->n;
		s->entry[s->n++] = (struct entry){table[i], lcore_id};
	}
	unlock(s);
	return 0;
}

/* Whether the entry is one the caller may have; the fault: only what its own lcore put. */
static bool
may_have(const struct entry *entry)
{
	return !fault("own-lcore") || entry->lcore_id == rte_lcore_id();
}

static unsigned int
free_for_caller(const struct stack *s)
{
	unsigned int free = 0;

	if (!fault("own-lcore"))
		free = s->n;
	else
		for (unsigned int i = 0; i < s->n; i++)
			free += may_have(&s->entry[i]);
	return fault("keep-one") && free > 0 ? free - 1 : free;
}

static void
fail_get(struct stack *s, void **table)
{
	if (fault("lose") && s->n > 0)
		s->n--;
	if (fault("scribble"))
		table[0] = s;
}

static int
faulty_dequeue(struct rte_mempool *mp, void **table, unsigned int n)
{
	struct stack *s = stack_of(mp);
	int ret = -ENOBUFS;

	lock(s);
	if (n > free_for_caller(s) || (fault("no-large-bulk") && n > 250)) {
		fail_get(s, table);
		goto out;
	}
	for (unsigned int i = s->n; i > 0 && n > 0; i--) {
		if (!may_have(&s->entry[i - 1]))
			continue;
		*table++ = s->entry[i - 1].object;
		s->entry[i - 1] = s->entry[--s->n];
		n--;
	}
	ret = 0;
out:
	unlock(s);
	return ret;
}

static unsigned int
faulty_get_count(const struct rte_mempool *mp)
{
	const struct stack *s = stack_of(mp);

	return fault("count") && s->n > 0 && s->n < mp->size ? s->n - 1 : s->n;
}

static int
faulty_populate(struct rte_mempool *mp, unsigned int max_objs, void *vaddr, rte_iova_t iova,
	size_t len, rte_mempool_populate_obj_cb_t *obj_cb, void *obj_cb_arg)
{
	size_t stride = (size_t)mp->header_size + mp->elt_size + mp->trailer_size;

	if (fault("large-pieces") && len < 32 * stride)
		return 0;
	if (fault("small-piece-errno") && len < stride)
		return -EINVAL;
	if (fault("need-addresses") && iova == RTE_BAD_IOVA)
		return -EINVAL;
	if (fault("more-than-asked"))
		max_objs = UINT_MAX;
	if (fault("wrong-address") && iova != RTE_BAD_IOVA)
		iova += 64;
	return rte_mempool_op_populate_default(mp, max_objs, vaddr, iova, len, obj_cb, obj_cb_arg);
}

static const struct rte_mempool_ops faulty_ops = {
	.name = "faulty",
	.alloc = faulty_alloc,
	.free = faulty_free,
	.enqueue = faulty_enqueue,
	.dequeue = faulty_dequeue,
	.get_count = faulty_get_count,
	.populate = faulty_populate,
};

RTE_INIT(faulty_register)
{
	int ret = rte_mempool_register_ops(&faulty_ops);

	if (fault("panic-when-full"))
		RTE_VERIFY(ret >= 0);
	if (fault("register-twice"))
		rte_mempool_register_ops(&faulty_ops);
}
