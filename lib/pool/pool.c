/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Life of a pool set: check the conf, find the nodes in use, make a member on each. */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "mempool_friend.h"
#include "pool_internal.h"
#include "region_friend.h"
#include "tide_log.h"
#include "topology_friend.h"

TIDE_LOG_REGISTER(pool);

static int
check_name(const struct tide_pool_conf *conf)
{
	if (conf->name == NULL || conf->name[0] == '\0') {
		TIDE_LOG(pool, ERR, "a pool set needs a name");
		return -EINVAL;
	}
	if (strlen(conf->name) > TIDE_POOL_NAME_MAX) {
		TIDE_LOG(pool, ERR, "%s: the name has %zu characters, %d are the most", conf->name,
			strlen(conf->name), TIDE_POOL_NAME_MAX);
		return -EINVAL;
	}
	return 0;
}

static int
check_buffers(const struct tide_pool_conf *conf)
{
	uint64_t cached;

	if (conf->buffers == 0) {
		TIDE_LOG(pool, ERR, "%s: 0 buffers requested; tide_pool_size() tells how many",
			conf->name);
		return -EINVAL;
	}
	if (conf->data_room < RTE_PKTMBUF_HEADROOM) {
		TIDE_LOG(pool, ERR, "%s: data room of %u bytes, the headroom alone takes %d",
			conf->name, conf->data_room, RTE_PKTMBUF_HEADROOM);
		return -EINVAL;
	}
	if (conf->priv_size % RTE_MBUF_PRIV_ALIGN != 0) {
		TIDE_LOG(pool, ERR, "%s: private size %u is no multiple of %d", conf->name,
			conf->priv_size, RTE_MBUF_PRIV_ALIGN);
		return -EINVAL;
	}
	cached = tidei_cache_most(conf->cache_size, RTE_VERSION);
	if (conf->cache_size > RTE_MEMPOOL_CACHE_MAX_SIZE || cached > conf->buffers) {
		TIDE_LOG(pool, ERR,
			"%s: a cache of %" PRIu32 " was requested: %d is the most, and the %" PRIu64
			" buffers that it can hold must be among the %" PRIu32
			" of the pool: ask for a smaller one, 0 suits the tide ops",
			conf->name, conf->cache_size, RTE_MEMPOOL_CACHE_MAX_SIZE, cached,
			conf->buffers);
		return -EINVAL;
	}
	return 0;
}

static int
check_users(const struct tide_pool_conf *conf, const struct tide_topology *topo)
{
	unsigned int i;

	for (i = 0; i < conf->nb_ports; i++) {
		if (rte_eth_dev_is_valid_port(conf->ports[i].port_id))
			continue;
		TIDE_LOG(pool, ERR, "%s: port %u does not exist; there are %u port(s)", conf->name,
			conf->ports[i].port_id, rte_eth_dev_count_avail());
		return -EINVAL;
	}
	for (i = 0; i < conf->nb_nodes; i++) {
		if (tide_topology_node(topo, conf->nodes[i]) != NULL)
			continue;
		TIDE_LOG(pool, ERR, "%s: node %d does not exist; this machine has %u node(s)",
			conf->name, conf->nodes[i], tide_topology_nb_nodes(topo));
		return -EINVAL;
	}
	return 0;
}

static int
check_conf(const struct tide_pool_conf *conf)
{
	const char *ops = conf->ops != NULL ? conf->ops : TIDE_POOL_OPS;
	int ret = check_name(conf);

	if (ret < 0)
		return ret;
	ret = check_buffers(conf);
	if (ret < 0)
		return ret;
	if ((unsigned int)conf->spill > TIDE_SPILL_ANY) {
		TIDE_LOG(pool, ERR, "%s: unknown spill policy %d", conf->name, (int)conf->spill);
		return -EINVAL;
	}
	if ((unsigned int)conf->ledger > TIDE_LEDGER_OFF) {
		TIDE_LOG(pool, ERR, "%s: unknown ledger mode %d", conf->name, (int)conf->ledger);
		return -EINVAL;
	}
	if (!tidei_eal_is_up()) {
		TIDE_LOG(pool, ERR, "%s: EAL is not initialised: call rte_eal_init() first",
			conf->name);
		return -ENOTSUP;
	}
	if (tidei_mempool_ops_number(ops) < 0) {
		TIDE_LOG(pool, ERR, "%s: no mempool ops \"%s\": link or load (-d) their driver",
			conf->name, ops);
		return -EINVAL;
	}
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		TIDE_LOG(pool, ERR, "%s: pools are made by the primary process", conf->name);
		return -E_RTE_SECONDARY;
	}
	return 0;
}

static int
home_node(const struct tide_topology *topo)
{
	return tide_topology_lcore_node(topo, rte_get_main_lcore());
}

/* Nodes of all users; when none of them has one, where the main lcore is. */
static int
collect_nodes(const struct tide_pool_conf *conf, const struct tide_topology *topo,
	struct tidei_nodes *nodes)
{
	unsigned int i;

