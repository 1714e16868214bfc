/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: packet pools and their proof. */

#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "pool.h"
#include "tide_mempool.h"

#define BURST 64

struct rte_mempool *
pool_empty(const char *ops, const struct work *work, struct app_error *err)
{
	struct rte_mempool *mp = rte_mempool_create_empty("bench", work->buffers, work->object,
		work->cache, sizeof(struct rte_pktmbuf_pool_private), (int)rte_socket_id(), 0);

	if (mp == NULL) {
		app_fail(err, APP_EXIT_RUN, "%s: no mempool of %u buffers with a cache of %u: %s",
			ops, work->buffers, work->cache, rte_strerror(rte_errno));
		return NULL;
	}
	if (rte_mempool_set_ops_byname(mp, ops, NULL) != 0) {
		app_fail(err, APP_EXIT_RUN, "%s: no such mempool ops", ops);
		rte_mempool_free(mp);
		return NULL;
	}
	rte_pktmbuf_pool_init(mp, NULL);
	return mp;
}

int
pool_fill(struct rte_mempool *mp, const struct memory *memory, struct app_error *err)
{
	const char *ops = rte_mempool_get_ops(mp->ops_index)->name;
	size_t page;
	int ret;

	ret = rte_mempool_get_page_size(mp, &page);
	if (ret == 0)
		ret = rte_mempool_populate_virt(
			mp, memory->mz->addr, memory->mz->len, page, NULL, NULL);
	if (ret < 0)
		return app_fail(err, APP_EXIT_RUN, "%s: could not fill a pool of %u buffers: %s",
			ops, mp->size, rte_strerror(-ret));
	if (mp->populated_size != mp->size)
		return app_fail(err, APP_EXIT_RUN,
			"%s: took %u of %u buffers into its pool, though there was memory for all",
			ops, mp->populated_size, mp->size);
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
	return 0;
}

/* rte_mempool_avail_count() hides a surplus. */
static uint64_t
count(const struct rte_mempool *mp)
{
	uint64_t n = rte_mempool_get_ops(mp->ops_index)->get_count(mp);

	for (unsigned int i = 0; mp->cache_size > 0 && i < RTE_MAX_LCORE; i++)
		n += mp->local_cache[i].len;
	return n;
}

/* Take all there is, at most max. */
static unsigned int
drain(struct rte_mempool *mp, void **table, unsigned int max)
{
	unsigned int n = 0;

	while (n + BURST <= max && rte_mempool_ops_dequeue_bulk(mp, &table[n], BURST) == 0)
		n += BURST;
	while (n < max && rte_mempool_ops_dequeue_bulk(mp, &table[n], 1) == 0)
		n++;
	return n;
}

/* The addresses that the memory of a pool spans. */
static void
extent(const struct rte_mempool *mp, uintptr_t *low, uintptr_t *high)
{
	const struct rte_mempool_memhdr *chunk;

	*low = UINTPTR_MAX;
	*high = 0;
	STAILQ_FOREACH (chunk, &mp->mem_list, next) {
		*low = RTE_MIN(*low, (uintptr_t)chunk->addr);
		*high = RTE_MAX(*high, (uintptr_t)chunk->addr + chunk->len);
	}
}

/* That no pointer stands there twice and each is a buffer of this pool. */
static const char *
look(const struct rte_mempool *mp, void *const *table, unsigned int n)
{
	const char *wrong = NULL;
	uintptr_t low, high;
	uint8_t *seen;

	extent(mp, &low, &high);
	seen = calloc((high - low) / RTE_CACHE_LINE_SIZE / 8 + 1, 1);
	if (seen == NULL)
		return "could not be proven: out of memory";
	for (unsigned int i = 0; wrong == NULL && i < n; i++) {
		uintptr_t at = (uintptr_t)table[i], bit = (at - low) / RTE_CACHE_LINE_SIZE;

		if (at < low || at >= high || rte_mempool_from_obj(table[i]) != mp)
			wrong = "handed out what is no buffer of its pool";
		else if (seen[bit / 8] & 1 << bit % 8)
			wrong = "handed one buffer out twice";
		else
			seen[bit / 8] |= 1 << bit % 8;
	}
	free(seen);
	return wrong;
}

/* What only the subject can tell of itself. */
static const char *
own_books(const struct rte_mempool *mp)
{
	struct tide_mempool_stats stats;
	const char *wrong = NULL;

	if (tide_mempool_stats(mp, &stats) != 0)
		return NULL;
	if (stats.double_free + stats.foreign + stats.misaligned > 0)
		return "refused buffers that were given back rightly";
	tide_mempool_check(mp, &wrong);
	return wrong;
}

int
pool_check(struct rte_mempool *mp, struct app_error *err)
{
	const char *ops = rte_mempool_get_ops(mp->ops_index)->name, *wrong;
	uint64_t free_now = count(mp);
	unsigned int n;
	void **table;

	if (free_now != mp->size)
		return app_fail(err, APP_EXIT_RUN,
			"%s: counts %lu free buffers of %u with none in use", ops,
			(unsigned long)free_now, mp->size);
	wrong = own_books(mp);
	if (wrong != NULL)
		return app_fail(err, APP_EXIT_RUN, "%s: %s", ops, wrong);
	table = malloc(((size_t)mp->size + 1) * sizeof(*table));
	if (table == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for the proof of a pool");
	n = drain(mp, table, mp->size + 1);
	wrong = look(mp, table, n);
	for (unsigned int i = 0; i < n; i++)
		rte_mempool_ops_enqueue_bulk(mp, &table[i], 1);
	free(table);
	if (wrong != NULL)
		return app_fail(err, APP_EXIT_RUN, "%s: %s", ops, wrong);
	if (n != mp->size)
		return app_fail(err, APP_EXIT_RUN,
			"%s: one thread could take %u buffers of %u at rest", ops, n, mp->size);
	return 0;
}

void
pool_flush(struct rte_mempool *mp)
{
	rte_mempool_cache_flush(rte_mempool_default_cache(mp, rte_lcore_id()), mp);
}

enum bar_ledger
pool_ledger(void)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty("bench_ledger", 63, 64, 0, 0, (int)rte_socket_id(), 0);
	enum bar_ledger ledger = BAR_ANY_LEDGER;

	if (mp == NULL)
		return ledger;
	if (rte_mempool_set_ops_byname(mp, TIDE_MEMPOOL_OPS, NULL) == 0 &&
		rte_mempool_populate_default(mp) > 0) {
		int mode = tide_mempool_ledger(mp);

		ledger = mode == TIDE_LEDGER_FULL  ? BAR_FULL
		         : mode == TIDE_LEDGER_OFF ? BAR_OFF
		                                   : BAR_ANY_LEDGER;
	}
	rte_mempool_free(mp);
	return ledger;
}
