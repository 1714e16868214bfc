/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about a get that finds too few, and about the count. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"

#define POOL  600
#define EXTRA 400

/* Content of places that a failed get must not change. */
static void
mark(void **table, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		table[i] = (void *)(uintptr_t)(0xdead0000u + i);
}

static unsigned int
changed(void *const *table, unsigned int n)
{
	unsigned int changes = 0;

	for (unsigned int i = 0; i < n; i++)
		changes += table[i] != (void *)(uintptr_t)(0xdead0000u + i);
	return changes;
}

/* Request more than is free, for each number of free objects near an edge. */
static enum verdict
ask_too_much(struct trial *t, bool look_at_table)
{
	static const unsigned int left[] = {0, 1, 31, 32, 63, 64, 65, 200, 599, 600};
	static const unsigned int more[] = {1, 2, 33, 64, EXTRA};
	void *objs[POOL], *table[POOL + EXTRA];
	struct audit b;

	NEED(audit_make(&b, t, POOL, 200, 0, 0));
	for (size_t i = 0; i < RTE_DIM(left) * RTE_DIM(more); i++) {
		unsigned int free = left[i / RTE_DIM(more)], n = free + more[i % RTE_DIM(more)];

		if (free < POOL)
			NEED(audit_get(&b, objs, POOL - free));
		mark(table, RTE_DIM(table));
		CHECK(t, rte_mempool_get_bulk(b.mp, table, n) < 0,
			"a get of %u objects succeeded, %u were free", n, free);
		CHECK(t, !look_at_table || changed(table, RTE_DIM(table)) == 0,
			"a get of %u objects with %u free failed and wrote %u places of the table",
			n, free, changed(table, RTE_DIM(table)));
		CHECK(t, rte_mempool_avail_count(b.mp) == free,
			"after a get of %u that failed, %u of %u free objects are counted", n,
			rte_mempool_avail_count(b.mp), free);
		if (free < POOL)
			NEED(audit_put(&b, objs, POOL - free));
		NEED(audit_all_free(&b));
	}
	return VERDICT_PASS;
}

static enum verdict
all_or_nothing(struct trial *t)
{
	return ask_too_much(t, false);
}

static enum verdict
table_untouched(struct trial *t)
{
	return ask_too_much(t, true);
}

/*
 * The library lets the handler fill the cache's own table and requests more than the application did. If
 * that fails, it relies on the objects in the table.
 */
static enum verdict
cache_survives_failure(struct trial *t)
{
	uint64_t seed = t->seed;
	void *objs[POOL], *more[POOL];
	unsigned int held = 0;
	struct audit b;

	NEED(audit_make(&b, t, POOL, 200, 64, 0));
	for (unsigned int round = 0; round < 20000; round++) {
		unsigned int n = 1 + random_below(&seed, 80);
		int ret = rte_mempool_get_bulk(b.mp, more, n);

		if (ret == 0) {
			NEED(audit_note_get(&b, more, n));
			memcpy(objs + held, more, n * sizeof(*more));
			held += n;
		} else {
			CHECK(t, held + n > b.n,
				"a get of %u objects failed with %u free (seed %" PRIu64 ")", n,
				b.n - held, t->seed);
			n = 1 + random_below(&seed, held);
			held -= n;
			NEED(audit_put(&b, objs + held, n));
		}
		CHECK(t, rte_mempool_avail_count(b.mp) == b.n - held,
			"with %u of %u objects free the count is %u (seed %" PRIu64 ")", b.n - held,
			b.n, rte_mempool_avail_count(b.mp), t->seed);
	}
	NEED(audit_put(&b, objs, held));
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

static enum verdict
count_exact(struct trial *t)
{
	void *objs[POOL];
	struct audit b;

	NEED(audit_make(&b, t, POOL, 200, 0, 0));
	for (unsigned int n = 0; n < b.n; n++) {
		CHECK(t, rte_mempool_avail_count(b.mp) == b.n - n,
			"with %u objects taken one by one of %u the count is %u", n, b.n,
			rte_mempool_avail_count(b.mp));
		CHECK(t, rte_mempool_in_use_count(b.mp) == n,
			"with %u objects taken %u are counted in use", n,
			rte_mempool_in_use_count(b.mp));
		NEED(audit_get(&b, objs + n, 1));
	}
	CHECK(t, rte_mempool_empty(b.mp), "an empty pool is not reported empty");
	for (unsigned int n = 0; n < b.n; n++) {
		CHECK(t, rte_mempool_avail_count(b.mp) == n, "with %u objects back the count is %u",
			n, rte_mempool_avail_count(b.mp));
		NEED(audit_put(&b, objs + n, 1));
	}
	CHECK(t, rte_mempool_full(b.mp), "a full pool is not reported full");
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

const struct claim claims_count[] = {
	{.name = "all-or-nothing",
		.sentence = "a get that finds too few fails and takes nothing",
		.basis = BASIS_CONTRACT,
		.run = all_or_nothing},
	{.name = "table-untouched",
		.sentence = "a get that fails does not change the caller's table",
		.basis = BASIS_USERS,
		.run = table_untouched},
	{.name = "cache-survives",
		.sentence =
			"with the per-lcore cache a get fails only when it must, nothing is lost",
		.basis = BASIS_CONTRACT,
		.run = cache_survives_failure},
	{.name = "count-exact",
		.sentence = "at rest free + in use = total, at each number of objects out",
		.basis = BASIS_CONTRACT,
		.run = count_exact},
	{.name = NULL},
};
