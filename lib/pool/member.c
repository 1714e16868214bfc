/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* One member of a pool set: a mempool of mbufs on one node. */

#include <stdio.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "mempool_friend.h"
#include "pool_internal.h"

void
tidei_member_name(const char *set, int node, char *text, size_t size)
{
	snprintf(text, size, "%s_node%d", set, node);
}

int
tidei_member_make(struct tidei_member *member, const struct tide_pool_conf *conf,
	const struct tide_topology *topo, int node)
{
	struct rte_pktmbuf_pool_private priv = {
		.mbuf_data_room_size = conf->data_room,
		.mbuf_priv_size = conf->priv_size,
	};
	char name[RTE_MEMPOOL_NAMESIZE];
	struct tidei_objects_conf objects = {
		.name = name,
		.what = "buffers",
		.topo = topo,
		.node = node,
		.count = conf->buffers,
		.size = sizeof(struct rte_mbuf) + conf->priv_size + conf->data_room,
		.cache_size = conf->cache_size,
		.priv_size = sizeof(priv),
		.init = rte_pktmbuf_pool_init,
		.init_arg = &priv,
		.each = rte_pktmbuf_init,
		.ops = conf->ops != NULL ? conf->ops : TIDE_POOL_OPS,
		.ledger = conf->ledger,
		.page = conf->page,
		.backing = conf->backing,
		.enforce = conf->enforce,
		.failed = conf->failed,
	};
	struct tidei_objects made;
	int ret;

	tidei_member_name(conf->name, node, name, sizeof(name));
	ret = tidei_objects_make(&made, &objects);
	member->node = node;
	member->mp = made.mp;
	member->region = made.region;
	return ret;
}

void
tidei_member_free(struct tidei_member *member)
{
	struct tidei_objects objects = {.mp = member->mp, .region = member->region};

	tidei_objects_free(&objects);
	member->mp = NULL;
	member->region = NULL;
}
