/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: checks that a pool lost no buffer and handed none out twice. */

#include <stdlib.h>
#include <string.h>

#include "frame/pool.h"
#include "tide_mempool.h"

#define BURST 64

/* Count the free buffers. rte_mempool_avail_count() would hide a surplus. */
static uint64_t
count(const struct rte_mempool *mp)
{
	uint64_t n = rte_mempool_get_ops(mp->ops_index)->get_count(mp);

	for (unsigned int i = 0; mp->cache_size > 0 && i < RTE_MAX_LCORE; i++)
		n += mp->local_cache[i].len;
	return n;
}

/* Take all free buffers, at most max of them. */
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

/* Find the lowest and the highest address of the memory of a pool. */
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

/* Check that no pointer is in the table twice and each is a buffer of this pool. */
static const char *
check_table(const struct rte_mempool *mp, void *const *table, unsigned int n)
{
	const char *wrong = NULL;
	uintptr_t low, high;
	uint8_t *seen;

	extent(mp, &low, &high);
	seen = calloc((high - low) / RTE_CACHE_LINE_SIZE / 8 + 1, 1);
	if (seen == NULL)
		return "could not be checked: out of memory";
	for (unsigned int i = 0; wrong == NULL && i < n; i++) {
		uintptr_t at = (uintptr_t)table[i], bit = (at - low) / RTE_CACHE_LINE_SIZE;

		if (at < low || at >= high || rte_mempool_from_obj(table[i]) != mp)
			wrong = "handed out a pointer to no buffer of its pool";
		else if (seen[bit / 8] & 1 << bit % 8)
			wrong = "handed one buffer out twice";
		else
			seen[bit / 8] |= 1 << bit % 8;
	}
	free(seen);
	return wrong;
}

/* Check the counters and the structures that only the tide ops have. */
static const char *
check_tide(const struct rte_mempool *mp)
{
	struct tide_mempool_stats stats;
	const char *wrong = NULL;

	if (tide_mempool_stats(mp, &stats) != 0)
		return NULL;
	if (stats.double_free + stats.foreign + stats.misaligned > 0)
		return "refused buffers that were freed correctly";
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
	wrong = check_tide(mp);
	if (wrong != NULL)
		return app_fail(err, APP_EXIT_RUN, "%s: %s", ops, wrong);
	table = malloc(((size_t)mp->size + 1) * sizeof(*table));
	if (table == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for the check of a pool");
	n = drain(mp, table, mp->size + 1);
	wrong = check_table(mp, table, n);
	for (unsigned int i = 0; i < n; i++)
		rte_mempool_ops_enqueue_bulk(mp, &table[i], 1);
	free(table);
	if (wrong != NULL)
		return app_fail(err, APP_EXIT_RUN, "%s: %s", ops, wrong);
	if (n != mp->size)
		return app_fail(err, APP_EXIT_RUN,
			"%s: one thread got %u buffers of %u, though none was in use", ops, n,
			mp->size);
	return 0;
}
