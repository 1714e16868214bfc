/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The steps of the document this program is after: pools, allocation, counters, reset. It prints the same
 * lines. The pools are bump pools on regions (tide_bump.h), which need neither EAL nor an arena; doc/arena.md
 * tells what is different underneath.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "example.h"

#define BUFFER_BYTES 1024
#define OPERATIONS   10

static int
find_nodes(struct example *ex, struct app_error *err)
{
	const struct tide_node *node;

	ex->topo = tide_topology_create();
	if (ex->topo == NULL)
		return app_fail(err, APP_EXIT_RUN, "the machine cannot be read: %s",
			rte_strerror(rte_errno));
	for (unsigned int i = 0; (node = tide_topology_node_at(ex->topo, i)) != NULL; i++) {
		/* Nodes without memory, and those a cpuset or numactl keeps us from, have no pool. */
		if (tide_node_refusal(node) == NULL)
			ex->nodes[ex->nb_nodes++] = node->id;
	}
	return 0;
}

/* Memory of one node, strict: it exists only if each page is on the node. Then the pool on it. */
static int
make_pool(struct example *ex, unsigned int i, struct app_error *err)
{
	struct pool *pool = &ex->pools[i];
	char name[TIDE_BUMP_NAME_MAX + 1], reason[TIDE_BUMP_REASON_MAX];
	struct tide_region_conf memory = {
		.name = name,
		.node = ex->nodes[i],
		.len = ex->opt.node_bytes,
		.topo = ex->topo,
	};
	struct tide_bump_conf conf = {.name = name, .len = ex->opt.node_bytes};

	snprintf(name, sizeof(name), "pool_node%d", ex->nodes[i]);
	pool->region = tide_region_create(&memory, NULL);
	if (pool->region == NULL)
		return app_fail(err, APP_EXIT_RUN,
			"no pool of %" PRIu32 " bytes on node %d: %s; the line above says why",
			ex->opt.node_bytes, ex->nodes[i], rte_strerror(rte_errno));
	conf.addr = tide_region_addr(pool->region);
	pool->bump = tide_bump_create(&conf, reason);
	if (pool->bump == NULL)
		return app_fail(err, APP_EXIT_RUN, "no pool: %s", reason);
	return 0;
}

int
step_create(struct example *ex, struct app_error *err)
{
	if (find_nodes(ex, err) != 0)
		return -1;
	printf("Creating buffer pools for %u NUMA node%s\n\n", ex->nb_nodes,
		ex->nb_nodes == 1 ? "" : "s");
	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		if (make_pool(ex, i, err) != 0)
			return -1;
		printf("  Node %d: %" PRIu64 " bytes allocated\n", ex->nodes[i],
			tide_bump_capacity(ex->pools[i].bump));
	}
	return 0;
}

/* Allocate on each node by name, independent of the node that this thread runs on. */
int
step_allocate(struct example *ex, struct app_error *err)
{
	printf("Allocating from pools:\n");
	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		struct tide_bump *bump = ex->pools[i].bump;
		void *buffer = tide_bump_alloc(bump, BUFFER_BYTES, 0);

		if (buffer == NULL)
			return app_fail(err, APP_EXIT_RUN, "node %d gives no %d bytes: %s",
				ex->nodes[i], BUFFER_BYTES, strerror(errno));
		memset(buffer, (int)i, BUFFER_BYTES);
		printf("  Node %d: allocated %d bytes, %" PRIu64 " remaining\n", ex->nodes[i],
			BUFFER_BYTES, tide_bump_remaining(bump));
	}
	return 0;
}

/* A counter for each node, in its memory and on cache lines of its own; summed when it is read. */
int
step_count(struct example *ex, struct app_error *err)
{
	struct tide_shard_conf conf = {
		.name = "operations",
		.topo = ex->topo,
		.by = TIDE_SHARD_BY_NODE,
		.size = sizeof(uint64_t),
	};
	struct tide_shard_cell cell;
	unsigned int at = 0;

	ex->operations = tide_shard_create(&conf);
	if (ex->operations == NULL)
		return app_fail(err, APP_EXIT_RUN, "no counters: %s; the line above says why",
			rte_strerror(rte_errno));
	printf("Using sharded counter for per-node statistics:\n");
	/* A thread would add to tide_shard_local(); here each node gets its turn. */
	for (unsigned int i = 0; i < OPERATIONS; i++)
		tide_shard_add(tide_shard_on(ex->operations, ex->nodes[i % ex->nb_nodes]), 1);
	while (tide_shard_next(ex->operations, &at, &cell))
		printf("  Node %d: %" PRIu64 " operations\n", cell.node,
			tide_shard_read(cell.cell));
	printf("  Total: %" PRIu64 " operations\n", tide_shard_sum(ex->operations, 0));
	return 0;
}

/* No thread uses the pools now: all of each is taken back at once. A reader that holds would refuse it. */
int
step_reset(struct example *ex, struct app_error *err)
{
	struct tide_bump_stalled stalled = {.name = ""};

	printf("Resetting pools for reuse...\n");
	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		if (tide_bump_reset(ex->pools[i].bump, &stalled) != 0)
			return app_fail(
				err, APP_EXIT_RUN, "no reset: reader \"%s\" holds", stalled.name);
		printf("  Node %d: %" PRIu64 " bytes available\n", ex->nodes[i],
			tide_bump_remaining(ex->pools[i].bump));
	}
	return 0;
}

void
document_fini(struct example *ex)
{
	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		struct pool *pool = &ex->pools[i];

		/* It has no readers, so it can be freed; its memory stays ours until then. */
		tide_bump_free(pool->bump);
		tide_region_free(pool->region);
		*pool = (struct pool){0};
	}
}

int
example_fini(struct example *ex, struct app_error *err)
{
	int ret = 0;

	document_fini(ex);
	tide_shard_free(ex->operations);
	/* Refused while readers are registered, so that no reader loses memory that it reads. */
	if (tide_arena_free(ex->arena) != 0)
		ret = app_fail(err, APP_EXIT_RUN, "the pools cannot be freed: they have readers");
	tide_topology_free(ex->topo);
	return ret;
}
