/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: makes packet pools. */

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "frame/pool.h"
#include "tide_mempool.h"

struct rte_mempool *
pool_empty(const char *ops, const struct workload *workload, struct app_error *err)
{
	struct rte_mempool *mp = rte_mempool_create_empty("bench", workload->buffers,
		workload->object, workload->cache, sizeof(struct rte_pktmbuf_pool_private),
		(int)rte_socket_id(), 0);

	if (mp == NULL) {
		app_fail(err, APP_EXIT_RUN, "%s: no mempool of %u buffers with a cache of %u: %s",
			ops, workload->buffers, workload->cache, rte_strerror(rte_errno));
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
			"%s: its pool took %u of %u buffers, though there was memory for all", ops,
			mp->populated_size, mp->size);
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
	return 0;
}

void
pool_flush(struct rte_mempool *mp)
{
	rte_mempool_cache_flush(rte_mempool_default_cache(mp, rte_lcore_id()), mp);
}

static enum ledger_mode
mode_of(int ledger)
{
	if (ledger == TIDE_LEDGER_FULL)
		return LEDGER_MODE_FULL;
	return ledger == TIDE_LEDGER_OFF ? LEDGER_MODE_OFF : LEDGER_MODE_ANY;
}

enum ledger_mode
pool_ledger(void)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty("bench_ledger", 63, 64, 0, 0, (int)rte_socket_id(), 0);
	enum ledger_mode ledger = LEDGER_MODE_ANY;

	if (mp == NULL)
		return ledger;
	if (rte_mempool_set_ops_byname(mp, TIDE_MEMPOOL_OPS, NULL) == 0 &&
		rte_mempool_populate_default(mp) > 0)
		ledger = mode_of(tide_mempool_ledger(mp));
	rte_mempool_free(mp);
	return ledger;
}