	nodes->count = 0;
	for (i = 0; i < conf->nb_ports; i++)
		tidei_nodes_add(nodes, tide_topology_port_node(topo, conf->ports[i].port_id,
					       conf->ports[i].lcore_id, NULL));
	for (i = 0; i < conf->nb_lcores; i++)
		tidei_nodes_add(nodes, tide_topology_lcore_node(topo, conf->lcores[i]));
	for (i = 0; i < conf->nb_nodes; i++)
		tidei_nodes_add(nodes, conf->nodes[i]);
	if (nodes->count == 0 && (conf->nb_ports != 0 || conf->nb_lcores != 0))
		tidei_nodes_add(nodes, home_node(topo));
	if (nodes->count != 0)
		return 0;
	TIDE_LOG(pool, ERR, "%s: no node in use: name ports, lcores or nodes", conf->name);
	return -EINVAL;
}

static int
check_new(const struct tide_pool_conf *conf, const struct tidei_nodes *nodes)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	unsigned int i;

	for (i = 0; i < nodes->count; i++) {
		tidei_member_name(conf->name, nodes->ids[i], name, sizeof(name));
		if (rte_mempool_lookup(name) == NULL)
			continue;
		TIDE_LOG(pool, ERR, "%s: a mempool called %s exists: choose another name",
			conf->name, name);
		return -EEXIST;
	}
	return 0;
}

static void
free_members(struct tide_pool *pool)
{
	while (pool->nb_members > 0)
		tidei_member_free(&pool->members[--pool->nb_members]);
}

static int
make_members(struct tide_pool *pool, const struct tide_pool_conf *conf,
	const struct tide_topology *topo, const struct tidei_nodes *nodes)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nodes->count; i++) {
		ret = tidei_member_make(&pool->members[i], conf, topo, nodes->ids[i]);
		if (ret < 0) {
			free_members(pool);
			return ret;
		}
		pool->index[nodes->ids[i]] = (int16_t)i;
		pool->nb_members++;
	}
	return 0;
}

struct tide_pool *
tidei_pool_alloc(const char *name, const struct tide_topology *topo, unsigned int max)
{
	struct tide_pool *pool = calloc(1, sizeof(*pool) + max * sizeof(pool->members[0]));

	if (pool == NULL)
		return NULL;
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	pool->topo = topo;
	pool->home = home_node(topo);
	memset(pool->index, -1, sizeof(pool->index));
	return pool;
}

static int
create(const struct tide_pool_conf *conf, const struct tide_topology *topo, struct tide_pool **out)
{
	struct tidei_nodes nodes;
	struct tide_pool *pool;
	int ret = check_users(conf, topo);

	if (ret == 0)
		ret = collect_nodes(conf, topo, &nodes);
	if (ret == 0)
		ret = check_new(conf, &nodes);
	if (ret < 0)
		return ret;
	pool = tidei_pool_alloc(conf->name, topo, nodes.count);
	if (pool == NULL)
		return -ENOMEM;
	ret = make_members(pool, conf, topo, &nodes);
	if (ret == 0) {
		ret = tidei_spill_init(pool, conf->spill);
		if (ret < 0)
			free_members(pool);
	}
	if (ret < 0) {
		free(pool);
		return ret;
	}
	assert(tidei_pool_check(pool) == 0);
	*out = pool;
	return 0;
}

struct tide_pool *
tide_pool_create(const struct tide_pool_conf *conf)
{
	struct tide_topology *own_topo = NULL;
	struct tide_pool *pool = NULL;
	int ret = check_conf(conf);

	if (ret == 0)
		ret = tidei_topology_own(conf->topo, &own_topo);
	if (ret == 0)
		ret = create(conf, conf->topo != NULL ? conf->topo : own_topo, &pool);
	if (ret < 0) {
		tide_topology_free(own_topo);
		rte_errno = -ret;
		return NULL;
	}
	pool->own_topo = own_topo;
	return pool;
}

/* Log that a member has buffers out, and their owners. */
static void
log_out(const struct tide_pool *pool, const struct tidei_member *member, unsigned int out)
{
	struct tide_mempool_owner owners[4];
	int nb = tide_pool_owners(pool, member->node, owners, RTE_DIM(owners));
	char who[256] = "";
	FILE *text = nb > 0 ? fmemopen(who, sizeof(who), "w") : NULL;

	for (int k = 0; text != NULL && k < nb; k++) {
		fputs(k == 0 ? "; " : ", ", text);
		tide_mempool_owner_dump(&owners[k], text);
	}
	if (text != NULL)
		fclose(text);
	TIDE_LOG(pool, ERR,
		"%s: %u of %" PRIu32 " buffers are still out: stop the ports and free what the "
		"application holds, then free the set%s",
		member->mp->name, out, member->mp->size, who);
}

/* Members with buffers out. */
static unsigned int
busy_members(const struct tide_pool *pool)
{
	unsigned int i, out, busy = 0;

	for (i = 0; i < pool->nb_members; i++) {
		out = rte_mempool_in_use_count(pool->members[i].mp);
		if (out == 0)
			continue;
		log_out(pool, &pool->members[i], out);
		busy++;
	}
	return busy;
}

int
tide_pool_free(struct tide_pool *pool)
{
	if (pool == NULL)
		return 0;
	/* The mempools of an attached set belong to the primary, which may have freed them. */
	if (pool->attached) {
		tidei_pool_detach(pool);
	} else {
		if (busy_members(pool) != 0)
			return -EBUSY;
		assert(tidei_pool_check(pool) == 0);
		tidei_spill_fini(pool);
		free_members(pool);
	}
	tide_topology_free(pool->own_topo);
	free(pool);
	return 0;
}
