/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about callers that give back what they should not; the contract leaves it open. */

#include <limits.h>
#include <string.h>

#include "book.h"

#define POOL 200

/* Straight to the handler: the library's cookies and caches stay out of it. */
static void
put_wrong(struct rte_mempool *mp, void *object)
{
	rte_mempool_ops_enqueue_bulk(mp, &object, 1);
}

/* What the handler counts; rte_mempool_avail_count() hides a count above the size. */
static unsigned int
handler_count(const struct rte_mempool *mp)
{
	return rte_mempool_get_ops(mp->ops_index)->get_count(mp);
}

static enum verdict
still_whole(struct book *b)
{
	void *objs[POOL + 64];
	unsigned int n = 0;
	void *object;

	CHECK(b->t, handler_count(b->mp) == b->n, "the count is %u of %u", handler_count(b->mp),
		b->n);
	while (n < RTE_DIM(objs) && rte_mempool_get(b->mp, &object) == 0) {
		NEED(book_enter(b, &object, 1));
		objs[n++] = object;
	}
	CHECK(b->t, n == b->n, "%u of %u objects can be taken", n, b->n);
	NEED(give(b, objs, n));
	return VERDICT_PASS;
}

static enum verdict
double_free(struct trial *t)
{
	void *objs[POOL], *burst[11];
	struct book b;

	NEED(book_make(&b, t, POOL, 200, 0, 0));
	NEED(take(&b, objs, POOL));
	NEED(give(&b, objs, POOL));
	put_wrong(b.mp, objs[0]);
	put_wrong(b.mp, objs[POOL - 1]);
	/* And within one burst, where there is room for it. */
	NEED(take(&b, burst, 10));
	NEED(book_strike(&b, burst, 10));
	burst[10] = burst[9];
	burst[9] = burst[4];
	rte_mempool_ops_enqueue_bulk(b.mp, burst, RTE_DIM(burst));
	return still_whole(&b);
}

static enum verdict
foreign_pointer(struct trial *t)
{
	static char elsewhere[256] __rte_cache_aligned;
	struct book b, other;
	void *theirs, *objs[10];

	NEED(book_make(&b, t, POOL, 200, 0, 0));
	/* Room for what is wrong. */
	NEED(take(&b, objs, RTE_DIM(objs)));
	NEED(book_make(&other, t, POOL, 200, 0, 0));
	NEED(take(&other, &theirs, 1));
	put_wrong(b.mp, theirs);
	put_wrong(b.mp, elsewhere + 128);
	NEED(give(&b, objs, RTE_DIM(objs)));
	return still_whole(&b);
}

static enum verdict
misaligned_pointer(struct trial *t)
{
	struct book b;
	void *object;

	NEED(book_make(&b, t, POOL, 200, 0, 0));
	NEED(take(&b, &object, 1));
	put_wrong(b.mp, (char *)object + 8);
	NEED(give(&b, &object, 1));
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
