/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about callers that put wrong pointers; the contract says nothing about them. */

#include <limits.h>
#include <string.h>

#include "audit.h"

#define POOL 200

/* Put directly to the handler, without the library's cookies and caches. */
static void
put_wrong(struct rte_mempool *mp, void *object)
{
	rte_mempool_ops_enqueue_bulk(mp, &object, 1);
}

/* Read the count of the handler; rte_mempool_avail_count() hides a count above the size. */
static unsigned int
handler_count(const struct rte_mempool *mp)
{
	return rte_mempool_get_ops(mp->ops_index)->get_count(mp);
}

static enum verdict
still_whole(struct audit *b)
{
	void *objs[POOL + 64];
	unsigned int n = 0;
	void *object;

	CHECK(b->t, handler_count(b->mp) == b->n, "the count is %u of %u", handler_count(b->mp),
		b->n);
	while (n < RTE_DIM(objs) && rte_mempool_get(b->mp, &object) == 0) {
		NEED(audit_note_get(b, &object, 1));
		objs[n++] = object;
	}
	CHECK(b->t, n == b->n, "%u of %u objects can be taken", n, b->n);
	NEED(audit_put(b, objs, n));
	return VERDICT_PASS;
}

static enum verdict
double_free(struct trial *t)
{
	void *objs[POOL], *burst[11];
	struct audit b;

	NEED(audit_make(&b, t, POOL, 200, 0, 0));
	NEED(audit_get(&b, objs, POOL));
	NEED(audit_put(&b, objs, POOL));
	put_wrong(b.mp, objs[0]);
	put_wrong(b.mp, objs[POOL - 1]);
	/* The same within one burst, if it has room. */
	NEED(audit_get(&b, burst, 10));
	NEED(audit_note_put(&b, burst, 10));
	burst[10] = burst[9];
	burst[9] = burst[4];
	rte_mempool_ops_enqueue_bulk(b.mp, burst, RTE_DIM(burst));
	return still_whole(&b);
}

static enum verdict
foreign_pointer(struct trial *t)
{
	static char elsewhere[256] __rte_cache_aligned;
	struct audit b, other;
	void *theirs, *objs[10];

	NEED(audit_make(&b, t, POOL, 200, 0, 0));
	/* Room for wrong pointers. */
	NEED(audit_get(&b, objs, RTE_DIM(objs)));
	NEED(audit_make(&other, t, POOL, 200, 0, 0));
	NEED(audit_get(&other, &theirs, 1));
	put_wrong(b.mp, theirs);
	put_wrong(b.mp, elsewhere + 128);
	NEED(audit_put(&b, objs, RTE_DIM(objs)));
	return still_whole(&b);
}

static enum verdict
misaligned_pointer(struct trial *t)
{
	struct audit b;
	void *object;

	NEED(audit_make(&b, t, POOL, 200, 0, 0));
	NEED(audit_get(&b, &object, 1));
	put_wrong(b.mp, (char *)object + 8);
	NEED(audit_put(&b, &object, 1));
	return still_whole(&b);
}

const struct claim claims_misuse[] = {
	{.name = "double-free",
		.sentence = "an object put twice is refused",
		.basis = BASIS_EXTRA,
		.run = double_free},
	{.name = "foreign-pointer",
		.sentence = "a pointer from elsewhere, or from another pool, is refused",
		.basis = BASIS_EXTRA,
		.run = foreign_pointer},
	{.name = "misaligned-pointer",
		.sentence = "a pointer into the middle of an object is refused",
		.basis = BASIS_EXTRA,
		.run = misaligned_pointer},
	{.name = NULL},
};
