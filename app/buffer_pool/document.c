/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The steps of the document this program is after: pools, allocation, counters, reset. It prints the same
 * lines; what is different underneath is told in doc/arena.md.
 */

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

/* One arena holds the pools of all nodes. It is strict: it exists only if each is on its node. */
int
step_create(struct example *ex, struct app_error *err)
{
	struct tide_arena_conf conf = {
		.name = "buffers",
		.nodes = ex->nodes,
		.chunk_size = CHUNK_BYTES,
		.chunks = ex->opt.node_bytes / CHUNK_BYTES,
	};

	if (find_nodes(ex, err) != 0)
		return -1;
	printf("Creating buffer pools for %u NUMA node%s\n\n", ex->nb_nodes,
		ex->nb_nodes == 1 ? "" : "s");
	conf.topo = ex->topo;
	conf.nb_nodes = ex->nb_nodes;
	ex->arena = tide_arena_create(&conf);
	if (ex->arena == NULL)
		return app_fail(err, APP_EXIT_RUN,
			"no pools of %" PRIu32 " bytes on each node: %s; the line above says why",
			ex->opt.node_bytes, rte_strerror(rte_errno));
	for (unsigned int i = 0; i < ex->nb_nodes; i++)
		printf("  Node %d: %" PRIu64 " bytes allocated\n", ex->nodes[i],
			tide_arena_capacity(ex->arena, ex->nodes[i]));
	return 0;
}

/* On the node that is named, whichever we run on. */
int
step_allocate(struct example *ex, struct app_error *err)
{
	printf("Allocating from pools:\n");
	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		void *buffer = tide_arena_alloc_on(ex->arena, ex->nodes[i], BUFFER_BYTES, 0);

		if (buffer == NULL)
			return app_fail(err, APP_EXIT_RUN, "node %d gives no %d bytes: %s",
				ex->nodes[i], BUFFER_BYTES, rte_strerror(rte_errno));
		memset(buffer, (int)i, BUFFER_BYTES);
		printf("  Node %d: allocated %d bytes, %" PRIu64 " remaining\n", ex->nodes[i],
			BUFFER_BYTES, tide_arena_remaining(ex->arena, ex->nodes[i]));
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

/* Nobody uses the arena now: all of it can be taken back at once. It would be refused otherwise. */
int
step_reset(struct example *ex, struct app_error *err)
{
	struct tide_arena_late active = {.name = ""};

	printf("Resetting pools for reuse...\n");
	if (tide_arena_reset(ex->arena, &active) != 0)
		return app_fail(
			err, APP_EXIT_RUN, "no reset: reader \"%s\" is active", active.name);
	for (unsigned int i = 0; i < ex->nb_nodes; i++)
		printf("  Node %d: %" PRIu64 " bytes available\n", ex->nodes[i],
			tide_arena_remaining(ex->arena, ex->nodes[i]));
	return 0;
}

int
example_fini(struct example *ex, struct app_error *err)
{
	int ret = 0;

	tide_shard_free(ex->operations);
	/* Refused while readers are registered, so that nobody loses memory he reads. */
	if (tide_arena_free(ex->arena) != 0)
		ret = app_fail(err, APP_EXIT_RUN, "the pools cannot be freed: they have readers");
	tide_topology_free(ex->topo);
	return ret;
}
