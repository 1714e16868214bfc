/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Opens in a secondary process a pool set that the primary made.
 *
 * A mempool in shared memory names its ops by a number, and each process looks that number up in a
 * table of its own. If the number meant other ops here, other code would work on the allocator's
 * memory. So nothing of a mempool is used before the name of its ops is compared.
 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include "mempool_friend.h"
#include "pool_internal.h"
#include "region_friend.h"
#include "tide_log.h"
#include "topology_friend.h"

static int
check_process(const char *name)
{
	if (name == NULL || name[0] == '\0' || strlen(name) > TIDE_POOL_NAME_MAX) {
		TIDE_LOG(pool, ERR, "the name of a pool set has 1 to %d characters",
			TIDE_POOL_NAME_MAX);
		return -EINVAL;
	}
	if (!tidei_eal_is_up()) {
		TIDE_LOG(pool, ERR, "%s: EAL is not initialised: call rte_eal_init() first", name);
		return -ENOTSUP;
	}
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		TIDE_LOG(pool, ERR,
			"%s: this is the primary process: use the set that tide_pool_create() "
			"returned, or start with --proc-type=secondary",
			name);
		return -EPERM;
	}
	return 0;
}

/* The number that a mempool stores must lead to the tide ops in this process too. */
static int
check_ops(const struct rte_mempool *mp)
{
	uint32_t stored = (uint32_t)mp->ops_index, known = rte_mempool_ops_table.num_ops;
	int tide = tidei_mempool_ops_number(TIDE_MEMPOOL_OPS);
	const char *name;

	if (tide < 0) {
		TIDE_LOG(pool, ERR,
			"%s: this process has no mempool ops \"%s\": other drivers took all %d "
			"places; an earlier message says which",
			mp->name, TIDE_MEMPOOL_OPS, RTE_MEMPOOL_MAX_OPS_IDX);
		return -ENOSYS;
	}
	if (stored == (uint32_t)tide)
		return 0;
	name = stored < known ? rte_mempool_ops_table.ops[stored].name : "";
	TIDE_LOG(pool, ERR,
		"%s: the primary stored number %" PRIu32
		" for its mempool ops, which means %s%s%s in "
		"this process, where \"%s\" has number %d: start both processes with the same "
		"mempool drivers in the same order (-d, and EAL's driver directory); for a set of "
		"other ops use rte_mempool_lookup()",
		mp->name, stored, name[0] != '\0' ? "\"" : "none", name,
		name[0] != '\0' ? "\"" : "", TIDE_MEMPOOL_OPS, tide);
	return -ENOSYS;
}

static int
check_mempool(const struct rte_mempool *mp)
{
	int ret;

	if (mp->populated_size < mp->size) {
		TIDE_LOG(pool, ERR,
			"%s: the primary is still making it, %" PRIu32 " of %" PRIu32
			" buffers are there: attach when its tide_pool_create() has returned",
			mp->name, mp->populated_size, mp->size);
		return -EAGAIN;
	}
	ret = check_ops(mp);
	if (ret < 0)
		return ret;
	if (tidei_mempool_queryable(mp) < 0) {
		TIDE_LOG(pool, ERR,
			"%s: its memory is not that of the tide ops of this build: use the same "
			"build of tidepool and the same mempool drivers in both processes",
			mp->name);
		return -EPROTO;
	}
	return 0;
}

static int
attach_region(struct tidei_member *member)
{
	char name[RTE_MEMZONE_NAMESIZE];
	int ret;

	tidei_objects_zone_name(member->mp->name, name, sizeof(name));
	ret = tidei_region_attach(name, member->node, &member->region);
	if (ret == -ENOENT) {
		TIDE_LOG(pool, ERR,
			"%s: its buffers are in memory that the primary alone has mapped: create "
			"the set with .backing = TIDE_BACKING_EAL and without --no-huge",
			member->mp->name);
		return -EFAULT;
	}
	if (ret < 0)
		TIDE_LOG(pool, ERR, "%s: its memory %s cannot be measured: %s", member->mp->name,
			name, rte_strerror(-ret));
	return ret;
}

/* Members in ascending order of node; 0 or a negative errno, logged. */
static int
attach_members(struct tide_pool *pool, const struct tidei_nodes *nodes)
{
	int ret = 0;

	for (unsigned int i = 0; i < nodes->count && ret == 0; i++) {
		struct tidei_member *member = &pool->members[i];
		char name[RTE_MEMPOOL_NAMESIZE];

		tidei_member_name(pool->name, nodes->ids[i], name, sizeof(name));
		member->node = nodes->ids[i];
		member->mp = rte_mempool_lookup(name);
		ret = member->mp == NULL ? -ENOENT : check_mempool(member->mp);
		if (ret == 0)
			ret = attach_region(member);
		if (ret == 0) {
			pool->index[member->node] = (int16_t)i;
			pool->nb_members++;
		}
	}
	if (ret < 0)
		tidei_pool_detach(pool);
	return ret;
}

static void
find_members(const char *name, struct tidei_nodes *nodes)
{
	char member[RTE_MEMPOOL_NAMESIZE];

	nodes->count = 0;
	for (int node = 0; node < TIDE_NODE_MAX; node++) {
		tidei_member_name(name, node, member, sizeof(member));
		if (rte_mempool_lookup(member) != NULL)
			tidei_nodes_add(nodes, node);
	}
}

static int
attach(const char *name, const struct tide_topology *topo, struct tide_pool **out)
{
	struct tidei_nodes nodes;
	struct tide_pool *pool;
	int ret;

	find_members(name, &nodes);
	if (nodes.count == 0) {
		TIDE_LOG(pool, ERR,
			"%s: the primary has no mempool called %s_nodeN: create the set there "
			"first, and give both processes the same --file-prefix",
			name, name);
		return -ENOENT;
	}
	pool = tidei_pool_alloc(name, topo, nodes.count);
	if (pool == NULL)
		return -ENOMEM;
	pool->attached = true;
	ret = attach_members(pool, &nodes);
	if (ret < 0) {
		free(pool);
		return ret;
	}
	assert(tidei_pool_check(pool) == 0);
	*out = pool;
	return 0;
}

struct tide_pool *
tide_pool_attach(const char *name)
{
	struct tide_topology *topo = NULL;
	struct tide_pool *pool = NULL;
	int ret = check_process(name);

	if (ret == 0)
		ret = tidei_topology_own(NULL, &topo);
	if (ret == 0)
		ret = attach(name, topo, &pool);
	if (ret < 0) {
		tide_topology_free(topo);
		rte_errno = -ret;
		return NULL;
	}
	pool->own_topo = topo;
	return pool;
}

void
tidei_pool_detach(struct tide_pool *pool)
{
	while (pool->nb_members > 0)
		tide_region_free(pool->members[--pool->nb_members].region);
}
