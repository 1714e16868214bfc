/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: how many packets a MB holds. Each candidate gets the same memory and is filled until an
 * allocation fails. The figure includes all memory it took: mbufs, headers and partly used pages.
 */

#include <stdlib.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "scenarios/held_packets.h"
#include "tide_pool.h"
#include "tide_pool_query.h"

struct hold {
	struct tide_pool *pool; /* NULL: packets come from the set. */
	struct rte_mempool *mp; /* The mempool of the pool. */
	struct tide_pktbuf *set;
	uint64_t memory; /* Bytes that the pool or the set took. */
	struct rte_mbuf **held;
	unsigned int max; /* Entries of held. */
	unsigned int n;
};

static int
setup_plain(struct sample *sample, struct hold *hold)
{
	const int node = (int)rte_socket_id();
	const struct tide_pool_conf conf = {
		.name = "bench",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = sample->workload->buffers,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
	};
	size_t len = 0;
	void *addr;

	hold->pool = tide_pool_create(&conf);
	if (hold->pool == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "tide_pool_create(): %s",
			rte_strerror(rte_errno));
	hold->mp = tide_pool_on(hold->pool, node);
	tide_pool_memory(hold->pool, node, &addr, &len);
	hold->memory = len;
	hold->max = sample->workload->buffers;
	return 0;
}

static int
setup_compact(struct sample *sample, struct hold *hold)
{
	const double plain = (double)sample->workload->buffers *
	                     rte_mempool_calc_obj_size(
				     sizeof(struct rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE, 0, NULL);
	const double each =
		held_packets_data_bytes(sample->workload) +
		rte_mempool_calc_obj_size(sizeof(struct rte_mbuf), RTE_MEMPOOL_F_NO_SPREAD, NULL);
	struct tide_pktbuf_stats stats = {0};

	hold->max = (unsigned int)(plain / each);
	hold->set = held_packets_set(sample->workload, hold->max, &sample->err);
	if (hold->set == NULL)
		return -1;
	tide_pktbuf_stats(hold->set, (int)rte_socket_id(), &stats);
	hold->memory = stats.memory;
	return 0;
}

static int
hold_setup(struct sample *sample)
{
	struct hold *hold = calloc(1, sizeof(*hold));

	if (hold == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "out of memory");
	if ((sample->candidate->no_peer ? setup_compact(sample, hold)
					: setup_plain(sample, hold)) == 0) {
		hold->held = calloc(hold->max, sizeof(*hold->held));
		sample->state = hold;
		return 0;
	}
	free(hold);
	return -1;
}

/* Allocate a packet of len bytes. Returns NULL when there is no memory for it. */
static struct rte_mbuf *
allocate(struct hold *hold, uint16_t len)
{
	struct rte_mbuf *m;

	if (hold->set != NULL)
		m = tide_pktbuf_alloc(hold->set, len);
	else
		m = rte_pktmbuf_alloc(hold->mp);
	if (m != NULL)
		memset(rte_pktmbuf_append(m, len), (int)len, len);
	return m;
}

static int
hold_run(struct sample *sample)
{
	struct hold *hold = sample->state;

	if (hold->held == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "out of memory");
	for (hold->n = 0; hold->n < hold->max; hold->n++) {
		hold->held[hold->n] = allocate(hold, held_packets_len(sample->workload, hold->n));
		if (hold->held[hold->n] == NULL)
			break;
	}
	sample->figures.value = hold->n / ((double)hold->memory / (1 << 20));
	return 0;
}

static void
hold_teardown(struct sample *sample)
{
	struct hold *hold = sample->state;

	if (hold->n > 0)
		rte_pktmbuf_free_bulk(hold->held, hold->n);
	free(hold->held);
	if (hold->set != NULL && tide_pktbuf_check(hold->set) != 0)
		app_fail(&sample->err, APP_EXIT_RUN, "%s: tide_pktbuf_check() failed",
			sample->candidate->name);
	if (tide_pool_free(hold->pool) != 0 || tide_pktbuf_free(hold->set) != 0)
		app_fail(&sample->err, APP_EXIT_RUN, "%s: lost packets", sample->candidate->name);
	free(hold);
}

static void
hold_add_candidates(struct bench *bench, const struct scenario *scenario)
{
	static const char *const names[] = {"tide_pktbuf", "plain", NULL};

	held_packets_add_candidates(bench, scenario, names);
}

/* No candidate uses bursts. */
static bool
hold_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	workload->bulk = 0;
	return held_packets_plan(bench, i, workload);
}

static const struct target targets[] = {
	{.subject = "tide_pktbuf",
		.label = "64 bytes",
		.cache = TARGET_ANY_CACHE,
		AGAINST("plain"),
		TIMES_BETTER(8)},
};

static const struct scenario hold = {
	.name = "hold",
	.order = 130,
	.summary = "packets that a MB holds, compact and in mbufs of 2 KB",
	.description = "Packets that a MB holds. tide_pktbuf (the compact form of tide_pktbuf.h)\n"
		       "and plain (mbufs of 2 KB) get about the same memory and are filled until\n"
		       "an allocation fails. The packets have 64, 256 and 1500 bytes, and IMIX:\n"
		       "seven of 64, four of 594, one of 1518 bytes.\n",
	.unit = "packets/MB",
	.more_is_better = true,
	.exact = true,
	.no_baseline = true,
	.concurrency = CONCURRENCY_ONE,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.add_candidates = hold_add_candidates,
	.plan = hold_plan,
	.setup = hold_setup,
	.run = hold_run,
	.teardown = hold_teardown,
};

SCENARIO_REGISTER(hold)
