/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: pools that run empty while packets flow, and buffers that drivers do not free. */

#include <inttypes.h>
#include <string.h>

#include <rte_ethdev.h>

#include "fwd.h"
#include "pool_state.h"
#include "tide_mempool.h"
#include "tide_pool_query.h"
#include "tide_pool_size.h"

/* A pool that was empty is told of again only after so long. */
#define AGAIN_NS UINT64_C(60000000000)

bool
fwd_pool_ran_empty(struct fwd_pool_state *watch, uint32_t burst, uint64_t now)
{
	bool was = watch->empty;

	/* A burst that does not fit is not taken, so fewer buffers than that are of no use. */
	watch->empty = watch->sample.stats.free < burst;
	if (!watch->empty || was || (watch->told != 0 && now - watch->told < AGAIN_NS))
		return false;
	watch->told = now;
	return true;
}

static const struct rte_mempool *
mempool_of(const struct fwd *fwd, unsigned int member)
{
	return tide_pool_on(fwd->pool, tide_pool_node_id(fwd->pool, member));
}

static bool
draws_from(const struct fwd *fwd, unsigned int port, const struct rte_mempool *mp)
{
	return fwd->port[port].mp == mp || fwd->port[fwd->plan.port[port].peer].mp == mp;
}

/* List the ports whose queues can have buffers of the pool: "port 0 (net_x), port 1 (net_y)". */
static void
print_ports(const struct fwd *fwd, const struct rte_mempool *mp, FILE *out)
{
	const char *comma = "";

	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		if (!draws_from(fwd, i, mp))
			continue;
		fprintf(out, "%sport %u (%s)", comma, fwd->plan.port[i].facts->id,
			fwd->plan.port[i].facts->driver);
		comma = ", ";
	}
}

void
fwd_pool_print_empty(const struct fwd *fwd, unsigned int member, FILE *out)
{
	const struct tide_pool_stats *s = &fwd->pool_state[member].sample.stats;
	struct tide_mempool_owner owners[4];
	int nb = tide_pool_owners(fwd->pool, s->node, owners, RTE_DIM(owners));

	fprintf(out,
		"the pool of node %d is empty: %u of %u buffers are in use, packets "
		"are lost",
		s->node, s->in_use, s->size);
	for (int i = 0; i < nb; i++) {
		fputs(i == 0 ? "; taken out by: " : ", ", out);
		tide_mempool_owner_dump(&owners[i], out);
	}
	fputs("; they are with the drivers of ", out);
	print_ports(fwd, mempool_of(fwd, member), out);
	fputs(", which hold more than their descriptors: more --buffers help where that ends", out);
}

/* Every packet that was received was handed to a driver or freed. */
static bool
passed_all_on(const struct fwd *fwd)
{
	for (unsigned int i = 0; i < fwd->plan.nb_queues; i++) {
		const struct fwd_queue *q = fwd->queue[i];

		/* The lcores have ended. */
		if (q->packets != q->sent + q->tx_full + q->malformed)
			return false;
	}
	return true;
}

static bool
all_closed(const struct fwd *fwd, const struct rte_mempool *mp)
{
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		if (draws_from(fwd, i, mp) && fwd->port[i].state != FWD_PORT_CLOSED)
			return false;
	}
	return true;
}

static bool
allocator_is_sound(const struct rte_mempool *mp)
{
	int rc = tide_mempool_check(mp, NULL);

	return rc == 0 || rc == -ENOTSUP;
}

uint32_t
fwd_pool_kept(const struct fwd *fwd, unsigned int member)
{
	const struct rte_mempool *mp = mempool_of(fwd, member);
	const struct tide_pool_need *need = &fwd->plan.pool[member].need;
	uint64_t rings = (uint64_t)need->rx_queues * need->rx_desc +
	                 (uint64_t)need->tx_queues * need->tx_desc;
	uint32_t out = fwd->pool_state[member].sample.stats.in_use;

	if (out == 0 || out > rings || fwd->nb_stuck != 0 || !all_closed(fwd, mp) ||
		!passed_all_on(fwd) || !allocator_is_sound(mp))
		return 0;
	return out;
}

void
fwd_pool_print_kept(const struct fwd *fwd, unsigned int member, FILE *out)
{
	fprintf(out, "%" PRIu32 " buffers were not freed at the close of a driver, of ",
		fwd_pool_kept(fwd, member));
	print_ports(fwd, mempool_of(fwd, member), out);
	fputs(": it loses them with any mempool ops", out);
}
